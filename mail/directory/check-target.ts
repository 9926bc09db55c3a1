/** Whether mail may be sent on to an address: from an alias, a catch-all, or postmaster. */
import { parseAddress } from '../message/address.ts';
import type { DirectoryPorts } from './directory-ports.ts';
import { readAddress } from './read-address.ts';
import { refuse, type Refused } from './refused.ts';
import { resolveRecipient } from './resolve.ts';

/** `missing`: the domain is ours, but nobody there has the address. */
export interface Target {
  readonly kind: 'target';
  readonly address: string;
  readonly missing: boolean;
}

/** Reads a target: an address here, or one of another server, where it is forwarded to. */
export async function checkTarget(
  { directory, forwards = 'allowed' }: Pick<DirectoryPorts, 'directory' | 'forwards'>,
  text: string,
): Promise<Target | Refused> {
  const address = readAddress(text);
  if (typeof address !== 'string') return address;
  const parsed = parseAddress(address);
  const resolution = parsed && (await resolveRecipient(directory, parsed, { catchAll: false }));
  if (resolution?.kind === 'elsewhere' && forwards === 'refused')
    return refuse(
      `Mail cannot be sent on to ${address}: Amazon SES takes it only from senders of our own domains.`,
      'Name an address here, or let the deployment send by a smart host.',
    );
  return { kind: 'target', address, missing: resolution?.kind === 'unknown' };
}

export function refuseMissing(address: string, how: string): Refused {
  return refuse(
    `Nobody here has the address ${address}.`,
    `Add it first: posta account add ${address}. ${how}`.trim(),
  );
}
