/**
 * The maildrop lock of POP3 (RFC 1939 section 3) as a lease of 90 s in `mailbox#<id>`/`pop3`: who crashes loses it.
 * Every write raises `version` and is conditional on the one before, so no two owners ever hold it at once.
 */
import type { Clock } from '../ports/clock.ts';
import type { CommitOutcome, Condition, Item, Table } from '../ports/table.ts';
import { isoOf, numberOf, optionalStringOf, stringOf, timeOf } from './attributes.ts';
import { maildropKey } from './keys.ts';
import { maildropLeaseMs, maxResends } from './limits.ts';
import type { MailboxId } from './types.ts';

/** A maildrop that is held. */
export interface Lease {
  /** Until when, unless it is renewed; milliseconds since 1970. */
  readonly expiresAtMs: number;
  /** Holds it 90 s from now on, or answers false: it was lost, the session must end without its UPDATE. */
  renew(): Promise<boolean>;
  /** Gives it back; nothing where it was lost. */
  release(): Promise<void>;
}

interface LeaseItem {
  readonly owner: string;
  readonly expiresAtMs: number;
  readonly version: number;
  /** The server that lent it, where only one serves the store at a time. */
  readonly generation?: string;
}

/** Takes the lease for `owner` (a token of its own), or answers undefined while another holds it. */
export async function acquireLease(options: {
  readonly table: Table;
  readonly clock: Clock;
  readonly mailbox: MailboxId;
  readonly owner: string;
  readonly generation?: string;
}): Promise<Lease | undefined> {
  const held = new HeldLease(options);
  return (await held.take()) ? held : undefined;
}

class HeldLease implements Lease {
  readonly #table: Table;
  readonly #clock: Clock;
  readonly #mailbox: MailboxId;
  readonly #owner: string;
  readonly #generation: string | undefined;
  #expiresAtMs = 0;

  constructor(options: Parameters<typeof acquireLease>[0]) {
    this.#table = options.table;
    this.#clock = options.clock;
    this.#mailbox = options.mailbox;
    this.#owner = options.owner;
    this.#generation = options.generation;
  }

  get expiresAtMs(): number {
    return this.#expiresAtMs;
  }

  take(): Promise<boolean> {
    return this.#write(
      (held) => held === undefined || held.expiresAtMs <= this.#clock.now() || this.#isOrphaned(held),
    );
  }

  /** A server of another generation lent it: that one has ended, for there is never but one. */
  #isOrphaned({ generation }: LeaseItem): boolean {
    return this.#generation !== undefined && generation !== this.#generation;
  }

  renew(): Promise<boolean> {
    return this.#write((held) => held?.owner === this.#owner);
  }

  /** It is not deleted: a late write of a lost answer must never meet a version that came again. */
  async release(): Promise<void> {
    for (let attempt = 0; attempt < maxResends; attempt++) {
      const held = await this.#read();
      if (held?.owner !== this.#owner) return;
      const free = { owner: 'nobody', expiresAtMs: 0, version: held.version + 1 };
      const outcome = await this.#put(free, held);
      if (outcome.kind === 'committed') return;
      if (outcome.kind === 'throttled') await this.#clock.sleep(10 * 2 ** attempt);
    }
  }

  /** Writes where `allowed`; after anything but success reads again, so an answer that was lost is found. */
  async #write(allowed: (held: LeaseItem | undefined) => boolean): Promise<boolean> {
    let attempted: LeaseItem | undefined;
    for (let attempt = 0; attempt < maxResends; attempt++) {
      const held = await this.#read();
      if (attempted !== undefined && held?.owner === this.#owner && held.version === attempted.version)
        return this.#holds(held);
      if (!allowed(held)) return false;
      attempted = {
        owner: this.#owner,
        expiresAtMs: this.#clock.now() + maildropLeaseMs,
        version: (held?.version ?? 0) + 1,
        ...(this.#generation === undefined ? {} : { generation: this.#generation }),
      };
      const outcome = await this.#put(attempted, held);
      if (outcome.kind === 'committed') return this.#holds(attempted);
      if (outcome.kind === 'throttled') await this.#clock.sleep(10 * 2 ** attempt);
    }
    return false;
  }

  #put(lease: LeaseItem, held: LeaseItem | undefined): Promise<CommitOutcome> {
    const { expiresAtMs, ...rest } = lease;
    const item: Item = { ...maildropKey(this.#mailbox), ...rest, heldUntil: isoOf(expiresAtMs) };
    return this.#table.commit([{ kind: 'put', item, condition: unchanged(held) }], { until: 'visible' });
  }

  #holds(lease: LeaseItem): true {
    this.#expiresAtMs = lease.expiresAtMs;
    return true;
  }

  async #read(): Promise<LeaseItem | undefined> {
    const item = await this.#table.get(maildropKey(this.#mailbox));
    if (item === undefined) return undefined;
    const generation = optionalStringOf(item, 'generation');
    return {
      owner: stringOf(item, 'owner'),
      expiresAtMs: timeOf(item, 'heldUntil', 'expiresAtMs'),
      version: numberOf(item, 'version'),
      ...(generation === undefined ? {} : { generation }),
    };
  }
}

function unchanged(held: LeaseItem | undefined): Condition {
  if (held === undefined) return { kind: 'absent' };
  return { kind: 'equals', attribute: 'version', value: held.version };
}
