/**
 * The entries under `expire#<day>#<shard>`, by which the sweep finds its work without a look at any account:
 * - `place`: a message left a place; the index there may go, and with it the message, if no place shows it by then;
 * - `mailbox`: a folder was deleted; its places are to be taken out, block by block;
 * - `account`: an account was removed;
 * - `bulk`: a cut COPY or MULTIAPPEND began; if its writer died, it is to be undone;
 * - `log`: an account's log has grown, and Feed has done all of it up to `upTo`.
 */
import type { Item } from '../ports/table.ts';
import { isoOf, numberOf, optionalStringOf, optionalTimeOf } from './attributes.ts';
import { dayOf, expireKey, expirePartition, parseExpireShard, parseExpireSortKey } from './keys.ts';
import type { Place } from './message-item.ts';
import { DamagedItem, parseMailboxId, parseMessageId, parseRev, parseUid, sound } from './types.ts';
import type { AccountId, MailboxId, MessageId, Rev } from './types.ts';

/** What is to be done. */
export type ExpirySubject =
  | {
      readonly kind: 'place';
      readonly message: MessageId;
      readonly place: Place;
      /** The message is deleted, and its blob is still to go: entries of before say so. */
      readonly blobKey?: string;
    }
  | { readonly kind: 'mailbox'; readonly mailbox: MailboxId }
  | { readonly kind: 'account' }
  | { readonly kind: 'bulk'; readonly token: string }
  | { readonly kind: 'log'; readonly upTo: Rev };

/** A subject with its account and its time: it stands under that time's day, and is left alone before. */
export interface ExpireEntry {
  readonly account: AccountId;
  readonly dueAtMs: number;
  readonly subject: ExpirySubject;
}

export function expireItem({ account, dueAtMs, subject }: ExpireEntry): Item {
  return {
    ...expireKey({ day: dayOf(dueAtMs), account, subject: nameOf(subject) }),
    dueAt: isoOf(dueAtMs),
    ...attributesOf(subject),
  };
}

/** The entry as it stands, of another time, in the same shard of that time's day. */
export function withDueTime(item: Item, dueAtMs: number): Item {
  const { dueAtMs: _before, ...rest } = item;
  const pk = expirePartition(dayOf(dueAtMs), parseExpireShard(item.pk));
  return { ...rest, pk, sk: item.sk, dueAt: isoOf(dueAtMs) };
}

function nameOf(subject: ExpirySubject): string {
  switch (subject.kind) {
    case 'place':
      return `message#${subject.message}#${subject.place.mailbox}#${subject.place.uid}`;
    case 'mailbox':
      return `mailbox#${subject.mailbox}`;
    case 'bulk':
      return `bulk#${subject.token}`;
    case 'account':
    case 'log':
      return subject.kind;
    default:
      return subject satisfies never;
  }
}

function attributesOf(subject: ExpirySubject): { readonly [name: string]: string | number } {
  if (subject.kind === 'log') return { upTo: subject.upTo };
  return subject.kind === 'place' && subject.blobKey !== undefined ? { blobKey: subject.blobKey } : {};
}

/** Reads it; throws `DamagedItem`. One that does not say when it is due is due at once. */
export function parseExpireItem(item: Item): ExpireEntry {
  const { account, subject } = sound(parseExpireSortKey(item.sk), 'expire entry');
  return {
    account,
    dueAtMs: optionalTimeOf(item, 'dueAt', 'dueAtMs') ?? 0,
    subject: parseSubject(subject, item),
  };
}

function parseSubject(subject: string, item: Item): ExpirySubject {
  const [kind = '', id = '', mailbox = '', uid = ''] = subject.split('#');
  switch (kind) {
    case 'message': {
      const blobKey = optionalStringOf(item, 'blobKey');
      const place = {
        mailbox: sound(parseMailboxId(mailbox), 'mailbox id'),
        uid: sound(parseUid(Number(uid)), 'uid'),
      };
      const message = sound(parseMessageId(id), 'message id');
      return { kind: 'place', message, place, ...(blobKey === undefined ? {} : { blobKey }) };
    }
    case 'mailbox':
      return { kind, mailbox: sound(parseMailboxId(id), 'mailbox id') };
    case 'account':
      return { kind };
    case 'bulk':
      return { kind, token: id };
    case 'log':
      return { kind, upTo: sound(parseRev(numberOf(item, 'upTo')), 'rev') };
    default:
      throw new DamagedItem('expire entry');
  }
}
