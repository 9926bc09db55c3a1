/**
 * The counters of a mailbox, all that STATUS needs: `mailbox#<id>` in its account's partition, but for INBOX's, which
 * stand in the account's clock.
 */
import type { Item, Value } from '../ports/table.ts';
import { numberOf, stringsOf } from './attributes.ts';
import { systemFlags } from './flags.ts';
import { mailboxStateKey } from './keys.ts';
import type { MessageRecord } from './message-record.ts';
import { parseRev, parseUid, sound } from './types.ts';
import type { AccountId, MailboxId, ModSeq, Uid } from './types.ts';

export interface MailboxState {
  readonly uidValidity: number;
  readonly uidNext: Uid;
  /** The last commit that touched it; never 0 (RFC 7162 section 3.1.2.1). */
  readonly highestModSeq: ModSeq;
  readonly messages: number;
  /** Without `\Seen`. */
  readonly unseen: number;
  /** With `\Deleted`. */
  readonly deleted: number;
  /** In octets. */
  readonly bytes: number;
  /** The store's epoch when it was last written. */
  readonly epoch: number;
  /** Keywords in use, and some no longer in use; the spelling that holds. */
  readonly keywords: readonly string[];
}

export function mailboxStateItem(
  account: AccountId,
  options: { readonly mailbox: MailboxId; readonly state: MailboxState },
): Item {
  return { ...mailboxStateKey(account, options.mailbox), ...options.state };
}

/** From an item, or from the attributes of a state that stands elsewhere. */
export function parseMailboxState(item: { readonly [attribute: string]: Value }): MailboxState {
  return {
    uidValidity: numberOf(item, 'uidValidity'),
    uidNext: sound(parseUid(numberOf(item, 'uidNext')), 'uid'),
    highestModSeq: sound(parseRev(numberOf(item, 'highestModSeq')), 'modSeq'),
    messages: numberOf(item, 'messages'),
    unseen: numberOf(item, 'unseen'),
    deleted: numberOf(item, 'deleted'),
    bytes: numberOf(item, 'bytes'),
    epoch: numberOf(item, 'epoch'),
    keywords: stringsOf(item, 'keywords'),
  };
}

/** The state of a mailbox without messages. */
export function emptyMailboxState(options: {
  readonly uidValidity: number;
  readonly modSeq: ModSeq;
  readonly epoch: number;
}): MailboxState {
  return {
    uidValidity: options.uidValidity,
    uidNext: sound(parseUid(1), 'uid'),
    highestModSeq: options.modSeq,
    messages: 0,
    unseen: 0,
    deleted: 0,
    bytes: 0,
    epoch: options.epoch,
    keywords: [],
  };
}

/** The counts with one record more (`by` 1) or less (-1). */
export function countRecord(state: MailboxState, record: MessageRecord, by: 1 | -1): MailboxState {
  return {
    ...state,
    messages: state.messages + by,
    unseen: state.unseen + ((record.system & systemFlags.seen) === 0 ? by : 0),
    deleted: state.deleted + ((record.system & systemFlags.deleted) === 0 ? 0 : by),
    bytes: state.bytes + by * record.size,
  };
}
