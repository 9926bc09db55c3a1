/** Showing a message under one more uid: what COPY, MOVE and undelete have in common. The blob is shared. */
import type { Item, Key } from '../../ports/table.ts';
import type { Draft } from '../draft.ts';
import type { Flags } from '../flags.ts';
import { numberOf } from '../attributes.ts';
import { indexBodyOf, indexItem, internalDateSecondsOf, messageIdOf } from '../index-record.ts';
import { indexKey, messageKey } from '../keys.ts';
import { maxPlaces } from '../limits.ts';
import { messageItem, parseMessageItem, unchangedMessage, withPlace } from '../message-item.ts';
import type { CopiedUid, OverQuota, TooMany, TooManyKeywords } from '../outcome.ts';
import { sound, type MailboxId, type Uid } from '../types.ts';
import { admitKeywords } from './keywords.ts';
import { addRecords, type IncomingRecord } from './records.ts';

/** A message to show: where its index is, and the flags it brings. */
export interface Shown {
  readonly uid: Uid;
  readonly flags: Flags;
}

/** Reads, all at once, the indexes under these uids and then their `message#` items. */
export async function prefetchMessages(
  draft: Draft,
  options: { readonly mailbox: MailboxId; readonly uids: readonly Uid[] },
): Promise<void> {
  await draft.prefetch(options.uids.map((uid) => indexKey(options.mailbox, uid)));
  const items = await Promise.all(options.uids.map((uid) => draft.get(indexKey(options.mailbox, uid))));
  await draft.prefetch(
    items.flatMap((item) => (item === undefined ? [] : [messageKey(draft.account, messageIdOf(item))])),
  );
}

/**
 * Adds the messages to `to`, which is there, in their order. Where an index or its `message#` is gone (the sweep was
 * first) the uid is `missing`. INTERNALDATE stays, SAVEDATE is now.
 */
export async function showAgain(
  draft: Draft,
  options: { readonly from: MailboxId; readonly to: MailboxId; readonly shown: readonly Shown[] },
): Promise<
  | { readonly kind: 'shown'; readonly copied: readonly CopiedUid[]; readonly missing: readonly Uid[] }
  | OverQuota
  | TooMany
  | TooManyKeywords
> {
  const { from, to, shown } = options;
  const keywords = [...new Set(shown.flatMap(({ flags }) => flags.keywords))];
  const admitted = await admitKeywords(draft, { mailbox: to, keywords });
  if (admitted.kind === 'badKeyword') throw new Error('a stored keyword is no keyword');
  if (admitted.kind !== 'admitted') return admitted;
  const there: Found[] = [];
  const missing: Uid[] = [];
  for (const { uid, flags } of shown) {
    const index = await draft.get(indexKey(from, uid));
    const key = index && messageKey(draft.account, messageIdOf(index));
    if (index === undefined || key === undefined || (await draft.get(key)) === undefined) missing.push(uid);
    else there.push({ uid, index, key, flags: { ...flags, keywords: flags.keywords.map(admitted.spell) } });
  }
  const uids = await addRecords(draft, { mailbox: to, records: there.map(recordOf) });
  const copied: CopiedUid[] = [];
  for (const [at, found] of there.entries()) {
    const uid = sound(uids[at], 'uid');
    // As this draft leaves it: two of the uids may show the same message.
    const message = parseMessageItem(sound(await draft.get(found.key), 'message'));
    if (message.places.length >= maxPlaces) return { kind: 'tooMany' };
    draft.put(indexItem(to, { uid, body: indexBodyOf(found.index) }));
    const more = withPlace(message, { mailbox: to, uid });
    draft.put(messageItem(draft.account, more), { condition: unchangedMessage(message) });
    copied.push({ from: found.uid, to: uid });
  }
  return { kind: 'shown', copied, missing };
}

/** A message that is there to be shown. */
interface Found extends Shown {
  readonly index: Item;
  /** Of its `message#`. */
  readonly key: Key;
}

function recordOf({ index, flags }: Found): IncomingRecord {
  return { ...flags, size: numberOf(index, 'size'), internalDateSeconds: internalDateSecondsOf(index) };
}
