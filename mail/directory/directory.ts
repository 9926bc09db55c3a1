/** Reading the directory: domains, addresses, accounts, app passwords. Nothing is kept: a change is seen at once. */
import { parseAccountId, type AccountId } from '../mailbox/types.ts';
import { canonicalAddress, canonicalDomain, type EmailAddress } from '../message/address.ts';
import { queryAll, type Table } from '../ports/table.ts';
import type { RecipientDirectory, Resolution } from '../routing/directory-port.ts';
import { parseAccountItem, parseMemberItem, type Account, type Member } from './account.ts';
import { parseAddressItem, type AddressEntry } from './address-entry.ts';
import { parseCredentialItem, type Credential } from './credential.ts';
import { parseDomainItem, type Domain } from './domain.ts';
import {
  accountKey,
  addressKey,
  credentialPrefix,
  domainKey,
  domainPartition,
  domainsPartition,
  joinedPrefix,
  memberPrefix,
} from './keys.ts';
import { accountPartition } from '../mailbox/keys.ts';
import { stringOf } from '../mailbox/attributes.ts';
import { maySendAs } from './may-send-as.ts';
import { findPostmaster, resolveRecipient } from './resolve.ts';

/** A domain name in octets (RFC 1035 section 2.3.4); no longer one is ours. */
const maxDomainOctets = 253;

export class Directory implements RecipientDirectory {
  readonly #table: Table;

  constructor(table: Table) {
    this.#table = table;
  }

  /** In whatever form the name is written; undefined: not ours. */
  async findDomain(name: string): Promise<Domain | undefined> {
    const canonical = canonicalDomain(name);
    if (canonical === undefined || canonical.length > maxDomainOctets) return undefined;
    const item = await this.#table.get(domainKey(canonical));
    return item && parseDomainItem(item);
  }

  /** Names of domains, the oldest first, at most `limit`. */
  async listDomainNames(limit?: number): Promise<readonly string[]> {
    const names: string[] = [];
    for await (const item of queryAll(this.#table, {
      pk: domainsPartition,
      ...(limit === undefined ? {} : { limit }),
    })) {
      names.push(stringOf(item, 'domain'));
      if (names.length === limit) break;
    }
    return names;
  }

  /** What stands at canonical addresses, in their order. */
  async findAddresses(addresses: readonly string[]): Promise<readonly (AddressEntry | undefined)[]> {
    const items = await this.#table.getMany(addresses.map(addressKey));
    return items.map((item) => item && parseAddressItem(item));
  }

  async findAccount(id: AccountId): Promise<Account | undefined> {
    const item = await this.#table.get(accountKey(id));
    return item && parseAccountItem(item);
  }

  /** Only by the account's own address, not by an alias or subaddress. */
  async findAccountByAddress(address: EmailAddress): Promise<Account | undefined> {
    const canonical = canonicalAddress(address);
    if (canonical === undefined || canonical.length > 2 * maxDomainOctets) return undefined;
    const [entry] = await this.findAddresses([canonical]);
    return entry?.kind === 'account' ? this.findAccount(entry.accountId) : undefined;
  }

  /** An account's app passwords, by name. */
  async listCredentials(id: AccountId): Promise<readonly Credential[]> {
    const credentials: Credential[] = [];
    for await (const item of queryAll(this.#table, { pk: accountPartition(id), prefix: credentialPrefix }))
      credentials.push(parseCredentialItem(item));
    return credentials;
  }

  /** A page of a domain's addresses, in their order, after the address `after`; fewer than `limit` only at the end. */
  async listMembers(
    domain: string,
    page: { readonly after?: string | undefined; readonly limit: number },
  ): Promise<readonly Member[]> {
    const members: Member[] = [];
    const range = {
      pk: domainPartition(domain),
      prefix: memberPrefix,
      limit: page.limit,
      ...(page.after === undefined ? {} : { after: memberPrefix + page.after }),
    };
    for await (const item of queryAll(this.#table, range)) {
      members.push(parseMemberItem(item));
      if (members.length >= page.limit) break;
    }
    return members;
  }

  /** The domain's oldest accounts, at most `limit`. */
  async listOldestAccounts(domain: string, limit: number): Promise<readonly Account[]> {
    const { items } = await this.#table.query({ pk: domainPartition(domain), prefix: joinedPrefix, limit });
    const ids = items.flatMap((item) => parseMemberItem(item).accountId ?? []);
    const found = await this.#table.getMany(ids.map(accountKey));
    return found.flatMap((item) => (item === undefined ? [] : parseAccountItem(item)));
  }

  /** What mail for the address does: see `resolve.ts`. */
  async resolveRecipient(address: EmailAddress): Promise<Resolution> {
    // As it was a moment ago, at half the price. That mail is not taken is for good, and is looked at as it is now.
    const recent = await resolveRecipient(new Directory(readEventually(this.#table)), address);
    const takes = recent.kind === 'account' || recent.kind === 'alias';
    return takes ? recent : resolveRecipient(this, address);
  }

  /** Where mail for `<postmaster>` without a domain goes (RFC 5321 section 4.5.1); undefined while nobody is here. */
  postmaster(): Promise<EmailAddress | undefined> {
    return findPostmaster(this);
  }

  /** Whether the account may write the address into an envelope or a From field: see `may-send-as.ts`. */
  async maySendAs(accountId: string, address: EmailAddress): Promise<boolean> {
    const id = parseAccountId(accountId);
    const account = id && (await this.findAccount(id));
    return account !== undefined && maySendAs(this, account, address);
  }
}

/** The same table, read eventually consistent. */
function readEventually(table: Table): Table {
  const consistent = false;
  return {
    limits: table.limits,
    get: (key) => table.get(key, { consistent }),
    getMany: (keys) => table.getMany(keys, { consistent }),
    query: (range) => table.query({ ...range, consistent }),
    commit: (writes, options) => table.commit(writes, options),
  };
}
