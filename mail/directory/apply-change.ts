/** A change of the directory: read, decide, write on condition that what was read still stands; else all over. */
import { randomUUID } from 'node:crypto';
import { firstPauseMs, largestPauseMs } from '../mailbox/limits.ts';
import { randomFraction } from '../mailbox/types.ts';
import type { Condition, Write } from '../ports/table.ts';
import type { DirectoryPorts } from './directory-ports.ts';
import type { Refused } from './refused.ts';

const maxAttempts = 30;

/** The transaction, and what it gives once it took place. Without writes there is nothing to do. */
export interface Planned<Result> {
  readonly kind: 'planned';
  readonly writes: readonly Write[];
  readonly result: Result;
}

export function planned<Result>(writes: readonly Write[], result: Result): Planned<Result> {
  return { kind: 'planned', writes, result };
}

/** The condition on an item that was read with this revision. */
export function unchangedSince({ revision }: { readonly revision: number }): Condition {
  return { kind: 'equals', attribute: 'revision', value: revision };
}

/**
 * `plan` is called anew when another was first, so it must only read. Durable when it resolves; rejects with
 * `ChangeFailed` when it could not be done, or nobody can tell whether it was.
 */
export async function applyChange<Result>(
  ports: Pick<DirectoryPorts, 'table' | 'clock' | 'random'>,
  plan: () => Promise<Planned<Result> | Refused>,
): Promise<Result | Refused> {
  let change = await plan();
  let token = randomUUID();
  for (let attempt = 0; attempt < maxAttempts; attempt++) {
    if (change.kind === 'refused') return change;
    if (change.writes.length === 0) return change.result;
    const outcome = await ports.table.commit(change.writes, { token });
    switch (outcome.kind) {
      case 'committed':
        return change.result;
      case 'conditionFailed':
        change = await plan();
        token = randomUUID();
        break;
      case 'conflict':
      case 'throttled':
      case 'unknown':
        // The same again, under the same token: it counts once.
        break;
      default:
        return outcome satisfies never;
    }
    const longest = Math.min(largestPauseMs, firstPauseMs * 2 ** attempt);
    await ports.clock.sleep(Math.ceil(longest * randomFraction(ports.random)));
  }
  throw new ChangeFailed();
}

/** The store was too busy or did not answer: try again. */
export class ChangeFailed extends Error {
  constructor() {
    super(`a change of the directory could not be made in ${maxAttempts} attempts`);
    this.name = 'ChangeFailed';
  }
}
