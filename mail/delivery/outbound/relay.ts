/**
 * Relay: takes what is due from the outbound queue and hands it to the next hops. The queue in the table is what holds;
 * a claim keeps two processes from sending the same, and runs out by itself where a process dies.
 */
import { inParallel } from '../../mailbox/in-parallel.ts';
import { newId, type RandomBytes } from '../../mailbox/types.ts';
import { canonicalText } from '../../message/address.ts';
import type { Blobs } from '../../ports/blobs.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import type { Metrics } from '../../ports/metrics.ts';
import type { Destination, NextHops, RecipientOutcome, Said } from '../../ports/next-hop.ts';
import type { Table } from '../../ports/table.ts';
import type { NotifySender } from '../report.ts';
import { findSuppressed } from '../suppression.ts';
import { claimRecipient, releaseClaims, stillClaimed, type Claim } from './claims.ts';
import { Lanes, type LaneLimits, type LaneTask } from './lanes.ts';
import { changeOutbound, dropIfDangling, dueEntries, readOutbound, type DueEntry } from './outbound-queue.ts';
import { domainOf, type OutboundRecipient } from './outbound-recipient.ts';
import { retrySchedule, type RetrySchedule } from './retry-schedule.ts';
import { afterAttempt, held, putOff } from './settle.ts';
import { tellSenders } from './tell-senders.ts';
import { findBytes, transmissionOf } from './transmission.ts';

/** Recipients of one transmission (RFC 5321 section 4.5.3.1.8). */
const recipientsAtOnce = 100;
/** Entries of the due index that a sweep has at hand, and messages that it claims at once. */
const sweptAtOnce = 256;
const takenAtOnce = 16;

export interface RelayPorts {
  readonly table: Table;
  readonly blobs: Blobs;
  readonly nextHops: NextHops;
  readonly notifySender: NotifySender;
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly schedule?: RetrySchedule;
  readonly lanes?: LaneLimits;
  /** Names the server where never but one relays from the table: claims of another are of a server that has ended. */
  readonly generation?: string;
}

const suppressedOutcome: RecipientOutcome = {
  kind: 'failed',
  said: {
    status: '5.7.1',
    text: 'Earlier mail to this address came back for good, or its owner called it junk. The administrator can let mail go there again (posta suppression remove)',
  },
};

/** Recipients of one message that go out together. */
interface Group {
  readonly destination: Extract<Destination, { readonly kind: 'send' }>;
  readonly domain: string;
  readonly recipients: readonly OutboundRecipient[];
}

export class Relay {
  readonly #ports: RelayPorts;
  readonly #schedule: RetrySchedule;
  readonly #lanes: Lanes;
  #cutOff = false;

  constructor(ports: RelayPorts) {
    this.#ports = ports;
    this.#schedule = ports.schedule ?? retrySchedule;
    this.#lanes = new Lanes({
      clock: ports.clock,
      ...(ports.lanes === undefined ? {} : { limits: ports.lanes }),
    });
  }

  /** Begins to send what is due of a message; resolves when that is claimed. `asked`: by an admin, despite pauses of the place. */
  async take(messageId: string, { asked = false }: { readonly asked?: boolean } = {}): Promise<void> {
    const { table, clock } = this.#ports;
    const recipients = await readOutbound(table, messageId);
    const due = recipients.filter(({ dueAtMs }) => dueAtMs <= clock.now());
    const claim = `${this.#ports.generation ?? ''}:${newId(this.#ports.random)}`;
    const claimed: OutboundRecipient[] = [];
    for (const entry of due) {
      const mine = entry.state === 'waiting' ? await claimRecipient(this.#ports, entry, claim) : undefined;
      if (mine !== undefined) claimed.push(mine);
    }
    const open = await this.#failSuppressed(claimed, claim);
    for (const group of await this.#groups(open)) this.#send(group, { claim, asked });
    // What a process owed when it died, records that were kept long enough, and bytes that nobody waits for.
    const over = recipients.every(({ endedAtMs }) => endedAtMs !== undefined);
    if (over || due.some(({ state }) => state !== 'waiting')) await this.#tellSenders(recipients);
  }

  /** Those that may be sent: who is on the suppression list gets nothing, and the sender hears why. */
  async #failSuppressed(
    claimed: readonly OutboundRecipient[],
    claim: string,
  ): Promise<readonly OutboundRecipient[]> {
    // A recipient is kept as it was written; the list has one form of it.
    const listed = (recipient: string) => canonicalText(recipient) ?? recipient;
    const addresses = new Set(claimed.map(({ recipient }) => listed(recipient)));
    const on = await findSuppressed(this.#ports.table, [...addresses]);
    const failing = claimed.filter(({ recipient }) => on.has(listed(recipient)));
    if (failing.length === 0) return claimed;
    await this.#settle(failing, { outcomes: failing.map(() => suppressedOutcome), claim });
    return claimed.filter((entry) => !failing.includes(entry));
  }

  /** What is due in the whole queue: to be called each minute. */
  async sweep(signal: AbortSignal): Promise<void> {
    const { table, clock } = this.#ports;
    let batch: DueEntry[] = [];
    for await (const entry of dueEntries(table, { fromMs: 0, toMs: clock.now() })) {
      batch.push(entry);
      if (batch.length < sweptAtOnce) continue;
      await this.#takeDue(batch, signal);
      if (signal.aborted) return;
      batch = [];
    }
    await this.#takeDue(batch, signal);
  }

  async #takeDue(entries: readonly DueEntry[], signal: AbortSignal): Promise<void> {
    const { log } = this.#ports;
    const messages = new Map(entries.map((entry) => [entry.messageId, entry]));
    await inParallel([...messages.values()], takenAtOnce, async (entry) => {
      if (signal.aborted) return;
      try {
        await this.take(entry.messageId);
        await dropIfDangling(this.#ports, entry);
      } catch (error) {
        log.error('relay.fault', error, { messageId: entry.messageId });
      }
    });
  }

  /** At the start, where never but one server relays: what an earlier one claimed is due now. Safe to repeat. */
  async releaseClaims(signal?: AbortSignal): Promise<void> {
    const { generation } = this.#ports;
    if (generation !== undefined) await releaseClaims(this.#ports, { generation, signal });
  }

  /** Resolves when nothing is under way. */
  async settled(): Promise<void> {
    await this.#lanes.settled();
  }

  /**
   * Begins nothing more, and gives what is under way so long. What is cut off after that was no attempt: it stays due,
   * and goes out when relay is started again.
   */
  async close({ graceMs }: { readonly graceMs: number }): Promise<void> {
    const ended = new AbortController();
    const late = this.#ports.clock.sleep(graceMs, ended.signal);
    await Promise.race([this.#lanes.close(), late]);
    ended.abort();
    this.#cutOff = true;
  }

  /** By place, domain and forwarding address; what no next hop takes is held. */
  async #groups(claimed: readonly OutboundRecipient[]): Promise<readonly Group[]> {
    const groups: Group[] = [];
    const alike = Map.groupBy(claimed, (entry) => `${domainOf(entry)} ${entry.forwardedFor ?? ''}`);
    for (const recipients of alike.values()) {
      const [first] = recipients;
      if (first === undefined) continue;
      const domain = domainOf(first);
      const destination = this.#ports.nextHops.destinationOf(domain, first);
      if (destination.kind === 'hold') await this.#hold(recipients, destination);
      else
        for (let at = 0; at < recipients.length; at += recipientsAtOnce)
          groups.push({ destination, domain, recipients: recipients.slice(at, at + recipientsAtOnce) });
    }
    return groups;
  }

  async #hold(
    recipients: readonly OutboundRecipient[],
    { because, alarm = false }: Extract<Destination, { readonly kind: 'hold' }>,
  ): Promise<void> {
    for (const entry of recipients) {
      await changeOutbound(this.#ports, entry, (now) =>
        now.state === 'waiting' ? held(now, because) : undefined,
      );
      const { messageId, recipient } = entry;
      const fields = { messageId, recipient, because };
      if (alarm) this.#ports.log.error('relay.held', because, fields);
      else this.#ports.log.warn('relay.held', fields);
      this.#ports.metrics.count('relay.held');
    }
  }

  #send(group: Group, { claim, asked }: { readonly claim: string; readonly asked: boolean }): void {
    const claimedAtMs = this.#ports.clock.now();
    const task: LaneTask = {
      run: () => this.#transmit(group, { claim, claimedAtMs }),
      putOff: ({ ms, because }) => this.#putOff(group, { claim, untilMs: ms, because }),
      crowded: ({ ms }) => this.#putOff(group, { claim, untilMs: ms }),
    };
    this.#lanes.add(group.destination.name, task, { asked });
  }

  async #transmit(
    { destination, domain, recipients: claimed }: Group,
    { claim, claimedAtMs }: Claim,
  ): Promise<{ readonly unavailable: Said | undefined }> {
    const { messageId } = claimed[0] ?? {};
    try {
      const recipients = await stillClaimed(this.#ports, claimed, { claim, claimedAtMs });
      const [first] = recipients;
      if (first === undefined) return { unavailable: undefined };
      const { blobs } = this.#ports;
      await findBytes(blobs, first);
      const transmission = transmissionOf(blobs, first, recipients);
      const { outcomes, unavailable } = await destination.hop.transmit(transmission, { domain });
      await this.#settle(recipients, { outcomes, claim });
      const putOffBy = outcomes.find(({ kind }) => kind === 'deferred') ?? outcomes[0];
      return { unavailable: unavailable ? putOffBy?.said : undefined };
    } catch (error) {
      // A fault of ours: nothing was sent, or what was is not written down. The claim runs out, and then it is due again.
      this.#ports.log.error('relay.fault', error, { messageId });
      this.#ports.metrics.count('relay.faults');
      return { unavailable: undefined };
    }
  }

  async #settle(
    recipients: readonly OutboundRecipient[],
    { outcomes, claim }: { readonly outcomes: readonly RecipientOutcome[]; readonly claim: string },
  ): Promise<void> {
    const schedule = this.#schedule;
    for (const [at, entry] of recipients.entries()) {
      const outcome = outcomes[at];
      if (outcome === undefined) throw new Error('a next hop left a recipient without an outcome');
      const nowMs = this.#ports.clock.now();
      const cutOff = this.#cutOff && outcome.kind === 'deferred';
      const after = await changeOutbound(this.#ports, entry, (now) =>
        cutOff
          ? putOff(now, { claim, nowMs, untilMs: nowMs, schedule })
          : afterAttempt(now, { outcome, claim, nowMs, schedule }),
      );
      if (cutOff)
        this.#ports.log.info('relay.cutOff', { messageId: entry.messageId, recipient: entry.recipient });
      else this.#logOutcome(after ?? entry, outcome);
    }
    await this.#tellSenders(recipients);
  }

  /** What is owed stays owed where it cannot be told now: the next sweep tells it. */
  async #tellSenders([first]: readonly OutboundRecipient[]): Promise<void> {
    if (first === undefined) return;
    try {
      await tellSenders({ ...this.#ports, schedule: this.#schedule }, first.messageId);
    } catch (error) {
      this.#ports.log.error('relay.fault', error, { messageId: first.messageId });
      this.#ports.metrics.count('relay.faults');
    }
  }

  #logOutcome(
    { messageId, recipient, state, attempts, dueAtMs }: OutboundRecipient,
    outcome: RecipientOutcome,
  ): void {
    const { kind, said } = outcome;
    const { status, reply, text, remote } = said;
    const next = state === 'waiting' ? new Date(dueAtMs).toISOString() : undefined;
    this.#ports.metrics.count(`relay.${kind}`);
    this.#ports.log.info(`relay.${kind}`, {
      messageId,
      recipient,
      remote,
      status,
      reply,
      text,
      attempts,
      next,
    });
  }

  async #putOff(
    { recipients }: Group,
    put: { readonly claim: string; readonly untilMs: number; readonly because?: Said },
  ): Promise<void> {
    const { clock, log } = this.#ports;
    const schedule = this.#schedule;
    for (const entry of recipients)
      try {
        const nowMs = clock.now();
        await changeOutbound(this.#ports, entry, (now) => putOff(now, { ...put, nowMs, schedule }));
      } catch (error) {
        // The claim runs out, and then it is due again.
        log.error('relay.fault', error, { messageId: entry.messageId });
      }
    if (put.because !== undefined) await this.#tellSenders(recipients);
  }
}
