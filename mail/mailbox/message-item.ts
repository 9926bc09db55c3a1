/**
 * `message#<message id>`: a message's blob, the places that show it, and what was seen last of those that it has left.
 * It is put once, on condition that it is not there: so a message is delivered once. Later writers (COPY, MOVE,
 * undelete, Feed, the sweep) change it by compare and set on `version`.
 */
import type { Condition, Item, Value } from '../ports/table.ts';
import { isoOf, listOf, mapOf, numberOf, optionalTimeOf, stringOf, stringsOf, timeOf } from './attributes.ts';
import type { Flags } from './flags.ts';
import { messageKey, messagePrefix } from './keys.ts';
import { parseMailboxId, parseMessageId, parseUid, sound } from './types.ts';
import type { AccountId, MailboxId, MessageId, Uid } from './types.ts';

/** Where a message is or was shown. */
export interface Place {
  readonly mailbox: MailboxId;
  readonly uid: Uid;
}

/** Flags and save date that a message had where it was expunged; undelete reads them. */
export interface LastSeen extends Flags {
  readonly saveDateSeconds: number;
}

/** A place that showed the message, until it may be forgotten. */
export interface LeftPlace {
  readonly place: Place;
  readonly last: LastSeen;
  readonly keptUntilMs: number;
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
  /** Places that Feed took out, the oldest first: at most `maxLeftPlaces`. */
  readonly left?: readonly LeftPlace[];
}

/** So many places that a message has left are told of in it, so that it stays small; more in their indexes. */
export const maxLeftPlaces = 8;

export function messageItem(account: AccountId, message: MessageItem): Item {
  return {
    ...messageKey(account, message.messageId),
    blobKey: message.blobKey,
    places: message.places.map(nameOf),
    version: message.version,
    ...(message.expiresAtMs === undefined ? {} : { keptUntil: isoOf(message.expiresAtMs) }),
    ...(message.left === undefined || message.left.length === 0 ? {} : { left: message.left.map(leftValue) }),
  };
}

export function parseMessageItem(item: Item): MessageItem {
  return {
    messageId: sound(parseMessageId(item.sk.slice(messagePrefix.length)), 'message id'),
    blobKey: stringOf(item, 'blobKey'),
    places: stringsOf(item, 'places').map(parsePlace),
    version: numberOf(item, 'version'),
    expiresAtMs: optionalTimeOf(item, 'keptUntil', 'expiresAtMs'),
    ...(item['left'] === undefined ? {} : { left: listOf(item, 'left').map(parseLeft) }),
  };
}

function leftValue({ place, last, keptUntilMs }: LeftPlace): Value {
  const { system, keywords, saveDateSeconds } = last;
  return {
    place: nameOf(place),
    system,
    ...(keywords.length === 0 ? {} : { keywords }),
    saveDate: isoOf(saveDateSeconds * 1000),
    keptUntil: isoOf(keptUntilMs),
  };
}

function parseLeft(value: Value): LeftPlace {
  const map = mapOf(value, 'place that was left');
  return {
    place: parsePlace(stringOf(map, 'place')),
    last: {
      system: numberOf(map, 'system'),
      keywords: map['keywords'] === undefined ? [] : stringsOf(map, 'keywords'),
      saveDateSeconds: Math.floor(timeOf(map, 'saveDate') / 1000),
    },
    keptUntilMs: timeOf(map, 'keptUntil'),
  };
}

function nameOf({ mailbox, uid }: Place): string {
  return `${mailbox}/${uid}`;
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
  const names = new Set(gone.map(nameOf));
  const places = message.places.filter((place) => !names.has(nameOf(place)));
  if (places.length === message.places.length) return message;
  return { ...message, places, version: message.version + 1 };
}

/** What it says of a place that it has left, or undefined. */
export function lastSeenAt({ left = [] }: MessageItem, place: Place): LastSeen | undefined {
  return left.find((each) => nameOf(each.place) === nameOf(place))?.last;
}
