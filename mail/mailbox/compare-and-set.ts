/** Changes outside the account's commits, on condition of what was read: Feed's and the sweep's. */
import type { CommitOptions, Table, Write } from '../ports/table.ts';
import { pause } from './commit.ts';
import type { CommitPorts } from './commit.ts';
import { maxRedos } from './limits.ts';

/** What it takes. */
export type CompareAndSetPorts = Pick<CommitPorts, 'table' | 'clock' | 'random'>;

/** It could not be done in all the attempts allowed. */
export class CompareAndSetFailed extends Error {
  constructor(why: string) {
    super(
      `a change outside the commits did not take place: ${maxRedos} attempts, the last one ended in "${why}"`,
    );
    this.name = 'CompareAndSetFailed';
  }
}

/**
 * Plans and sends until it has taken place, or there is nothing (left) to do: a plan without writes. The plan reads
 * anew each time, so that after a lost answer it finds what it did; its conditions make a late attempt fail.
 */
export async function compareAndSet(
  ports: CompareAndSetPorts,
  plan: () => Promise<readonly Write[]>,
  options: CommitOptions = {},
): Promise<void> {
  let last = '';
  for (let attempt = 0; attempt < maxRedos; attempt++) {
    const writes = await plan();
    if (writes.length === 0) return;
    const outcome = await ports.table.commit(writes, options);
    if (outcome.kind === 'committed') return;
    last = outcome.kind;
    await pause(ports, Math.min(attempt, 6));
  }
  throw new CompareAndSetFailed(last);
}

/**
 * One write by itself: on DynamoDB it costs half of what it does in a transaction. Where its condition does not hold
 * nothing is written, and nothing is wrong. It may be sent twice, so twice must be as once.
 */
export async function writeAlone(
  ports: CompareAndSetPorts,
  write: Write,
  options: CommitOptions = {},
): Promise<void> {
  let last = '';
  for (let attempt = 0; attempt < maxRedos; attempt++) {
    const outcome = await ports.table.commit([write], options);
    if (outcome.kind === 'committed' || outcome.kind === 'conditionFailed') return;
    last = outcome.kind;
    await pause(ports, Math.min(attempt, 6));
  }
  throw new CompareAndSetFailed(last);
}

/** So many writes of one of these changes at most, whatever the table takes: each may be an index of 64 KB. */
export function writesAtOnce({ limits }: Table): number {
  return Math.min(limits.maxWrites, 60);
}
