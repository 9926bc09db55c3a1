/** From the recipients of an envelope to the accounts behind them: aliases opened, each account once, loops cut. */
import { formatAddress, parseAddress, type EmailAddress } from '../message/address.ts';
import type { RecipientDirectory } from './directory-port.ts';
import type { Failure } from '../delivery/failure.ts';

/** How many aliases may lead from one to the next. */
export const maxAliasDepth = 10;
/** How many addresses one recipient may open into, on all levels together. */
export const maxExpandedAddresses = 2000;

/** An account that gets the message, and the recipient through which it is reached first. */
export interface Destination {
  readonly accountId: string;
  readonly address: string;
  readonly recipient: string;
}

export interface Expansion {
  readonly destinations: readonly Destination[];
  readonly failures: readonly Failure[];
}

/** Opens every recipient. A recipient fails for each reason that one of its targets fails; the other targets are served. */
export async function expandRecipients(
  directory: RecipientDirectory,
  recipients: readonly EmailAddress[],
): Promise<Expansion> {
  const destinations = new Map<string, Destination>();
  const failures: Failure[] = [];
  for (const recipient of recipients) {
    const written = formatAddress(recipient);
    const opened = await openOne(directory, recipient);
    for (const { accountId, address } of opened.accounts)
      if (!destinations.has(accountId))
        destinations.set(accountId, { accountId, address, recipient: written });
    failures.push(...opened.failures.map((failure) => ({ ...failure, recipient: written })));
  }
  return { destinations: [...destinations.values()], failures };
}

interface Opened {
  readonly accounts: readonly { readonly accountId: string; readonly address: string }[];
  readonly failures: readonly Omit<Failure, 'recipient'>[];
}

/** Level by level; an address seen before is not opened again, so a circle ends, and one that leads nowhere fails. */
async function openOne(directory: RecipientDirectory, recipient: EmailAddress): Promise<Opened> {
  const accounts = new Map<string, { accountId: string; address: string }>();
  const failures = new Map<string, Omit<Failure, 'recipient'>>();
  const fail = (failure: Omit<Failure, 'recipient'>) => failures.set(failure.reason, failure);
  const seen = new Set<string>([formatAddress(recipient)]);
  let level: EmailAddress[] = [recipient];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > maxAliasDepth || seen.size > maxExpandedAddresses) {
      fail({ reason: 'tooManyAliases' });
      break;
    }
    const next: EmailAddress[] = [];
    for (const address of level) {
      const resolution = await directory.resolveRecipient(address);
      switch (resolution.kind) {
        case 'account':
          accounts.set(resolution.accountId, resolution);
          break;
        case 'alias':
          for (const target of resolution.targets) {
            const parsed = parseAddress(target);
            if (parsed === undefined) fail({ reason: 'unknown' });
            else if (!seen.has(formatAddress(parsed))) next.push(parsed);
            seen.add(target);
          }
          break;
        case 'rejected':
          fail({
            reason: 'rejected',
            ...(resolution.reason === undefined ? {} : { detail: resolution.reason }),
          });
          break;
        case 'suspended':
        case 'unknown':
        case 'elsewhere':
          fail({ reason: resolution.kind });
          break;
        default:
          resolution satisfies never;
      }
    }
    level = next;
  }
  if (accounts.size === 0 && failures.size === 0) fail({ reason: 'tooManyAliases' });
  return { accounts: [...accounts.values()], failures: [...failures.values()] };
}
