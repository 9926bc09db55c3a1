/**
 * Every key of the directory in the table, built here and nowhere else (but those of the mailbox, `mailbox/keys.ts`).
 *
 * Beside the items themselves there are three indexes, so that no listing reads more than it shows:
 * - `domains` / `<made>#<domain>`: all domains, the oldest first;
 * - `domain#<domain>` / `member#<address>`: accounts and aliases of a domain, in the order of their addresses;
 * - `domain#<domain>` / `joined#<made>#<account id>`: its accounts, the oldest first (who gets postmaster's mail).
 */
import { accountPartition } from '../mailbox/keys.ts';
import type { AccountId } from '../mailbox/types.ts';
import type { Key } from '../ports/table.ts';

/** The partition that lists all domains. */
export const domainsPartition = 'domains';

/** A domain in the list of all; `createdAt` in ISO 8601, so that the order of keys is that of time. */
export function domainListKey(createdAt: string, domain: string): Key {
  return { pk: domainsPartition, sk: `${createdAt}#${domain}` };
}

/** A domain's own partition: the domain and its indexes. */
export function domainPartition(domain: string): string {
  return `domain#${domain}`;
}

/** Settings of a domain. */
export function domainKey(domain: string): Key {
  return { pk: domainPartition(domain), sk: 'domain' };
}

/** What the sort keys of accounts and aliases by address begin with. */
export const memberPrefix = 'member#';

/** An address of the domain, in the order of addresses. */
export function memberKey(domain: string, address: string): Key {
  return { pk: domainPartition(domain), sk: memberPrefix + address };
}

/** What the sort keys of accounts by age begin with. */
export const joinedPrefix = 'joined#';

/** An account of the domain, in the order of time. */
export function joinedKey(domain: string, account: { createdAt: string; id: AccountId }): Key {
  return { pk: domainPartition(domain), sk: `${joinedPrefix}${account.createdAt}#${account.id}` };
}

/** What mail for a canonical address does. */
export function addressKey(address: string): Key {
  return { pk: `address#${address}`, sk: 'address' };
}

/** An account's address, status and verifier. */
export function accountKey(account: AccountId): Key {
  return { pk: accountPartition(account), sk: 'account' };
}

/** What the sort keys of app passwords begin with. */
export const credentialPrefix = 'credential#';

/** An app password. */
export function credentialKey(account: AccountId, name: string): Key {
  return { pk: accountPartition(account), sk: credentialPrefix + name };
}
