/** The embedded Queue: jobs in LMDB, sent durably, received in turn, hidden by receipts. */
import type { Clock } from '../../mail/ports/clock.ts';
import type { Job, Queue, ReceivedJob, ReceiveOptions } from '../../mail/ports/queue.ts';
import { prepareJob } from '../prepare-job.ts';
import { ChangeSignal } from './change-signal.ts';
import type { Environment } from './environment.ts';
import type { Until } from './group-commit.ts';
import { QueueMoves } from './queue-moves.ts';
import type { NumberedJob, QueueKind } from './queue-moves.ts';
import { QueueRecords } from './queue-records.ts';
import { RecentRecords } from './recent-records.ts';

/** SQS hides no longer. */
const maxHiddenMs = 12 * 60 * 60 * 1000;
/** How long an id of a job counts. */
const deduplicationMs = 5 * 60 * 1000;
const maxReceived = 10_000;
/** Dead letters that one transaction sends again. */
const maxRedrivenAtOnce = 500;

/** What a queue is, the same in every process that uses it. */
export interface QueueOptions {
  /** Letters, digits, `-` and `_`. */
  readonly name: string;
  readonly kind: QueueKind;
  /** Receipts of a job before it is a dead letter. */
  readonly maxAttempts: number;
}

/** One object for each name in a process: its sends wake its receivers. */
export class EmbeddedQueue<Body> implements Queue<Body> {
  readonly name: string;
  readonly options: QueueOptions;
  readonly #environment: Environment;
  readonly #clock: Clock;
  readonly #records: QueueRecords;
  readonly #sent: RecentRecords;
  readonly #changes: ChangeSignal;

  constructor(options: QueueOptions & { readonly environment: Environment; readonly clock: Clock }) {
    const { environment, clock, name, kind, maxAttempts } = options;
    if (!/^[A-Za-z0-9_-]{1,80}$/.test(name)) throw new RangeError(`a queue cannot be named ${name}`);
    if (!(maxAttempts >= 1))
      throw new RangeError(`a job is received at least once, not ${maxAttempts} times`);
    this.name = name;
    this.options = { name, kind, maxAttempts };
    this.#environment = environment;
    this.#clock = clock;
    this.#records = new QueueRecords(environment, name);
    const records = environment.records('deduplication');
    this.#sent = new RecentRecords({ records, clock, windowMs: deduplicationMs });
    this.#changes = new ChangeSignal(clock);
  }

  async send(jobs: readonly Job<Body>[]): Promise<void> {
    const prepared = jobs.map((job) => prepareJob(this.options, job));
    if (prepared.length === 0) return;
    await this.#move((moves) => {
      for (const job of prepared) {
        if (!this.#isFirst(job.deduplicationId)) continue;
        moves.send({ ...job, now: this.#clock.now() });
      }
    }, 'flushed');
    this.#changes.notify();
  }

  async receive(options: ReceiveOptions): Promise<readonly ReceivedJob<Body>[]> {
    const { max, hiddenMs } = options;
    if (!(max >= 1 && max <= maxReceived)) throw new RangeError(`max is 1 to ${maxReceived}, not ${max}`);
    if (!(hiddenMs >= 0 && hiddenMs <= maxHiddenMs))
      throw new RangeError(`hiddenMs is 0 to ${maxHiddenMs}, not ${hiddenMs}`);
    return (await this.#changes.waitFor(() => this.#take(max, hiddenMs), options)) ?? [];
  }

  async done(receipts: readonly string[]): Promise<void> {
    const named = receipts.flatMap(parseReceipt);
    if (named.length === 0) return;
    await this.#move((moves) => {
      for (const { id, receipts: latest } of named) moves.done(id, latest);
    });
    // In a FIFO queue its group may be received from again.
    this.#changes.notify();
  }

  async release(receipt: string, delayMs: number): Promise<void> {
    const [named] = parseReceipt(receipt);
    if (!named) return;
    const now = this.#clock.now();
    await this.#move((moves) => moves.release({ ...named, now, dueAt: now + delayMs }));
    this.#changes.notify();
  }

  async deadLetters(limit: number): Promise<readonly ReceivedJob<Body>[]> {
    await this.#moveDue();
    this.#environment.refresh();
    return this.#records.dead(limit).flatMap((id) => {
      const job = this.#records.job(id);
      return job ? [this.#received({ id, job, body: this.#records.body(id) })] : [];
    });
  }

  async redrive(): Promise<number> {
    await this.#moveDue();
    let sent = 0;
    for (;;) {
      const more = await this.#move((moves) => moves.redrive(maxRedrivenAtOnce), 'flushed');
      if (more > 0) this.#changes.notify();
      sent += more;
      if (more < maxRedrivenAtOnce) return sent;
    }
  }

  async depth(): Promise<{ readonly waiting: number; readonly out: number; readonly dead: number }> {
    this.#environment.refresh();
    const { waiting, out, dead } = this.#records.totals();
    return { waiting, out, dead };
  }

  /** When the oldest job that is not done was sent, dead letters among them; undefined: there is none. */
  async oldestSentAt(): Promise<Date | undefined> {
    this.#environment.refresh();
    const job = this.#records.oldestJob();
    return job === undefined ? undefined : new Date(job.sentAt);
  }

  /**
   * Ends the hiding of all jobs: for a program that starts and knows that no other works on this queue. Without it
   * the jobs of one that was killed come back when their time-out has passed.
   */
  async recover(): Promise<void> {
    await this.#move((moves) => moves.recover());
    this.#changes.notify();
  }

  /** Within a transaction: false where a job of that id was sent lately. */
  #isFirst(deduplicationId: string | undefined): boolean {
    if (deduplicationId === undefined) return true;
    const name = `${this.name}\0${deduplicationId}`;
    if (this.#sent.find(name)) return false;
    this.#sent.add(name, Buffer.alloc(0));
    return true;
  }

  async #take(max: number, hiddenMs: number): Promise<readonly ReceivedJob<Body>[] | undefined> {
    if (!this.#mayReceive()) return undefined;
    const taken = await this.#move((moves) => {
      const now = this.#clock.now();
      moves.moveDue(now);
      return moves.take(max, now + hiddenMs);
    });
    return taken.length > 0 ? taken.map((job) => this.#received(job)) : undefined;
  }

  /** A look without a transaction: most waiting ends in nothing. */
  #mayReceive(): boolean {
    this.#environment.refresh();
    return this.#records.turns(1).length > 0 || this.#records.later(this.#clock.now(), 1).length > 0;
  }

  async #moveDue(): Promise<void> {
    const now = this.#clock.now();
    while (await this.#move((moves) => moves.moveDue(now)));
  }

  /** What is lost of receipts and ends by a power failure only makes a job be received once more. */
  #move<Result>(action: (moves: QueueMoves) => Result, until: Until = 'visible'): Promise<Result> {
    return this.#environment.writes.run(() => {
      const { kind, maxAttempts } = this.options;
      const moves = new QueueMoves({ records: this.#records, kind, maxAttempts });
      const result = action(moves);
      moves.finish();
      return result;
    }, until);
  }

  #received({ id, job, body }: NumberedJob): ReceivedJob<Body> {
    const { group, attempt, sentAt, receipts } = job;
    const received = { body: JSON.parse(body) as Body, attempt, sentAt: new Date(sentAt) };
    const receipt = `${id}-${receipts}`;
    return group === '' ? { ...received, receipt } : { ...received, receipt, group };
  }
}

/** None where it is not a receipt of ours. */
function parseReceipt(receipt: string): readonly { readonly id: number; readonly receipts: number }[] {
  const [, id, receipts] = /^(\d{1,15})-(\d{1,9})$/.exec(receipt) ?? [];
  return id === undefined ? [] : [{ id: Number(id), receipts: Number(receipts) }];
}
