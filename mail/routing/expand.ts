/**
 * From the recipients of an envelope to the accounts behind them and the addresses on other servers: aliases opened,
 * each account and address once, loops cut.
 */
import { setImmediate as turn } from 'node:timers/promises';
import { canonicalAddress, formatAddress, parseAddress, type EmailAddress } from '../message/address.ts';
import type { Failure, FailureReason } from '../delivery/failure.ts';
import type { RecipientDirectory, Resolution } from './directory-port.ts';

/** How many aliases may lead from one to the next. */
export const maxAliasDepth = 10;
/** How many addresses a message's recipients may open into, all together; its recipients themselves come on top. */
export const maxOpenedAddresses = 5000;
/** After so many look-ups others get a turn: on one machine they are answered at once. */
const lookupsInATurn = 100;

/** An account that gets the message. */
export interface Destination {
  readonly accountId: string;
  readonly address: string;
  /** The recipients through which it is reached, one or more, in their order. */
  readonly recipients: readonly string[];
}

/** An address on another server that gets the message. */
export interface OutsideDestination {
  /** As it goes into RCPT. */
  readonly address: string;
  /** The recipient through which it is reached first; `address` itself where its sender wrote that. */
  readonly recipient: string;
}

export interface Expansion {
  readonly destinations: readonly Destination[];
  readonly outside: readonly OutsideDestination[];
  readonly failures: readonly Failure[];
  /** Recipients that stand for several, some of whom are served: aliases with more than one target on their way. */
  readonly several: readonly string[];
}

/**
 * Opens every recipient. A recipient fails for each reason that one of its targets fails; the other targets are served.
 * `passed` are the addresses that the message says it was forwarded for (`Delivered-To`): what such a one sends to
 * outside would come round again.
 */
export async function expandRecipients(
  directory: RecipientDirectory,
  recipients: readonly EmailAddress[],
  { passed = [] }: { readonly passed?: readonly string[] } = {},
): Promise<Expansion> {
  const opener = new Opener(directory);
  const destinations = new Map<string, Destination & { readonly recipients: string[] }>();
  const outside = new Map<string, OutsideDestination>();
  const failures: Failure[] = [];
  const several: string[] = [];
  for (const address of recipients) {
    const recipient = formatAddress(address);
    const opened = await opener.open(address);
    const loops = opened.outside.length > 0 && passed.includes(canonicalAddress(address) ?? recipient);
    for (const { accountId, address: own } of opened.accounts) {
      const known = destinations.get(accountId);
      if (known === undefined)
        destinations.set(accountId, { accountId, address: own, recipients: [recipient] });
      else known.recipients.push(recipient);
    }
    if (!loops)
      for (const target of opened.outside)
        if (!outside.has(target)) outside.set(target, { address: target, recipient });
    const partial = opened.accounts.length > 0 || (opened.outside.length > 0 && !loops);
    if (partial && opened.several) several.push(recipient);
    const failed = loops ? [...opened.failures, { reason: 'tooManyAliases' as const }] : opened.failures;
    for (const failure of failed) failures.push({ ...failure, recipient, ...(partial ? { partial } : {}) });
  }
  return { destinations: [...destinations.values()], outside: [...outside.values()], failures, several };
}

interface Opened {
  readonly accounts: readonly { readonly accountId: string; readonly address: string }[];
  readonly outside: readonly string[];
  /** An alias on the way has more than one target. */
  readonly several: boolean;
  readonly failures: readonly { readonly reason: FailureReason; readonly detail?: string }[];
}

/** An address and what mail for it does. */
interface Resolved {
  readonly address: EmailAddress;
  readonly resolution: Resolution;
}

/** Opens the recipients of one message: no address is looked up, and no list of targets followed, more than once. */
class Opener {
  readonly #directory: RecipientDirectory;
  readonly #resolved = new Map<string, Resolution>();
  readonly #followed = new Map<string, Promise<Opened>>();
  #left = maxOpenedAddresses;
  #lookups = 0;

  constructor(directory: RecipientDirectory) {
    this.#directory = directory;
  }

  async open(recipient: EmailAddress): Promise<Opened> {
    const resolution = await this.#resolve(recipient);
    const first = [{ address: recipient, resolution }];
    if (resolution.kind !== 'alias') return this.#follow(first);
    // A thousand subaddresses of one alias have one list of targets.
    const list = resolution.targets.join('\n');
    const known = this.#followed.get(list) ?? this.#follow(first);
    this.#followed.set(list, known);
    return known;
  }

  /** Level by level; an address seen before is not opened again, so a circle ends, and one that leads nowhere fails. */
  async #follow(first: readonly Resolved[]): Promise<Opened> {
    const accounts = new Map<string, Opened['accounts'][number]>();
    const outside = new Set<string>();
    const failures = new Map<FailureReason, Opened['failures'][number]>();
    const fail = (reason: FailureReason, detail?: string) =>
      failures.set(reason, detail === undefined ? { reason } : { reason, detail });
    const seen = new Set<string>();
    let several = false;
    let level = first;
    for (let depth = 0; level.length > 0; depth++) {
      const next: Resolved[] = [];
      for (const { address, resolution } of level)
        switch (resolution.kind) {
          case 'account':
            accounts.set(resolution.accountId, resolution);
            break;
          case 'alias':
            several ||= resolution.targets.length > 1;
            if (depth >= maxAliasDepth) fail('tooManyAliases');
            else next.push(...(await this.#targets(resolution.targets, seen, fail)));
            break;
          case 'rejected':
            fail('rejected', resolution.reason);
            break;
          case 'elsewhere':
            outside.add(formatAddress(address));
            break;
          case 'suspended':
          case 'unknown':
            fail(resolution.kind);
            break;
          default:
            resolution satisfies never;
        }
      level = next;
    }
    if (accounts.size === 0 && outside.size === 0 && failures.size === 0) fail('tooManyAliases');
    return {
      accounts: [...accounts.values()],
      outside: [...outside],
      several,
      failures: [...failures.values()],
    };
  }

  async #targets(
    targets: readonly string[],
    seen: Set<string>,
    fail: (reason: FailureReason) => void,
  ): Promise<readonly Resolved[]> {
    const resolved: Resolved[] = [];
    for (const target of targets) {
      if (seen.has(target)) continue;
      seen.add(target);
      const address = parseAddress(target);
      if (address === undefined) fail('unknown');
      else if (this.#left-- <= 0) {
        fail('tooManyAliases');
        break;
      } else resolved.push({ address, resolution: await this.#resolve(address) });
    }
    return resolved;
  }

  async #resolve(address: EmailAddress): Promise<Resolution> {
    const key = canonicalAddress(address) ?? formatAddress(address);
    const known = this.#resolved.get(key);
    if (known !== undefined) return known;
    if (++this.#lookups % lookupsInATurn === 0) await turn();
    const resolution = await this.#directory.resolveRecipient(address);
    this.#resolved.set(key, resolution);
    return resolution;
  }
}
