/** Going through the days: every entry that is due is worked on, and goes, moves, or stays for the next run. */
import type { Item, Write } from '../../ports/table.ts';
import { timeOf } from '../attributes.ts';
import { compareAndSet, writeAlone } from '../compare-and-set.ts';
import { parseExpireItem, withDueTime } from '../expire-entry.ts';
import type { ExpireEntry } from '../expire-entry.ts';
import { inParallel } from '../in-parallel.ts';
import { dayOf, expirePartition, expireShards, sweepCursorKey } from '../keys.ts';
import { dayMs } from '../retention.ts';
import { drainMailbox } from './drain-mailbox.ts';
import type { EntryEnd } from './entry-end.ts';
import { expirePlace } from './expire-place.ts';
import { purgeAccount } from './purge-account.ts';
import type { SweepRun } from './sweep-run.ts';
import { trimLog } from './trim-log.ts';
import { undoStaleBulk } from './undo-stale-bulk.ts';

/** How far back the first run of a store looks. */
const firstLookBackDays = 400;
/** The last days are always looked at: a writer's clock may be a little behind, and an answer may have been late. */
const daysAlwaysLookedAt = 3;
const entriesAtOnce = 16;
const entriesInAPage = 500;
const cursorKey = sweepCursorKey('days');

/** Works on all that is due, the oldest first, as far as the run's steps reach. */
export async function sweepDueEntries(run: SweepRun): Promise<void> {
  const { table } = run.ports;
  const today = Math.floor(run.nowMs / dayMs);
  const cursor = await table.get(cursorKey);
  const before = cursor === undefined ? undefined : cursorDay(cursor);
  const from = before ?? today - firstLookBackDays;
  let clean = Math.min(from, today);
  for (let day = clean; day <= today; day++) {
    const left = await sweepDay(run, dayOf(day * dayMs));
    if (clean === day && left === 0) clean++;
    if (run.over) break;
  }
  const fromDay = Math.min(clean, today - daysAlwaysLookedAt + 1);
  if (before === fromDay) return;
  const item = { ...cursorKey, fromDay: dayOf(fromDay * dayMs) };
  await compareAndSet(run.ports, async () => [{ kind: 'put', item }]);
}

/** As days since 1970, which older cursors have. */
function cursorDay(cursor: Item): number {
  if (typeof cursor['fromDay'] === 'number') return cursor['fromDay'];
  return Math.floor(timeOf(cursor, 'fromDay') / dayMs);
}

/** How many entries of the day are left. */
async function sweepDay(run: SweepRun, day: string): Promise<number> {
  const shards = Array.from({ length: expireShards }, (_, shard) => shard);
  let left = 0;
  await inParallel(shards, expireShards, async (shard) => {
    left += await sweepPartition(run, expirePartition(day, shard));
  });
  return left;
}

async function sweepPartition(run: SweepRun, pk: string): Promise<number> {
  let left = 0;
  let after: string | undefined;
  do {
    if (run.over) return left + 1;
    const page = await run.ports.table.query({
      pk,
      limit: entriesInAPage,
      ...(after === undefined ? {} : { after }),
    });
    await inParallel(page.items, entriesAtOnce, async (item) => {
      if (!(await sweepEntry(run, item))) left++;
    });
    after = page.next;
  } while (after !== undefined);
  return left;
}

/** Whether the entry is gone from its day. */
async function sweepEntry(run: SweepRun, item: Item): Promise<boolean> {
  try {
    const entry = parseExpireItem(item);
    if (entry.dueAtMs > run.nowMs || !run.takeStep()) return false;
    return await settle(run, item, await work(run, entry));
  } catch (fault) {
    run.fail(fault, { partition: item.pk, entry: item.sk });
    return await tryAgainTomorrow(run, item);
  }
}

/** So that it stands in nobody's way; where even that fails, it stays where it is. */
async function tryAgainTomorrow(run: SweepRun, item: Item): Promise<boolean> {
  try {
    return await move(run, item, run.nowMs + dayMs);
  } catch (fault) {
    run.ports.log.error('sweep.entryNotMoved', fault, { partition: item.pk, entry: item.sk });
    return false;
  }
}

async function work(run: SweepRun, entry: ExpireEntry): Promise<EntryEnd> {
  const { account, subject } = entry;
  switch (subject.kind) {
    case 'place':
      return expirePlace(run, entry, subject);
    case 'mailbox':
      return drainMailbox(run, { account, mailbox: subject.mailbox });
    case 'account':
      return purgeAccount(run, account);
    case 'bulk':
      return undoStaleBulk(run, { account, token: subject.token });
    case 'log':
      return trimLog(run, { account, upTo: subject.upTo });
    default:
      return subject satisfies never;
  }
}

async function settle(run: SweepRun, item: Item, end: EntryEnd): Promise<boolean> {
  const { pk, sk } = item;
  switch (end.kind) {
    case 'done':
      // One after the other costs half of what they cost together; the entry stays until the rest is done.
      for (const write of end.writes) await writeAlone(run.ports, write);
      await writeAlone(run.ports, { kind: 'delete', key: { pk, sk } });
      return true;
    case 'postponed':
      run.add('postponed');
      return move(run, item, end.dueAtMs);
    case 'more':
      return false;
    default:
      return end satisfies never;
  }
}

/** As it stands in the table: what another step of the work wrote into it meanwhile stays. False: to the same day. */
async function move(run: SweepRun, { pk, sk }: Item, dueAtMs: number): Promise<boolean> {
  const { pk: there } = withDueTime({ pk, sk }, dueAtMs);
  await compareAndSet(run.ports, async (): Promise<readonly Write[]> => {
    const now = await run.ports.table.get({ pk, sk });
    if (now === undefined) return [];
    const moved: Write = { kind: 'put', item: withDueTime(now, dueAtMs) };
    return there === pk ? [moved] : [moved, { kind: 'delete', key: { pk, sk } }];
  });
  return there !== pk;
}
