/** One run of the sweep: its ports, what it may do, and what it did. */
import type { Blobs } from '../../ports/blobs.ts';
import type { LogFields } from '../../ports/log.ts';
import type { FeedPorts } from '../feed/handle-commit.ts';
import type { MailStore } from '../mail-store.ts';
import { dayMs } from '../retention.ts';

/** A blob younger than this may be of a message on its way. */
export const minOrphanAgeMs = 30 * dayMs;

/** What the sweep works on. `retentionDays` as for Feed. */
export interface SweepPorts extends FeedPorts {
  readonly blobs: Blobs;
  readonly mail: Pick<MailStore, 'submit' | 'undoBulk'>;
}

/** What a run did; each is a metric `sweep.<name>`. */
export interface SweepCounts {
  /** `message#` items deleted, in accounts that live on. */
  messages: number;
  /** Blobs deleted with their messages or accounts, side objects not counted. */
  blobs: number;
  /** Old places of messages whose indexes went. */
  places: number;
  /** Deleted folders whose places are all taken out. */
  mailboxes: number;
  /** Removed accounts of which nothing is left. */
  accounts: number;
  /** Cut operations of dead writers that were undone. */
  bulks: number;
  logRecords: number;
  /** Records of the Feed that had failed, and now went well. */
  aside: number;
  /** Entries put off: under legal hold, or too early. */
  postponed: number;
  orphanBlobs: number;
  incomingBlobs: number;
  outboundBlobs: number;
  outboundRecords: number;
  /** Things that failed: logged, and tried again in a later run. */
  failed: number;
}

function noCounts(): SweepCounts {
  return {
    messages: 0,
    blobs: 0,
    places: 0,
    mailboxes: 0,
    accounts: 0,
    bulks: 0,
    logRecords: 0,
    aside: 0,
    postponed: 0,
    orphanBlobs: 0,
    incomingBlobs: 0,
    outboundBlobs: 0,
    outboundRecords: 0,
    failed: 0,
  };
}

/** So many failures are the table's or the disk's, not the things': the run ends. */
const maxFailures = 50;

export class SweepRun {
  readonly ports: SweepPorts;
  readonly counts: SweepCounts = noCounts();
  readonly #signal: AbortSignal | undefined;
  readonly #oldestJobMs: number;
  #stepsLeft: number;

  constructor(
    ports: SweepPorts,
    options: {
      readonly maxSteps: number;
      readonly signal?: AbortSignal | undefined;
      readonly oldestJobAt?: Date | undefined;
    },
  ) {
    this.ports = ports;
    this.#oldestJobMs = options.oldestJobAt?.getTime() ?? Infinity;
    this.#stepsLeft = options.maxSteps;
    this.#signal = options.signal;
  }

  get nowMs(): number {
    return this.ports.clock.now();
  }

  /** No blob younger than this goes for want of an owner: a job that still waits, however long, may be about to file it. */
  get orphansBeforeMs(): number {
    return Math.min(this.nowMs - minOrphanAgeMs, this.#oldestJobMs - dayMs);
  }

  /** Whether this run is to do no more. */
  get over(): boolean {
    return this.#stepsLeft <= 0 || this.#signal?.aborted === true || this.counts.failed >= maxFailures;
  }

  /** Asked before each bounded piece of work; false: leave it to the next run. */
  takeStep(): boolean {
    if (this.over) return false;
    this.#stepsLeft--;
    return true;
  }

  add(name: keyof SweepCounts, by = 1): void {
    this.counts[name] += by;
  }

  fail(fault: unknown, fields: LogFields): void {
    this.counts.failed++;
    this.ports.log.error('sweep.failed', fault, fields);
  }

  /** Tells all counts. */
  report(): void {
    const { log, metrics } = this.ports;
    for (const [name, count] of Object.entries(this.counts))
      if (count > 0) metrics.count(`sweep.${name}`, {}, count);
    log.info('sweep.done', { ...this.counts });
  }
}
