/**
 * `message#<message id>`: a message's blob, and the places that show it. It is put once, on condition that
 * it is not there: so a message is delivered once. Later writers (COPY, MOVE, undelete, Feed, the sweep) change it by
 * compare and set on `version`.
 */
import type { Condition, Item } from '../ports/table.ts';
import { isoOf, numberOf, optionalTimeOf, stringOf, stringsOf } from './attributes.ts';
import { messageKey, messagePrefix } from './keys.ts';
import { parseMailboxId, parseMessageId, parseUid, sound } from './types.ts';
import type { AccountId, MailboxId, MessageId, Uid } from './types.ts';

/** Where a message is or was shown. */
export interface Place {
  readonly mailbox: MailboxId;
  readonly uid: Uid;
}

export interface MessageItem {
  readonly messageId: MessageId;
  readonly blobKey: string;
  /** Expunged places stay until Feed takes them out. */
  readonly places: readonly Place[];
  /** Rises by one with each write. */
  readonly version: number;
  /** When the sweep may delete it: set when the last place goes, cleared when one comes. */
  readonly expiresAtMs: number | undefined;
}

export function messageItem(account: AccountId, message: MessageItem): Item {
  return {
    ...messageKey(account, message.messageId),
    blobKey: message.blobKey,
    places: message.places.map(({ mailbox, uid }) => `${mailbox}/${uid}`),
    version: message.version,
    ...(message.expiresAtMs === undefined ? {} : { keptUntil: isoOf(message.expiresAtMs) }),
  };
}

export function parseMessageItem(item: Item): MessageItem {
  return {
    messageId: sound(parseMessageId(item.sk.slice(messagePrefix.length)), 'message id'),
    blobKey: stringOf(item, 'blobKey'),
    places: stringsOf(item, 'places').map(parsePlace),
    version: numberOf(item, 'version'),
    expiresAtMs: optionalTimeOf(item, 'keptUntil', 'expiresAtMs'),
  };
}

function parsePlace(text: string): Place {
  const [mailbox = '', uid = ''] = text.split('/');
  return {
    mailbox: sound(parseMailboxId(mailbox), 'mailbox id'),
    uid: sound(parseUid(Number(uid)), 'uid'),
  };
}

/** That nobody has written it since it was read. */
export function unchangedMessage(message: MessageItem): Condition {
  return { kind: 'equals', attribute: 'version', value: message.version };
}

/** The message with one place more, to be kept for as long as there is one. */
export function withPlace(message: MessageItem, place: Place): MessageItem {
  return {
    ...message,
    places: [...message.places, place],
    version: message.version + 1,
    expiresAtMs: undefined,
  };
}

/** The message without these places; the same object where none of them was there. */
export function withoutPlaces(message: MessageItem, gone: readonly Place[]): MessageItem {
  const names = new Set(gone.map(({ mailbox, uid }) => `${mailbox}/${uid}`));
  const places = message.places.filter(({ mailbox, uid }) => !names.has(`${mailbox}/${uid}`));
  if (places.length === message.places.length) return message;
  return { ...message, places, version: message.version + 1 };
}
