/** What the tests of relay stand on: a table, next hops that answer as they are told, and a clock that a test turns. */
import type { RecipientOutcome, NextHops, Transmission } from '../../../../mail/ports/next-hop.ts';
import type { Table } from '../../../../mail/ports/table.ts';
import type { OutboundRecipient } from '../../../../mail/delivery/outbound/outbound-recipient.ts';
import { putOutbound, readOutbound } from '../../../../mail/delivery/outbound/outbound-queue.ts';
import { Relay, type RelayPorts } from '../../../../mail/delivery/outbound/relay.ts';
import type { NotifySender } from '../../../../mail/delivery/report.ts';
import { MemoryMetrics } from '../../../../drivers/system/metrics.ts';
import { recordingLog } from '../../../contracts/recording-log.ts';
import { MemoryBlobs, seededRandom, StagedTable, temporaryTable } from '../../mailbox/mail-kit.ts';

export const startMs = Date.parse('2026-11-25T12:00:00Z');

/** One call of a next hop. */
export interface Sent {
  readonly domain: string;
  readonly recipients: readonly string[];
  readonly atMs: number;
  readonly bytes: string;
  readonly transmission: Transmission;
}

export const sent: RecipientOutcome = { kind: 'sent', dsn: false, said: { status: '2.0.0', text: 'taken' } };
export const deferred: RecipientOutcome = {
  kind: 'deferred',
  said: { status: '4.2.0', reply: '450 4.2.0 later', text: 'It asks to come back later' },
};
export const failed: RecipientOutcome = {
  kind: 'failed',
  said: { status: '5.1.1', reply: '550 5.1.1 no such user', text: 'It knows no such recipient' },
};

type Answer = { readonly outcomes: readonly RecipientOutcome[]; readonly unavailable: boolean };

export class RelayKit implements AsyncDisposable {
  nowMs = startMs;
  readonly staged: StagedTable;
  readonly blobs = new MemoryBlobs();
  readonly log = recordingLog();
  readonly metrics = new MemoryMetrics();
  readonly transmissions: Sent[] = [];
  readonly told: Parameters<NotifySender>[0][] = [];
  /** Domains that no next hop takes. */
  readonly heldDomains = new Set<string>();
  /** How a next hop answers; every recipient is sent unless a test says otherwise. */
  answer: (sentNow: Sent) => Answer | Promise<Answer> = ({ recipients }) => ({
    outcomes: recipients.map(() => sent),
    unavailable: false,
  });
  /** Telling senders fails while it is set. */
  notifyFault: Error | undefined;
  readonly #directory: Awaited<ReturnType<typeof temporaryTable>>;
  #seed = 0;

  private constructor(directory: Awaited<ReturnType<typeof temporaryTable>>) {
    this.#directory = directory;
    this.staged = new StagedTable(directory.table);
  }

  static async open(): Promise<RelayKit> {
    return new RelayKit(await temporaryTable());
  }

  get table(): Table {
    return this.staged;
  }

  get clock() {
    return {
      now: () => this.nowMs,
      sleep: () => new Promise<void>((resolve) => setImmediate(resolve)),
    };
  }

  /** Another relay on the table: another process. */
  relay(settings: Partial<RelayPorts> = {}): Relay {
    const nextHops: NextHops = {
      destinationOf: (domain) =>
        this.heldDomains.has(domain)
          ? { kind: 'hold', because: 'no next hop takes it' }
          : {
              kind: 'send',
              name: domain,
              hop: { transmit: (transmission) => this.#transmit(domain, transmission) },
            },
    };
    return new Relay({
      table: this.staged,
      blobs: this.blobs,
      nextHops,
      notifySender: async (told) => {
        if (this.notifyFault !== undefined) throw this.notifyFault;
        this.told.push(told);
      },
      clock: this.clock,
      random: seededRandom((this.#seed += 1)),
      log: this.log,
      metrics: this.metrics,
      ...settings,
    });
  }

  async #transmit(domain: string, transmission: Transmission): Promise<Answer> {
    const chunks: Uint8Array[] = [];
    for await (const chunk of transmission.read()) chunks.push(chunk);
    const sentNow: Sent = {
      domain,
      recipients: transmission.recipients.map(({ address }) => address),
      atMs: this.nowMs,
      bytes: Buffer.concat(chunks).toString(),
      transmission,
    };
    this.transmissions.push(sentNow);
    return this.answer(sentNow);
  }

  /** Queues a message for these recipients, due now. */
  async queue(
    messageId: string,
    recipients: readonly string[],
    more: Partial<OutboundRecipient> = {},
  ): Promise<void> {
    const blobKey = `outbound/${messageId}.eml`;
    const bytes = Buffer.from(`Return-Path: <ann@here.test>\r\nSubject: ${messageId}\r\n\r\nText\r\n`);
    this.blobs.stored.set(blobKey, bytes);
    await putOutbound(
      { table: this.staged, clock: this.clock, random: seededRandom(5) },
      recipients.map((recipient) => ({
        messageId,
        recipient,
        reversePath: 'ann@here.test',
        blobKey,
        sizeBytes: bytes.length,
        returnPathBytes: bytes.indexOf('Subject'),
        body: '7BIT',
        smtpUtf8: false,
        receivedAt: new Date(this.nowMs).toISOString(),
        state: 'waiting',
        version: 1,
        queuedAtMs: this.nowMs,
        dueAtMs: this.nowMs,
        attempts: 0,
        delayTold: false,
        ...more,
      })),
    );
  }

  /** `recipient state` of each. */
  async states(messageId: string): Promise<readonly string[]> {
    return (await readOutbound(this.staged, messageId)).map(
      ({ recipient, state }) => `${recipient} ${state}`,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#directory[Symbol.asyncDispose]();
  }
}
