/** Whether mail may be sent on to an address: from an alias, a catch-all, or postmaster. */
import { parseAddress } from '../message/address.ts';
import type { Directory } from './directory.ts';
import { domainOf } from './account.ts';
import { readAddress } from './read-address.ts';
import { refuse, type Refused } from './refused.ts';
import { resolveRecipient } from './resolve.ts';

/** `missing`: the domain is ours, but nobody there has the address. */
export interface Target {
  readonly kind: 'target';
  readonly address: string;
  readonly missing: boolean;
}

/** Reads a target; one of another server is refused here and nowhere else, until this server can relay. */
export async function checkTarget(directory: Directory, text: string): Promise<Target | Refused> {
  const address = readAddress(text);
  if (typeof address !== 'string') return address;
  const parsed = parseAddress(address);
  const resolution = parsed && (await resolveRecipient(directory, parsed, { catchAll: false }));
  if (resolution === undefined || resolution.kind === 'elsewhere') return refuseOutside(address);
  return { kind: 'target', address, missing: resolution.kind === 'unknown' };
}

/** The one place that forbids forwarding to other servers: relay with a next hop lifts it. */
function refuseOutside(address: string): Refused {
  return refuse(
    `${domainOf(address)} is no domain of this server: forwarding to outside comes with relay.`,
    `Name an address here, or add the domain: posta domain add ${domainOf(address)}`,
  );
}

export function refuseMissing(address: string, how: string): Refused {
  return refuse(
    `Nobody here has the address ${address}.`,
    `Add it first: posta account add ${address}. ${how}`.trim(),
  );
}
