/**
 * What mail for an address does. In this order: the address itself; the address before `+` (subaddressing, RFC 5233);
 * postmaster and abuse (RFC 5321 section 4.5.1, RFC 2142); the domain's catch-all.
 */
import {
  canonicalAddress,
  canonicalDomain,
  formatAddress,
  parseAddress,
  type EmailAddress,
} from '../message/address.ts';
import type { Resolution } from '../routing/directory-port.ts';
import type { AddressEntry } from './address-entry.ts';
import type { Directory } from './directory.ts';
import type { Domain } from './domain.ts';

/** Between the user and the detail (RFC 5233 section 4 leaves the choice). */
export const subaddressSeparator = '+';

/** Postmaster's mail goes to the first of so many of the domain's oldest accounts that is not suspended. */
const postmasterCandidates = 20;
/** So many of the oldest domains are asked for the server's own postmaster. */
const postmasterDomains = 20;

const reserved: ReadonlySet<string> = new Set(['postmaster', 'abuse']);

/** `catchAll: false` resolves only addresses that somebody was given. */
export async function resolveRecipient(
  directory: Directory,
  address: EmailAddress,
  { catchAll = true }: { readonly catchAll?: boolean } = {},
): Promise<Resolution> {
  const names = namesOf(address);
  if (address.domain.startsWith('[')) return resolveLiteral(directory, names);
  const name = canonicalDomain(address.domain);
  const domain = name === undefined ? undefined : await directory.findDomain(name);
  if (domain === undefined) return { kind: 'elsewhere' };
  if (domain.status === 'suspended') return { kind: 'suspended' };
  const keys = names.localParts.map((localPart) => format(localPart, domain));
  for (const [at, entry] of (await directory.findAddresses(keys)).entries()) {
    const opened = entry && (await open(directory, entry, at === 0 ? undefined : names.detail));
    if (opened !== undefined) return opened;
  }
  if (names.reserved) {
    const postmaster = await resolvePostmaster(directory, domain, keys);
    if (postmaster !== undefined) return postmaster;
  }
  if (catchAll && domain.catchAll !== undefined && !keys.includes(domain.catchAll))
    return { kind: 'alias', targets: [domain.catchAll] };
  const server = names.reserved && catchAll ? await findPostmaster(directory) : undefined;
  if (server !== undefined && server.domain !== domain.name)
    return { kind: 'alias', targets: [formatAddress(server)] };
  return { kind: 'unknown' };
}

/** `postmaster` at the first domain that has someone to read it. */
export async function findPostmaster(directory: Directory): Promise<EmailAddress | undefined> {
  for (const name of await directory.listDomainNames(postmasterDomains)) {
    const address = { localPart: 'postmaster', domain: name };
    const resolution = await resolveRecipient(directory, address, { catchAll: false });
    if (resolution.kind === 'account' || resolution.kind === 'alias') return address;
  }
  return undefined;
}

/** The local parts under which an address is looked up. */
interface Names {
  /** In canonical form: as it is, then without the detail. */
  readonly localParts: readonly string[];
  readonly detail: string | undefined;
  readonly reserved: boolean;
}

function namesOf({ localPart }: EmailAddress): Names {
  const whole = localPart.normalize('NFC').toLowerCase();
  const at = whole.indexOf(subaddressSeparator);
  const localParts = at < 1 ? [whole] : [whole, whole.slice(0, at)];
  return {
    localParts,
    detail: at < 1 ? undefined : localPart.slice(localPart.indexOf(subaddressSeparator) + 1),
    reserved: localParts.some((name) => reserved.has(name)),
  };
}

/** RFC 5321 section 4.1.3: we have no domain of that form; but postmaster is found in any way. */
async function resolveLiteral(directory: Directory, names: Names): Promise<Resolution> {
  const server = names.localParts.includes('postmaster') ? await findPostmaster(directory) : undefined;
  return server === undefined ? { kind: 'elsewhere' } : { kind: 'alias', targets: [formatAddress(server)] };
}

function format(localPart: string, domain: Domain): string {
  return formatAddress({ localPart, domain: domain.name });
}

/** `detail` where it is opened without it. undefined: the account was removed between two reads. */
async function open(
  directory: Directory,
  entry: AddressEntry,
  detail: string | undefined,
): Promise<Resolution | undefined> {
  switch (entry.kind) {
    case 'account': {
      const account = await directory.findAccount(entry.accountId);
      if (account === undefined) return undefined;
      if (account.status === 'suspended') return { kind: 'suspended' };
      const { id: accountId, address } = account;
      return { kind: 'account', accountId, address, ...(detail === undefined ? {} : { detail }) };
    }
    case 'alias':
      return { kind: 'alias', targets: entry.targets };
    case 'rejected':
      return entry.reason === undefined ? { kind: 'rejected' } : { kind: 'rejected', reason: entry.reason };
    default:
      return entry satisfies never;
  }
}

async function resolvePostmaster(
  directory: Directory,
  domain: Domain,
  asked: readonly string[],
): Promise<Resolution | undefined> {
  if (domain.postmaster !== undefined && !asked.includes(domain.postmaster))
    return { kind: 'alias', targets: [domain.postmaster] };
  const accounts = await directory.listOldestAccounts(domain.name, postmasterCandidates);
  const first = accounts.find(({ status }) => status === 'active');
  if (first !== undefined) return { kind: 'account', accountId: first.id, address: first.address };
  return accounts.length > 0 ? { kind: 'suspended' } : undefined;
}

/** The canonical address without its detail; itself where it has none. */
export function withoutDetail(address: string): string | undefined {
  const parsed = parseAddress(address);
  if (parsed === undefined) return undefined;
  const { localParts } = namesOf(parsed);
  return canonicalAddress({ localPart: localParts.at(-1) ?? parsed.localPart, domain: parsed.domain });
}
