/** Lists of accounts and aliases, page by page, in the order of domains and addresses. */
import { parseAccountItem, domainOf, type Account } from './account.ts';
import type { AliasEntry } from './change-alias.ts';
import { findOurs } from './change-domain.ts';
import type { Domain } from './domain.ts';
import type { DirectoryPorts } from './directory-ports.ts';
import { accountKey } from './keys.ts';
import { isRefused, type Refused } from './refused.ts';

export interface ListOptions {
  /** undefined: all domains. */
  readonly domain?: string | undefined;
  /** The `next` of the page before. */
  readonly after?: string | undefined;
  /** 1 or more. */
  readonly limit: number;
}

export interface ListPage<Entry> {
  readonly kind: 'page';
  readonly entries: readonly Entry[];
  /** Given where there may be more. */
  readonly next: string | undefined;
}

/** All domains, in the order of their names. */
export async function listDomains({
  directory,
}: Pick<DirectoryPorts, 'directory'>): Promise<readonly Domain[]> {
  const names = [...(await directory.listDomainNames())].sort();
  const domains = await Promise.all(names.map((name) => directory.findDomain(name)));
  return domains.filter((domain) => domain !== undefined);
}

export function listAccounts(
  ports: DirectoryPorts,
  options: ListOptions,
): Promise<ListPage<Account> | Refused> {
  return listMembers(ports, options, {
    wanted: ({ accountId }) => accountId !== undefined,
    async read(members) {
      const ids = members.flatMap(({ accountId }) => accountId ?? []);
      const items = await ports.table.getMany(ids.map(accountKey));
      return items.flatMap((item) => (item === undefined ? [] : parseAccountItem(item)));
    },
  });
}

/** Aliases, and addresses that refuse mail. */
export function listAliases(
  ports: DirectoryPorts,
  options: ListOptions,
): Promise<ListPage<AliasEntry> | Refused> {
  return listMembers(ports, options, {
    wanted: ({ accountId }) => accountId === undefined,
    async read(members) {
      const entries = await ports.directory.findAddresses(members.map(({ address }) => address));
      return entries.flatMap((entry) => (entry === undefined || entry.kind === 'account' ? [] : entry));
    },
  });
}

/** Aliases of any domain that name the address as a target. Reads all aliases: for an admin's eyes, not for each mail. */
export async function findAliasesOf(ports: DirectoryPorts, address: string): Promise<readonly string[]> {
  const found: string[] = [];
  let after: string | undefined;
  do {
    const page = await listAliases(ports, { after, limit: 1000 });
    if (isRefused(page)) break;
    for (const entry of page.entries)
      if (entry.kind === 'alias' && entry.targets.includes(address)) found.push(entry.address);
    after = page.next;
  } while (after !== undefined);
  return found;
}

type Members = Awaited<ReturnType<DirectoryPorts['directory']['listMembers']>>;

async function listMembers<Entry>(
  ports: DirectoryPorts,
  { domain, after, limit }: ListOptions,
  kind: {
    readonly wanted: (member: Members[number]) => boolean;
    readonly read: (members: Members) => Promise<readonly Entry[]>;
  },
): Promise<ListPage<Entry> | Refused> {
  const one = domain === undefined ? undefined : await findOurs(ports, domain);
  if (isRefused(one)) return one;
  const names = one === undefined ? [...(await ports.directory.listDomainNames())].sort() : [one.name];
  const from = after === undefined ? undefined : domainOf(after);
  const wanted: Members[number][] = [];
  for (const name of names.filter((each) => from === undefined || each >= from)) {
    let last = name === from ? after : undefined;
    for (;;) {
      const members = await ports.directory.listMembers(name, { after: last, limit });
      wanted.push(...members.filter(kind.wanted));
      if (wanted.length >= limit) {
        const entries = wanted.slice(0, limit);
        return { kind: 'page', entries: await kind.read(entries), next: entries.at(-1)?.address };
      }
      last = members.at(-1)?.address;
      if (members.length < limit) break;
    }
  }
  return { kind: 'page', entries: await kind.read(wanted), next: undefined };
}
