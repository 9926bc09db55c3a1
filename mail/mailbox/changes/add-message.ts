/** Putting a new message into a mailbox: what APPEND and delivery have in common. */
import type { Blobs } from '../../ports/blobs.ts';
import type { Draft } from '../draft.ts';
import { noFlags, sortedKeywords } from '../flags.ts';
import type { Flags } from '../flags.ts';
import { indexItem, prepareIndex } from '../index-record.ts';
import type { IndexBody } from '../index-record.ts';
import { messageKey } from '../keys.ts';
import type { NewMessage } from '../mail-store.ts';
import { messageItem } from '../message-item.ts';
import type { BadKeyword, OverQuota, TooManyKeywords } from '../outcome.ts';
import type { MailboxId, MessageId, Uid } from '../types.ts';
import { admitKeywords } from './keywords.ts';
import { addRecords, quotaAllows } from './records.ts';

/** A message ready for any number of plans: its side object, where it needs one, is written. */
export interface PreparedMessage {
  readonly messageId: MessageId;
  readonly blobKey: string;
  readonly size: number;
  readonly internalDateSeconds: number;
  readonly flags: Flags;
  readonly body: IndexBody;
}

/** Before the commit: nothing is planned yet, and the blob's index is durable where it is large. */
export async function prepareMessage(blobs: Blobs, message: NewMessage): Promise<PreparedMessage> {
  const { messageId, blobKey, size, internalDateSeconds } = message.index;
  const body = await prepareIndex(blobs, message.index);
  const flags = message.flags ?? noFlags;
  return { messageId, blobKey, size, internalDateSeconds, flags, body };
}

/**
 * Adds it to a mailbox that is there. `whenDuplicate` is told when the commit finds its `message#`: it was added
 * before, and is to be left out when the change is planned anew; `duplicate` where this same commit adds it.
 */
export async function planMessage(
  draft: Draft,
  options: {
    readonly mailbox: MailboxId;
    readonly message: PreparedMessage;
    readonly whenDuplicate: () => void;
  },
): Promise<
  | { readonly kind: 'added'; readonly uid: Uid }
  | { readonly kind: 'duplicate' }
  | OverQuota
  | TooManyKeywords
  | BadKeyword
> {
  const { mailbox, message, whenDuplicate } = options;
  const key = messageKey(draft.account, message.messageId);
  if (draft.pending(key) !== undefined) return { kind: 'duplicate' };
  // What was delivered already must not be refused for want of room: its sender would be told that it failed.
  if (!quotaAllows(draft, message.size))
    return { kind: (await draft.get(key)) === undefined ? 'overQuota' : 'duplicate' };
  const admitted = await admitKeywords(draft, { mailbox, keywords: message.flags.keywords });
  if (admitted.kind !== 'admitted') return admitted;
  const keywords = sortedKeywords(message.flags.keywords.map(admitted.spell));
  const { size, internalDateSeconds } = message;
  const record = { system: message.flags.system, keywords, size, internalDateSeconds };
  const [uid] = await addRecords(draft, { mailbox, records: [record] });
  if (uid === undefined) throw new Error('a record was added without a uid');
  draft.put(indexItem(mailbox, { uid, body: message.body }));
  const { messageId, blobKey } = message;
  const places = [{ mailbox, uid }];
  const item = messageItem(draft.account, {
    messageId,
    blobKey,
    places,
    version: 1,
    expiresAtMs: undefined,
  });
  draft.put(item, { condition: { kind: 'absent' }, whenFailed: whenDuplicate });
  return { kind: 'added', uid };
}
