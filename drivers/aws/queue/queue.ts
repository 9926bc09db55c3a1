/** The Queue on SQS. Lambdas are handed its messages by AWS (`event.ts`); what runs in a container receives them here. */
import type { SQSClient } from '@aws-sdk/client-sqs';
import type { Clock } from '../../../mail/ports/clock.ts';
import type { Job, Queue, ReceivedJob, ReceiveOptions } from '../../../mail/ports/queue.ts';
import { prepareJob } from '../../prepare-job.ts';
import { freshId, QueueCalls, isPassing } from './calls.ts';
import { DeadLetterDesk } from './dead-letter-desk.ts';
import { toEntry, toJob, type MessageFacts } from './message.ts';

export interface SqsQueueOptions {
  readonly client: SQSClient;
  readonly name: string;
  readonly kind: 'standard' | 'fifo';
  readonly url: string;
  readonly deadLetterUrl: string;
  /** The `maxReceiveCount` that the queue was made with. */
  readonly maxAttempts: number;
  readonly clock: Clock;
}

/** Marks the receipt of a dead letter: it is of another queue. */
const deadMark = 'dead ';
/** Before an empty answer is asked for again, where there is time. */
const retryMs = 500;

export class SqsQueue<Body> implements Queue<Body> {
  readonly name: string;
  readonly #options: SqsQueueOptions;
  readonly #calls: QueueCalls;
  readonly #deadCalls: QueueCalls;
  readonly #dead: DeadLetterDesk;

  constructor(options: SqsQueueOptions) {
    const { client, clock, url, deadLetterUrl } = options;
    this.name = options.name;
    this.#options = options;
    this.#calls = new QueueCalls({ client, url, clock });
    this.#deadCalls = new QueueCalls({ client, url: deadLetterUrl, clock });
    this.#dead = new DeadLetterDesk({ calls: this.#deadCalls, clock });
  }

  async send(jobs: readonly Job<Body>[]): Promise<void> {
    const { kind, clock } = this.#options;
    const sentAt = new Date(clock.now()).toISOString();
    const prepared = jobs.map((job) => prepareJob(this.#options, job));
    await this.#calls.send(prepared.map((job) => toEntry(job, { fifo: kind === 'fifo', sentAt })));
  }

  async receive(options: ReceiveOptions): Promise<readonly ReceivedJob<Body>[]> {
    const messages = await this.#receiveNew(options);
    return messages.map((message) => toJob<Body>(message));
  }

  async done(receipts: readonly string[]): Promise<void> {
    const given = receipts.filter((receipt) => receipt !== '');
    const dead = given.filter((receipt) => receipt.startsWith(deadMark));
    await this.#calls.delete(given.filter((receipt) => !receipt.startsWith(deadMark)));
    await this.#dead.delete(dead.map((receipt) => receipt.slice(deadMark.length)));
  }

  async release(receipt: string, delayMs: number): Promise<void> {
    await this.#calls.hide(receipt, delayMs);
  }

  async deadLetters(limit: number): Promise<readonly ReceivedJob<Body>[]> {
    const messages = await this.#dead.look(limit);
    return messages.map((message) => ({
      ...toJob<Body>(message),
      receipt: `${deadMark}${message.receipt}`,
      // What it counts in the other queue says nothing.
      attempt: this.#options.maxAttempts,
    }));
  }

  /**
   * Each is sent, then deleted: one that is cut off between the two is there twice, and never lost. (SQS can move them by
   * itself, but only by a task whose end is not told.)
   */
  async redrive(): Promise<number> {
    const { clock, kind } = this.#options;
    const sentAt = new Date(clock.now()).toISOString();
    let count = 0;
    for (;;) {
      const messages = await this.#dead.look(100);
      if (messages.length === 0) return count;
      const jobs = messages.map((message) => {
        const { group = '' } = toJob<Body>(message);
        return {
          group,
          body: message.body,
          delayMs: 0,
          deduplicationId: kind === 'fifo' ? freshId() : undefined,
        };
      });
      await this.#calls.send(jobs.map((job) => toEntry(job, { fifo: kind === 'fifo', sentAt })));
      await this.#dead.delete(messages.map(({ receipt }) => receipt));
      count += messages.length;
    }
  }

  async depth(): Promise<{ readonly waiting: number; readonly out: number; readonly dead: number }> {
    const [own, dead] = await Promise.all([this.#calls.depth(), this.#deadCalls.depth()]);
    return { ...own, dead: dead.waiting + dead.out };
  }

  async #receiveNew(options: ReceiveOptions): Promise<readonly MessageFacts[]> {
    const { clock } = this.#options;
    const { signal, waitMs } = options;
    const until = clock.now() + waitMs;
    for (;;) {
      if (signal?.aborted === true) return [];
      const left = Math.max(0, until - clock.now());
      try {
        const messages = await this.#calls.receive({ ...options, waitMs: left });
        if (messages.length > 0) return await this.#ofOneGroup(messages);
      } catch (fault) {
        if (options.signal?.aborted === true) return [];
        if (!isPassing(fault) || left <= retryMs) throw fault;
        await clock.sleep(retryMs, signal);
      }
      if (clock.now() >= until) return [];
    }
  }

  /**
   * SQS gives a batch of several groups, the port one of one: the others are given back, the last first, which counts as
   * an attempt. Only Lambdas work on FIFO queues in AWS, and take all groups of a batch.
   */
  async #ofOneGroup(messages: readonly MessageFacts[]): Promise<readonly MessageFacts[]> {
    if (this.#options.kind === 'standard') return messages;
    const [first] = messages;
    const others = messages.filter(({ groupId }) => groupId !== first?.groupId);
    for (const { receipt } of others.toReversed()) await this.#calls.hide(receipt, 0);
    return messages.filter((message) => !others.includes(message));
  }
}
