/**
 * `outbound#<message id>`/`recipient#<address>`: one recipient on another server, from the moment that route decides so
 * until 30 days after its end. Each has one entry in the due index, at its `dueAt`, moved in the same transaction.
 */
import type { BodyType, NotifyKeyword, OriginalRecipient } from '../../routing/envelope.ts';
import { mapOf, numberOf, optionalStringOf, stringOf, stringsOf } from '../../mailbox/attributes.ts';
import { DamagedItem } from '../../mailbox/types.ts';
import type { Said } from '../../ports/next-hop.ts';
import type { Item, Value } from '../../ports/table.ts';
import { outboundKey } from './outbound-keys.ts';

/** What all recipients of a message have in common. */
export interface OutboundMessage {
  readonly messageId: string;
  /** null: a notification, of which nobody is told. */
  readonly reversePath: string | null;
  readonly blobKey: string;
  readonly sizeBytes: number;
  /** Octets of our Return-Path field that the blob begins with: it does not go out. */
  readonly returnPathBytes: number;
  readonly body: BodyType;
  readonly smtpUtf8: boolean;
  readonly ret?: 'FULL' | 'HDRS';
  readonly envid?: string;
  /** When the listener took it; ISO 8601. */
  readonly receivedAt: string;
}

/**
 * - `waiting`: to be sent at `dueAt`, or, while `claimedBy` is there, being sent by somebody whose claim ends then.
 * - `held`: until an admin releases it.
 * - `sent`, `failed`, `removed`: over.
 */
export type OutboundState = 'waiting' | 'held' | 'sent' | 'failed' | 'removed';

/** What the sender is still to be told of it. */
export type Owed = 'failed' | 'delayed' | 'relayed';

export interface OutboundRecipient extends OutboundMessage {
  /** As it goes into RCPT. */
  readonly recipient: string;
  readonly notify?: readonly NotifyKeyword[];
  readonly orcpt?: OriginalRecipient;
  /** The address here that forwards to it: for `Delivered-To`, by which a loop is known. */
  readonly forwardedFor?: string;
  readonly state: OutboundState;
  /** Raised by each change: the condition of the next. */
  readonly version: number;
  /** Milliseconds since 1970, as all that ends in `Ms`. */
  readonly queuedAtMs: number;
  readonly dueAtMs: number;
  readonly claimedBy?: string;
  /** Attempts that came to an end. */
  readonly attempts: number;
  readonly lastAttemptAtMs?: number;
  /** How the last attempt ended. */
  readonly last?: Said;
  readonly heldBecause?: string;
  /** The sender was told that it takes longer. */
  readonly delayTold: boolean;
  readonly owes?: Owed;
  readonly endedAtMs?: number;
}

/** When nothing is due any more: for what is held. */
export const neverMs = Date.parse('9999-12-31T23:59:59.999Z');

const states: readonly OutboundState[] = ['waiting', 'held', 'sent', 'failed', 'removed'];
const owed: readonly Owed[] = ['failed', 'delayed', 'relayed'];
const bodies: readonly BodyType[] = ['7BIT', '8BITMIME', 'BINARYMIME'];
const keywords: readonly NotifyKeyword[] = ['NEVER', 'SUCCESS', 'FAILURE', 'DELAY'];

export function outboundItem(entry: OutboundRecipient): Item {
  const { messageId, recipient, notify, orcpt, last } = entry;
  return {
    ...outboundKey(messageId, recipient),
    ...given({
      reversePath: entry.reversePath,
      blobKey: entry.blobKey,
      sizeBytes: entry.sizeBytes,
      returnPathBytes: entry.returnPathBytes,
      body: entry.body,
      smtpUtf8: entry.smtpUtf8,
      ret: entry.ret,
      envid: entry.envid,
      receivedAt: entry.receivedAt,
      notify,
      orcpt: orcpt && { addressType: orcpt.addressType, address: orcpt.address },
      forwardedFor: entry.forwardedFor,
      state: entry.state,
      version: entry.version,
      queuedAt: isoOf(entry.queuedAtMs),
      dueAt: isoOf(entry.dueAtMs),
      claimedBy: entry.claimedBy,
      attempts: entry.attempts,
      lastAttemptAt: entry.lastAttemptAtMs === undefined ? undefined : isoOf(entry.lastAttemptAtMs),
      last: last && given({ ...last }),
      heldBecause: entry.heldBecause,
      delayTold: entry.delayTold,
      owes: entry.owes,
      endedAt: entry.endedAtMs === undefined ? undefined : isoOf(entry.endedAtMs),
    }),
  };
}

/** Reads it; throws `DamagedItem`. */
export function parseOutboundItem(item: Item): OutboundRecipient {
  const optional = (name: string) => optionalStringOf(item, name);
  const time = (name: string) => {
    const text = optional(name);
    return text === undefined ? undefined : msOf(text);
  };
  return without({
    messageId: item.pk.slice('outbound#'.length),
    recipient: item.sk.slice('recipient#'.length),
    reversePath: item['reversePath'] === null ? null : stringOf(item, 'reversePath'),
    blobKey: stringOf(item, 'blobKey'),
    sizeBytes: numberOf(item, 'sizeBytes'),
    returnPathBytes: numberOf(item, 'returnPathBytes'),
    body: oneOf(bodies, stringOf(item, 'body')),
    smtpUtf8: item['smtpUtf8'] === true,
    ret: optional('ret') === undefined ? undefined : oneOf(['FULL', 'HDRS'] as const, optional('ret')),
    envid: optional('envid'),
    receivedAt: stringOf(item, 'receivedAt'),
    notify:
      item['notify'] === undefined
        ? undefined
        : stringsOf(item, 'notify').map((keyword) => oneOf(keywords, keyword)),
    orcpt: item['orcpt'] === undefined ? undefined : parseOriginal(item['orcpt']),
    forwardedFor: optional('forwardedFor'),
    state: oneOf(states, stringOf(item, 'state')),
    version: numberOf(item, 'version'),
    queuedAtMs: msOf(stringOf(item, 'queuedAt')),
    dueAtMs: msOf(stringOf(item, 'dueAt')),
    claimedBy: optional('claimedBy'),
    attempts: numberOf(item, 'attempts'),
    lastAttemptAtMs: time('lastAttemptAt'),
    last: item['last'] === undefined ? undefined : parseSaid(item['last']),
    heldBecause: optional('heldBecause'),
    delayTold: item['delayTold'] === true,
    owes: optional('owes') === undefined ? undefined : oneOf(owed, optional('owes')),
    endedAtMs: time('endedAt'),
  });
}

/** The domain of a recipient, as it stands. */
export function domainOf({ recipient }: { readonly recipient: string }): string {
  return recipient.slice(recipient.lastIndexOf('@') + 1);
}

function parseOriginal(value: Value): OriginalRecipient {
  const map = mapOf(value, 'orcpt');
  return { addressType: stringOf(map, 'addressType'), address: stringOf(map, 'address') };
}

function parseSaid(value: Value): Said {
  const map = mapOf(value, 'last');
  return without({
    status: stringOf(map, 'status'),
    reply: optionalStringOf(map, 'reply'),
    text: stringOf(map, 'text'),
    remote: optionalStringOf(map, 'remote'),
  });
}

function isoOf(ms: number): string {
  return new Date(ms).toISOString();
}

function msOf(text: string): number {
  const ms = Date.parse(text);
  if (Number.isNaN(ms)) throw new DamagedItem('time');
  return ms;
}

function oneOf<Name extends string>(names: readonly Name[], text: string | undefined): Name {
  const name = names.find((each) => each === text);
  if (name === undefined) throw new DamagedItem(`one of ${names.join(', ')}`);
  return name;
}

type Given<Fields> = { [Name in keyof Fields]: Exclude<Fields[Name], undefined> };

/** Attributes that are there: the table has no `undefined`. */
function given<Fields extends Record<string, Value | undefined>>(fields: Fields): Given<Fields> {
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== undefined),
  ) as Given<Fields>;
}

type Optional<Fields> = {
  [Name in keyof Fields as undefined extends Fields[Name] ? never : Name]: Fields[Name];
} & {
  [Name in keyof Fields as undefined extends Fields[Name] ? Name : never]?: Exclude<Fields[Name], undefined>;
};

function without<Fields extends object>(fields: Fields): Optional<Fields> {
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== undefined),
  ) as Optional<Fields>;
}
