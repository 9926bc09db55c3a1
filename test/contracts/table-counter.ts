/** A counter in a table, raised by compare and set: every lost or doubled update shows in it. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Table, Write } from '../../mail/ports/table.ts';

const key = { pk: 'counter', sk: 'counter' } as const;

/** Its value; 0 where there is none. */
export async function counterValue(table: Table): Promise<number> {
  return Number((await table.get(key))?.['value'] ?? 0);
}

/** Raises it by one, however often others come first. */
export async function raiseCounter(table: Table): Promise<void> {
  for (;;) {
    const value = await counterValue(table);
    const outcome = await table.commit([raiseFrom(value)], { until: 'visible' });
    if (outcome.kind === 'committed') return;
    if (outcome.kind !== 'conditionFailed') await pause(1 + Math.random() * 5);
  }
}

/** Puts `value + 1` on condition that it is at `value`. */
export function raiseFrom(value: number): Write {
  return {
    kind: 'put',
    item: { ...key, value: value + 1 },
    condition: value === 0 ? { kind: 'absent' } : { kind: 'equals', attribute: 'value', value },
  };
}
