/**
 * Sending a commit until it is known how it ended. A lost answer is found by the writer's token in the log record:
 * mine, it was done; another's, it never will be; none, the same is sent again byte for byte under the same token.
 */
import type { Clock } from '../ports/clock.ts';
import type { CommitOptions, Table, Write } from '../ports/table.ts';
import { readClock } from './draft.ts';
import { firstPauseMs, largestPauseMs, maxResends } from './limits.ts';
import { parseLogItem } from './log-record.ts';
import { logKey } from './keys.ts';
import { randomFraction } from './types.ts';
import type { AccountId, RandomBytes, Rev } from './types.ts';

/** A transaction of one account; `writes[0]` is the clock on condition of `before`. */
export interface Commit {
  readonly account: AccountId;
  readonly before: Rev;
  readonly rev: Rev;
  readonly token: string;
  readonly writes: readonly Write[];
  readonly until: NonNullable<CommitOptions['until']>;
}

/**
 * - `overtaken`: another writer was first; this will never take place, plan anew.
 * - `conditionFailed`: the clock stood, but other conditions did not hold.
 */
export type CommitEnd =
  | { readonly kind: 'committed' }
  | { readonly kind: 'overtaken' }
  | { readonly kind: 'conditionFailed'; readonly failed: readonly number[] };

/** It could not be done in all the attempts allowed, or nobody can tell whether it was. */
export class CommitFailed extends Error {
  constructor(account: AccountId, why: string) {
    super(`a change of account ${account} could not be committed: ${why}`);
    this.name = 'CommitFailed';
  }
}

/** What sending needs. */
export interface CommitPorts {
  readonly table: Table;
  readonly clock: Clock;
  readonly random: RandomBytes;
}

/** Sends it until its end is known; `CommitFailed` after `maxResends`. */
export async function sendCommit(ports: CommitPorts, commit: Commit): Promise<CommitEnd> {
  const { writes, token, until } = commit;
  let last = '';
  for (let attempt = 0; attempt < maxResends; attempt++) {
    const outcome = await ports.table.commit(writes, { token, until });
    last = outcome.kind;
    switch (outcome.kind) {
      case 'committed':
        return outcome;
      case 'conditionFailed': {
        if (!outcome.failed.includes(0)) return outcome;
        const end = await lookForToken(ports.table, commit);
        if (end !== undefined) return end;
        if ((await readClock(ports.table, commit.account))?.rev !== commit.before)
          return { kind: 'overtaken' };
        break;
      }
      case 'unknown': {
        const end = await lookForToken(ports.table, commit);
        if (end !== undefined) return end;
        break;
      }
      case 'conflict':
      case 'throttled':
        break;
      default:
        return outcome satisfies never;
    }
    await pause(ports, attempt);
  }
  throw new CommitFailed(commit.account, `${maxResends} attempts ended in "${last}"`);
}

/** Log records stay for an hour at least (`minLogAgeMs`): one that is not there now was not written. */
async function lookForToken(table: Table, commit: Commit): Promise<CommitEnd | undefined> {
  const item = await table.get(logKey(commit.account, commit.rev), { consistent: true });
  if (item === undefined) return undefined;
  return { kind: parseLogItem(item).token === commit.token ? 'committed' : 'overtaken' };
}

/** Waits between attempts: doubling, with full jitter. */
export function pause(ports: Pick<CommitPorts, 'clock' | 'random'>, attempt: number): Promise<void> {
  const longest = Math.min(largestPauseMs, firstPauseMs * 2 ** attempt);
  return ports.clock.sleep(Math.ceil(longest * randomFraction(ports.random)));
}
