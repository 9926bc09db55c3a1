/** An account: who may log in, and whose mail it is. How much it holds stands in the mailbox's `clock`. */
import { numberOf, optionalStringOf, stringOf } from '../mailbox/attributes.ts';
import { DamagedItem, parseAccountId, sound, type AccountId } from '../mailbox/types.ts';
import { parseAccountPartition } from '../mailbox/keys.ts';
import type { Item } from '../ports/table.ts';
import { accountKey } from './keys.ts';

/** `suspended`: it cannot log in and takes no mail, and keeps what it has. */
export type AccountStatus = 'active' | 'suspended';

export interface Account {
  readonly id: AccountId;
  /** Canonical. */
  readonly address: string;
  readonly status: AccountStatus;
  /** What is kept of its password (`auth/password-verifier.ts`). */
  readonly passwordVerifier: string;
  readonly passwordChangedAt: string;
  readonly createdAt: string;
  /** Raised by each write: the condition of the next. */
  readonly revision: number;
}

/** The domain of a canonical address. */
export function domainOf(address: string): string {
  return address.slice(address.lastIndexOf('@') + 1);
}

export function accountItem(account: Account): Item {
  const { id, address, status, passwordVerifier, passwordChangedAt, createdAt, revision } = account;
  return {
    ...accountKey(id),
    address,
    status,
    passwordVerifier,
    passwordChangedAt,
    createdAt,
    revision,
  };
}

/** Reads it; throws `DamagedItem`. */
export function parseAccountItem(item: Item): Account {
  const status = stringOf(item, 'status');
  if (status !== 'active' && status !== 'suspended') throw new DamagedItem('account status');
  return {
    id: sound(parseAccountPartition(item.pk), 'account id'),
    address: stringOf(item, 'address'),
    status,
    passwordVerifier: stringOf(item, 'passwordVerifier'),
    passwordChangedAt: stringOf(item, 'passwordChangedAt'),
    createdAt: stringOf(item, 'createdAt'),
    revision: numberOf(item, 'revision'),
  };
}

/** An address of a domain, as its index lists it. */
export interface Member {
  readonly address: string;
  /** The account that has the address; undefined: an alias, or an address that refuses mail. */
  readonly accountId: AccountId | undefined;
}

/** An entry of either index of a domain. Reads it; throws `DamagedItem`. */
export function parseMemberItem(item: Item): Member {
  const id = optionalStringOf(item, 'accountId');
  return {
    address: stringOf(item, 'address'),
    accountId: id === undefined ? undefined : sound(parseAccountId(id), 'account id'),
  };
}
