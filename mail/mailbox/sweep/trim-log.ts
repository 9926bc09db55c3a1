/**
 * Cutting an account's log: first `logFrom` is raised in a commit, then what lies below it is deleted. Never past what
 * Feed has done, never what was put aside, never the newest `keptCommits`, nothing younger than `minLogAgeMs`.
 */
import { raiseLogFromChange } from '../changes/account-changes.ts';
import { readClock } from '../draft.ts';
import { firstAside } from '../feed/aside.ts';
import { accountPartition, logPrefix, logSortKey } from '../keys.ts';
import { keptCommits, minLogAgeMs } from '../limits.ts';
import { parseLogItem } from '../log-record.ts';
import { parseRev, sound } from '../types.ts';
import type { AccountId, Rev } from '../types.ts';
import { deleteRange } from './delete-range.ts';
import { done as entryDone } from './entry-end.ts';
import type { EntryEnd } from './entry-end.ts';
import type { SweepRun } from './sweep-run.ts';

/** `upTo`: the last commit that Feed is sure to have done. */
export async function trimLog(
  run: SweepRun,
  options: { readonly account: AccountId; readonly upTo: Rev },
): Promise<EntryEnd> {
  const { account, upTo } = options;
  const { table, mail } = run.ports;
  const clock = await readClock(table, account);
  if (clock === undefined) return entryDone;
  const done = Math.min(upTo + 1, (await firstAside(table, account)) ?? Infinity);
  const allowed = Math.min(done, clock.rev - keptCommits + 1);
  const oldEnough = await firstYoung(run, { account, from: clock.logFrom, to: allowed });
  const logFrom = parseRev(oldEnough);
  if (logFrom !== undefined && logFrom > clock.logFrom)
    await mail.submit(account, raiseLogFromChange(logFrom));
  if (!(await deleteBelow(run, { account, done }))) return { kind: 'more' };
  return oldEnough < allowed ? { kind: 'postponed', dueAtMs: run.nowMs + minLogAgeMs } : entryDone;
}

/** Below `logFrom` as it stands now: a new epoch may have raised it past what is done, or old enough. */
async function deleteBelow(
  run: SweepRun,
  options: { readonly account: AccountId; readonly done: number },
): Promise<boolean> {
  const { account, done } = options;
  const clock = await readClock(run.ports.table, account);
  if (clock === undefined) return true;
  const first = sound(parseRev(1), 'rev');
  const end = await firstYoung(run, { account, from: first, to: Math.min(clock.logFrom, done) });
  const to = logSortKey(sound(parseRev(end), 'rev'));
  const range = { pk: accountPartition(account), prefix: logPrefix, to };
  return deleteRange(run, range, { onDeleted: (count) => run.add('logRecords', count) });
}

/**
 * The first rev from `from` on whose record is too young to go, or `to`. Records are in the order of their times, but
 * for the clocks of different writers, which differ by less than is kept.
 */
async function firstYoung(
  run: SweepRun,
  options: { readonly account: AccountId; readonly from: Rev; readonly to: number },
): Promise<number> {
  const { account, from, to } = options;
  const { table } = run.ports;
  const pk = accountPartition(account);
  let low: number = from;
  let high = Math.max(to, from);
  while (low < high) {
    const middle = sound(parseRev(Math.floor((low + high) / 2)), 'rev');
    const next = { pk, prefix: logPrefix, from: logSortKey(middle), limit: 1 };
    const [item] = (await table.query(next)).items;
    const old = item === undefined || parseLogItem(item).atMs <= run.nowMs - minLogAgeMs;
    if (old) low = middle + 1;
    else high = middle;
  }
  return low;
}
