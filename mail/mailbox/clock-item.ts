/** `clock`: an account's rev and what every commit counts. */
import type { Item } from '../ports/table.ts';
import { isoOf, mapOf, numberOf, optionalNumberOf, optionalTimeOf, stringOf } from './attributes.ts';
import { clockKey } from './keys.ts';
import { parseMailboxState } from './mailbox-state.ts';
import type { MailboxState } from './mailbox-state.ts';
import { parseMailboxId, parseRev, sound } from './types.ts';
import type { AccountId, MailboxId, Rev } from './types.ts';

/** A mailbox with its state. */
export interface KeptState {
  readonly mailbox: MailboxId;
  readonly state: MailboxState;
}

export interface AccountClock {
  /** The last commit. */
  readonly rev: Rev;
  /** Octets of all messages in all mailboxes. */
  readonly bytes: number;
  readonly messages: number;
  /**
   * The account's quota stands here, not in the `account` item, so that the condition on `rev` is the condition on
   * the quota too: no commit can be planned under one quota and take place under another. undefined: no limit.
   */
  readonly quotaBytes: number | undefined;
  /** The store's epoch when it was last written. */
  readonly epoch: number;
  /** The first rev whose log record is sure to be there; at most `rev`. */
  readonly logFrom: Rev;
  /** What the next mailbox takes. */
  readonly nextUidValidity: number;
  /** When the account was removed; every operation answers `gone` from then on. */
  readonly removedAtMs: number | undefined;
  /** Nothing of the account is deleted for good while it stands. */
  readonly legalHold?: boolean;
  /**
   * The state of the account's first INBOX, whatever its name is now: most commits change it, and so they write one item
   * less. Accounts of before have it in an item, as all other mailboxes have.
   */
  readonly inbox?: KeptState;
}

/** The state, where it is the one that stands in the clock. */
export function stateInClock({ inbox }: AccountClock, mailbox: MailboxId): MailboxState | undefined {
  return inbox?.mailbox === mailbox ? inbox.state : undefined;
}

export function clockItem(account: AccountId, clock: AccountClock): Item {
  return {
    ...clockKey(account),
    rev: clock.rev,
    bytes: clock.bytes,
    messages: clock.messages,
    epoch: clock.epoch,
    logFrom: clock.logFrom,
    nextUidValidity: clock.nextUidValidity,
    ...(clock.quotaBytes === undefined ? {} : { quotaBytes: clock.quotaBytes }),
    ...(clock.removedAtMs === undefined ? {} : { removedAt: isoOf(clock.removedAtMs) }),
    ...(clock.legalHold === true ? { legalHold: true } : {}),
    ...(clock.inbox === undefined ? {} : { inbox: { mailbox: clock.inbox.mailbox, ...clock.inbox.state } }),
  };
}

export function parseClockItem(item: Item): AccountClock {
  return {
    rev: sound(parseRev(numberOf(item, 'rev')), 'rev'),
    bytes: numberOf(item, 'bytes'),
    messages: numberOf(item, 'messages'),
    quotaBytes: optionalNumberOf(item, 'quotaBytes'),
    epoch: numberOf(item, 'epoch'),
    logFrom: sound(parseRev(numberOf(item, 'logFrom')), 'rev'),
    nextUidValidity: numberOf(item, 'nextUidValidity'),
    removedAtMs: optionalTimeOf(item, 'removedAt', 'removedAtMs'),
    ...(item['legalHold'] === true ? { legalHold: true } : {}),
    ...(item['inbox'] === undefined ? {} : { inbox: parseInbox(mapOf(item['inbox'], 'inbox')) }),
  };
}

function parseInbox(map: ReturnType<typeof mapOf>): KeptState {
  const mailbox = sound(parseMailboxId(stringOf(map, 'mailbox')), 'mailbox id');
  return { mailbox, state: parseMailboxState(map) };
}
