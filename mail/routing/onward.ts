/** What is refused at RCPT since it could not be sent on to another server: better than a notification later. */
import { carriesAll } from '../delivery/next-hop/carry-limits.ts';
import { canonicalAddress, parseAddress, type EmailAddress } from '../message/address.ts';
import type { Refusal } from '../smtp/host.ts';
import type { AcceptPorts } from './accept-ports.ts';

/** Targets of one alias that are looked up for each RCPT; where there are more, relay has the last word. */
const maxLookedUp = 20;

/** For a recipient of a user's own on another server. */
export async function refusedOnward(
  { carries = carriesAll, isSuppressed }: Pick<AcceptPorts, 'carries' | 'isSuppressed'>,
  address: EmailAddress,
): Promise<Refusal | undefined> {
  if (!carries.smtpUtf8 && /[^\x00-\x7f]/.test(address.localPart)) return { kind: 'onwardNotAscii' };
  const canonical = canonicalAddress(address);
  if (canonical === undefined || isSuppressed === undefined) return undefined;
  return (await isSuppressed(canonical)) ? { kind: 'recipientSuppressed' } : undefined;
}

/** For an alias whose mail comes from other servers. One that leads to somebody here as well is taken for them. */
export async function refusedForward(
  { directory, carries = carriesAll }: Pick<AcceptPorts, 'directory' | 'carries'>,
  targets: readonly string[],
): Promise<Refusal | undefined> {
  if (carries.foreignSenders || targets.length > maxLookedUp) return undefined;
  for (const target of targets) {
    const address = parseAddress(target);
    const resolution = address && (await directory.resolveRecipient(address));
    if (resolution?.kind !== 'elsewhere') return undefined;
  }
  return { kind: 'notForwarded' };
}
