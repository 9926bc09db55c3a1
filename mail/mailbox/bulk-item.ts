/**
 * `bulk#<token>`: what a COPY or MULTIAPPEND of several commits has added so far, so that all of it can be taken out
 * again. Its first part puts it, each part brings it up to date, its last deletes it.
 */
import type { Item } from '../ports/table.ts';
import { isoOf, stringOf, stringsOf, timeOf } from './attributes.ts';
import { bulkKey, bulkPrefix } from './keys.ts';
import { parseMailboxId, parseUid, sound } from './types.ts';
import type { AccountId, MailboxId, Uid } from './types.ts';

export interface BulkItem {
  readonly token: string;
  /** Where messages are added. */
  readonly mailbox: MailboxId;
  /** The last part's time: `bulkStaleMs` later its writer is dead. */
  readonly atMs: number;
  /** First and last uid of each run. */
  readonly added: readonly UidRun[];
}

/** Successive uids, both ends included. */
export interface UidRun {
  readonly first: Uid;
  readonly last: Uid;
}

export function bulkItem(account: AccountId, bulk: BulkItem): Item {
  return {
    ...bulkKey(account, bulk.token),
    mailbox: bulk.mailbox,
    at: isoOf(bulk.atMs),
    added: bulk.added.map(({ first, last }) => `${first}:${last}`),
  };
}

export function parseBulkItem(item: Item): BulkItem {
  return {
    token: item.sk.slice(bulkPrefix.length),
    mailbox: sound(parseMailboxId(stringOf(item, 'mailbox')), 'mailbox id'),
    atMs: timeOf(item, 'at', 'atMs'),
    added: stringsOf(item, 'added').map(parseRun),
  };
}

function parseRun(text: string): UidRun {
  const [first, last] = text.split(':').map((end) => sound(parseUid(Number(end)), 'uid'));
  return { first: sound(first, 'uid'), last: sound(last, 'uid') };
}

/** The runs with more uids, which rise and lie above those before. */
export function withUids(runs: readonly UidRun[], uids: readonly Uid[]): readonly UidRun[] {
  const all = [...runs];
  for (const uid of uids) {
    const last = all.at(-1);
    if (last !== undefined && last.last + 1 === uid) all[all.length - 1] = { first: last.first, last: uid };
    else all.push({ first: uid, last: uid });
  }
  return all;
}

/** The last uids of the runs, at most `max` of them, and the runs without them. */
export function takeLast(
  runs: readonly UidRun[],
  max: number,
): { readonly uids: readonly Uid[]; readonly left: readonly UidRun[] } {
  const left = [...runs];
  const uids: Uid[] = [];
  while (uids.length < max) {
    const run = left.pop();
    if (run === undefined) break;
    const from = Math.max(run.first, run.last - (max - uids.length) + 1);
    for (let uid = from; uid <= run.last; uid++) uids.push(sound(parseUid(uid), 'uid'));
    const before = parseUid(from - 1);
    if (before !== undefined && before >= run.first) left.push({ first: run.first, last: before });
  }
  return { uids, left };
}
