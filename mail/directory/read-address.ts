/** Addresses and domains as an admin writes them: in canonical form, or why they are none. */
import { canonicalAddress, canonicalDomain, formatAddress, parseAddress } from '../message/address.ts';
import { domainOf, type Account } from './account.ts';
import type { Directory } from './directory.ts';
import type { Domain } from './domain.ts';
import { refuse, type Refused } from './refused.ts';

/** RFC 1035 section 2.3.4, in octets. */
const maxDomainOctets = 253;
const maxLabelOctets = 63;

/** A domain name that can be ours; A-labels. */
export function readDomainName(text: string): string | Refused {
  const name = text.startsWith('[') ? undefined : canonicalDomain(text.trim().replace(/\.$/, ''));
  const labels = name?.split('.') ?? [];
  if (
    name === undefined ||
    name.length > maxDomainOctets ||
    labels.some((label) => label.length > maxLabelOctets)
  )
    return refuse(`"${shown(text)}" is no domain name.`, 'Write one such as example.org.');
  return name;
}

/** An address that can be one of ours; canonical. */
export function readAddress(text: string): string | Refused {
  const address = parseAddress(text.trim());
  const domain = address && readDomainName(address.domain);
  if (address === undefined || typeof domain !== 'string' || !text.isWellFormed())
    return refuse(`"${shown(text)}" is no address.`, 'Write one such as ann@example.org.');
  const canonical = canonicalAddress({ localPart: address.localPart, domain });
  return (
    canonical ??
    refuse(`"${shown(text)}" is no address.`, `Write it as ${formatAddress(address)} is written.`)
  );
}

/** The account of an address, as an admin names it. */
export async function readAccount(directory: Directory, text: string): Promise<Account | Refused> {
  const address = readAddress(text);
  if (typeof address !== 'string') return address;
  const [entry] = await directory.findAddresses([address]);
  const account = entry?.kind === 'account' ? await directory.findAccount(entry.accountId) : undefined;
  if (account !== undefined) return account;
  return entry?.kind === 'alias'
    ? refuse(`${address} is an alias, not an account.`, `Name the account behind it: ${entry.targets[0]}.`)
    : refuse(`There is no account ${address}.`, `See posta account list ${domainOf(address)}.`);
}

/** A domain of ours to which something is to be added. */
export async function readOpenDomain(directory: Directory, name: string): Promise<Domain | Refused> {
  const domain = await directory.findDomain(name);
  if (domain === undefined)
    return refuse(`${name} is no domain of this server.`, `Add it first: posta domain add ${name}`);
  if (domain.status === 'removing')
    return refuse(
      `${name} is being removed.`,
      `Finish with posta domain remove --force ${name}, or keep it: posta domain set --status active ${name}`,
    );
  return domain;
}

/** What was written, safe to show on one line. */
function shown(text: string): string {
  return text.replace(/\p{C}/gu, '?').slice(0, 320);
}
