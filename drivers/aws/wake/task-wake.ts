/** Wake of a running task: hears what any program publishes, by a queue of its own. */
import { randomUUID } from 'node:crypto';
import type { SNSClient } from '@aws-sdk/client-sns';
import { DeleteMessageBatchCommand, ReceiveMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { Clock } from '../../../mail/ports/clock.ts';
import type { Log } from '../../../mail/ports/log.ts';
import type { Wake, WakeUp } from '../../../mail/ports/wake.ts';
import { parseWakeUp } from '../../parse-wake-up.ts';
import { publish } from './publish.ts';
import { makeTaskQueue, type TaskQueue } from './task-queue.ts';

export interface TaskWakeOptions {
  readonly sns: SNSClient;
  readonly sqs: SQSClient;
  readonly topicArn: string;
  readonly queuePrefix: string;
  readonly log: Log;
  readonly clock: Clock;
}

/** SQS waits no longer: 130,000 requests a month for a task that hears nothing, 0.05 USD. */
const waitSeconds = 20;
const aliveEveryMs = 10 * 60_000;
const pauseAfterFailureMs = 2000;

/** Resolves when the queue is subscribed: before any view is opened. Disposing removes the queue. */
export async function openTaskWake(options: TaskWakeOptions): Promise<Wake & AsyncDisposable> {
  const id = randomUUID();
  const queue = await makeTaskQueue({ ...options, id, nowMs: options.clock.now() });
  return new TaskWake(options, id, queue);
}

class TaskWake implements Wake, AsyncDisposable {
  readonly #options: TaskWakeOptions;
  readonly #id: string;
  readonly #queue: TaskQueue;
  /** One for each subscription: the same listener may subscribe twice. */
  readonly #listeners = new Set<{ readonly hear: (wakeUp: WakeUp) => void }>();
  readonly #stop = new AbortController();
  readonly #loops: Promise<unknown>;

  constructor(options: TaskWakeOptions, id: string, queue: TaskQueue) {
    this.#options = options;
    this.#id = id;
    this.#queue = queue;
    this.#loops = Promise.all([this.#receive(), this.#stayAlive()]);
  }

  /** Its own listeners hear at once, and not again should it come back: a filter is slow to take effect. */
  async publish(wakeUps: readonly WakeUp[]): Promise<void> {
    for (const wakeUp of wakeUps) this.#tell(wakeUp);
    const { sns, topicArn, log } = this.#options;
    await publish({ client: sns, topicArn, log }, wakeUps, this.#id);
  }

  async subscribe(listener: (wakeUp: WakeUp) => void): Promise<AsyncDisposable> {
    const subscription = { hear: listener };
    this.#listeners.add(subscription);
    return { [Symbol.asyncDispose]: async () => void this.#listeners.delete(subscription) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#loops;
    await this.#queue
      .remove()
      .catch((fault: unknown) =>
        this.#options.log.error('wake.queueLeft', fault, { queue: this.#queue.url }),
      );
  }

  #tell(wakeUp: WakeUp): void {
    for (const { hear } of this.#listeners)
      try {
        hear(wakeUp);
      } catch (fault) {
        this.#options.log.error('wake.listenerFailed', fault, { account: wakeUp.account });
      }
  }

  async #receive(): Promise<void> {
    const { sqs, log, clock } = this.#options;
    const { signal } = this.#stop;
    const command = { QueueUrl: this.#queue.url, MaxNumberOfMessages: 10, WaitTimeSeconds: waitSeconds };
    while (!signal.aborted)
      try {
        const abortSignal = AbortSignal.any([signal, AbortSignal.timeout((waitSeconds + 10) * 1000)]);
        const { Messages = [] } = await sqs.send(new ReceiveMessageCommand(command), { abortSignal });
        if (Messages.length === 0) continue;
        for (const { Body = '' } of Messages) this.#hear(Body);
        const Entries = Messages.map(({ ReceiptHandle }, at) => ({ Id: String(at), ReceiptHandle }));
        await sqs.send(new DeleteMessageBatchCommand({ QueueUrl: this.#queue.url, Entries }), {
          abortSignal,
        });
      } catch (fault) {
        if (signal.aborted) return;
        log.warn('wake.deaf', { why: fault instanceof Error ? fault.message : String(fault) });
        await clock.sleep(pauseAfterFailureMs, signal);
      }
  }

  #hear(body: string): void {
    let message: unknown;
    try {
      message = JSON.parse(body);
    } catch {
      return;
    }
    const wakeUp = parseWakeUp(message);
    const { sender } = (message ?? {}) as { readonly sender?: unknown };
    if (wakeUp !== undefined && sender !== this.#id) this.#tell(wakeUp);
  }

  async #stayAlive(): Promise<void> {
    const { clock, log } = this.#options;
    const { signal } = this.#stop;
    for (;;) {
      await clock.sleep(aliveEveryMs, signal);
      if (signal.aborted) return;
      await this.#queue
        .sayAlive(clock.now())
        .catch((fault: unknown) => log.error('wake.notSaidAlive', fault, { queue: this.#queue.url }));
    }
  }
}
