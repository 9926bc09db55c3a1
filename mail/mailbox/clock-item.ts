/** `clock`: an account's rev and what every commit counts. */
import type { Item } from '../ports/table.ts';
import { isoOf, numberOf, optionalNumberOf, optionalTimeOf } from './attributes.ts';
import { clockKey } from './keys.ts';
import { parseRev, sound } from './types.ts';
import type { AccountId, Rev } from './types.ts';

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
  };
}
