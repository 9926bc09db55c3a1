/** Failures counted in this process, merged into the table by compare and set with those of the others. */
import type { Clock } from '../ports/clock.ts';
import { queryAll, type Table } from '../ports/table.ts';
import {
  parseThrottleItem,
  remembered,
  throttleItem,
  throttleKey,
  throttlePartition,
  type Failures,
} from './throttle-item.ts';
import type { Subject } from './throttle-rules.ts';

/** How often one subject's count is merged anew because another process was first. */
const maxRedos = 8;

/** The failures of each subject, as the table holds them now. */
export async function readFailures(
  ports: { readonly table: Table; readonly clock: Clock },
  subjects: readonly Subject[],
): Promise<readonly Failures[]> {
  const items = await ports.table.getMany(subjects.map(throttleKey));
  return items.map((item) => remembered(item && parseThrottleItem(item), ports.clock.now()));
}

/**
 * Adds failures to what the table holds. False: it stays open whether they were added, or others were always first;
 * the caller keeps them and comes again. (Counted twice at worst: an attempt too many is slowed down, never too few.)
 */
export async function addFailures(
  ports: { readonly table: Table; readonly clock: Clock },
  subject: Subject,
  added: Failures,
): Promise<boolean> {
  for (let redo = 0; redo < maxRedos; redo++) {
    const item = await ports.table.get(throttleKey(subject));
    const before = item && parseThrottleItem(item);
    const known = remembered(before, ports.clock.now());
    const after = {
      count: known.count + added.count,
      lastAtMs: Math.max(known.lastAtMs, added.lastAtMs),
      revision: (before?.revision ?? 0) + 1,
    };
    const outcome = await ports.table.commit(
      [
        {
          kind: 'put',
          item: throttleItem(subject, after),
          condition:
            before === undefined
              ? { kind: 'absent' }
              : { kind: 'equals', attribute: 'revision', value: before.revision },
        },
      ],
      { until: 'visible' },
    );
    if (outcome.kind === 'committed') return true;
    if (outcome.kind === 'unknown' || outcome.kind === 'throttled') return false;
  }
  return false;
}

/** Deletes what is forgotten anyway; for the sweep on one machine (on AWS, the table's TTL does it). The number deleted. */
export async function sweepThrottles(ports: {
  readonly table: Table;
  readonly clock: Clock;
}): Promise<number> {
  let deleted = 0;
  for (const kind of ['address', 'account'] as const)
    for await (const item of queryAll(ports.table, { pk: throttlePartition(kind) })) {
      const { revision, ...failures } = parseThrottleItem(item);
      if (remembered(failures, ports.clock.now()).count > 0) continue;
      const outcome = await ports.table.commit(
        [
          {
            kind: 'delete',
            key: item,
            condition: { kind: 'equals', attribute: 'revision', value: revision },
          },
        ],
        { until: 'visible' },
      );
      if (outcome.kind === 'committed') deleted += 1;
    }
  return deleted;
}
