/** Showing a message under one more uid: what COPY, MOVE and undelete have in common. The blob is shared. */
import type { Item } from '../../ports/table.ts';
import type { Draft } from '../draft.ts';
import type { Flags } from '../flags.ts';
import { numberOf } from '../attributes.ts';
import { indexBodyOf, indexItem, internalDateSecondsOf, messageIdOf } from '../index-record.ts';
import { indexKey, messageKey } from '../keys.ts';
import { maxPlaces } from '../limits.ts';
import { messageItem, parseMessageItem, unchangedMessage, withPlace } from '../message-item.ts';
import type { CopiedUid, OverQuota, TooMany, TooManyKeywords } from '../outcome.ts';
import type { MailboxId, Uid } from '../types.ts';
import { admitKeywords } from './keywords.ts';
import { addRecords } from './records.ts';

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
  const copied: CopiedUid[] = [];
  const missing: Uid[] = [];
  for (const { uid, flags } of shown) {
    const found = await findShared(draft, { mailbox: from, uid });
    if (found === undefined) {
      missing.push(uid);
      continue;
    }
    if (found.message.places.length >= maxPlaces) return { kind: 'tooMany' };
    const spelled = { system: flags.system, keywords: flags.keywords.map(admitted.spell) };
    copied.push({ from: uid, to: await place(draft, { to, found, flags: spelled }) });
  }
  return { kind: 'shown', copied, missing };
}

async function findShared(draft: Draft, at: { readonly mailbox: MailboxId; readonly uid: Uid }) {
  const index = await draft.get(indexKey(at.mailbox, at.uid));
  if (index === undefined) return undefined;
  const item = await draft.get(messageKey(draft.account, messageIdOf(index)));
  return item === undefined ? undefined : { index, message: parseMessageItem(item) };
}

async function place(
  draft: Draft,
  options: {
    readonly to: MailboxId;
    readonly found: { readonly index: Item; readonly message: ReturnType<typeof parseMessageItem> };
    readonly flags: Flags;
  },
): Promise<Uid> {
  const { to, found, flags } = options;
  const size = numberOf(found.index, 'size');
  const internalDateSeconds = internalDateSecondsOf(found.index);
  const [uid] = await addRecords(draft, { mailbox: to, records: [{ ...flags, size, internalDateSeconds }] });
  if (uid === undefined) throw new Error('a record was added without a uid');
  draft.put(indexItem(to, { uid, body: indexBodyOf(found.index) }));
  const shown = withPlace(found.message, { mailbox: to, uid });
  draft.put(messageItem(draft.account, shown), { condition: unchangedMessage(found.message) });
  return uid;
}
