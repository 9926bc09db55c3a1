/** Calls to one SQS queue: each with a time-out, in batches of ten, what failed of a batch sent again. */
import { randomUUID } from 'node:crypto';
import {
  ChangeMessageVisibilityCommand,
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SQSServiceException,
  type Message,
  type SendMessageBatchRequestEntry,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import type { Clock } from '../../../mail/ports/clock.ts';
import { isThrottled, isUnanswered, pauseMs, repeatedly } from '../failures.ts';
import type { MessageFacts } from './message.ts';

export type Entry = Omit<SendMessageBatchRequestEntry, 'Id'>;

const batchEntries = 10;
/** SQS takes 1 MiB, attributes included. */
const batchBytes = 900 * 1024;
const answerMs = 10_000;
const maxRounds = 6;
/** SQS hides no longer. */
const maxHiddenSeconds = 12 * 60 * 60;

export class QueueCalls {
  readonly #client: SQSClient;
  readonly #url: string;
  readonly #clock: Clock;

  constructor({
    client,
    url,
    clock,
  }: {
    readonly client: SQSClient;
    readonly url: string;
    readonly clock: Clock;
  }) {
    this.#client = client;
    this.#url = url;
    this.#clock = clock;
  }

  /** In their order; rejects when some could not be sent. */
  async send(entries: readonly Entry[]): Promise<void> {
    for (const batch of batchesOf(entries)) await this.#sendBatch(batch);
  }

  async receive(options: {
    readonly max: number;
    readonly waitMs: number;
    readonly hiddenMs: number;
    readonly signal?: AbortSignal | undefined;
  }): Promise<readonly MessageFacts[]> {
    const { max, waitMs, hiddenMs, signal } = options;
    const given = AbortSignal.timeout(waitMs + answerMs);
    const abortSignal = signal === undefined ? given : AbortSignal.any([signal, given]);
    const command = new ReceiveMessageCommand({
      QueueUrl: this.#url,
      MaxNumberOfMessages: Math.min(max, batchEntries),
      WaitTimeSeconds: Math.min(20, Math.ceil(waitMs / 1000)),
      VisibilityTimeout: secondsOf(hiddenMs),
      MessageSystemAttributeNames: ['ApproximateReceiveCount', 'SentTimestamp', 'MessageGroupId'],
      MessageAttributeNames: ['All'],
    });
    const { Messages = [] } = await this.#client.send(command, { abortSignal });
    return Messages.map(factsOf);
  }

  /** What is not there any more is no error. */
  async delete(receipts: readonly string[]): Promise<void> {
    let left = receipts;
    for (let round = 1; left.length > 0; round++) {
      const failed: string[] = [];
      for (let at = 0; at < left.length; at += batchEntries) {
        const batch = left.slice(at, at + batchEntries);
        failed.push(...(await this.#deleteBatch(batch)));
      }
      if (failed.length > 0 && round === maxRounds)
        throw new Error(`${failed.length} messages could not be deleted from ${this.#url}; they come again`);
      if (failed.length > 0) await this.#clock.sleep(pauseMs(round));
      left = failed;
    }
  }

  /** Of a message that is hidden; of another it changes nothing. */
  async hide(receipt: string, ms: number): Promise<void> {
    const VisibilityTimeout = ms === 0 ? 0 : secondsOf(ms);
    const input = { QueueUrl: this.#url, ReceiptHandle: receipt, VisibilityTimeout };
    try {
      await this.#repeatedly((abortSignal) =>
        this.#client.send(new ChangeMessageVisibilityCommand(input), { abortSignal }),
      );
    } catch (fault) {
      if (!isStale(fault)) throw fault;
    }
  }

  /** Roughly. */
  async depth(): Promise<{ readonly waiting: number; readonly out: number }> {
    const names = [
      'ApproximateNumberOfMessages',
      'ApproximateNumberOfMessagesDelayed',
      'ApproximateNumberOfMessagesNotVisible',
    ] as const;
    const command = { QueueUrl: this.#url, AttributeNames: [...names] };
    const { Attributes = {} } = await this.#repeatedly((abortSignal) =>
      this.#client.send(new GetQueueAttributesCommand(command), { abortSignal }),
    );
    const [visible = 0, delayed = 0, out = 0] = names.map((name) => Number(Attributes[name] ?? 0));
    return { waiting: visible + delayed, out };
  }

  async #sendBatch(batch: readonly Entry[]): Promise<void> {
    let left: readonly SendMessageBatchRequestEntry[] = batch.map((entry, at) => ({
      ...entry,
      Id: String(at),
    }));
    for (let round = 1; ; round++) {
      const command = { QueueUrl: this.#url, Entries: [...left] };
      const { Failed = [] } = await this.#repeatedly((abortSignal) =>
        this.#client.send(new SendMessageBatchCommand(command), { abortSignal }),
      );
      if (Failed.length === 0) return;
      const [failure] = Failed;
      if (round === maxRounds || Failed.some(({ SenderFault }) => SenderFault === true))
        throw new Error(
          `${Failed.length} of ${batch.length} jobs could not be sent to ${this.#url}: ${failure?.Code} ${failure?.Message}`,
        );
      const failed = new Set(Failed.map(({ Id }) => Id));
      left = left.filter(({ Id }) => failed.has(Id));
      await this.#clock.sleep(pauseMs(round));
    }
  }

  /** The receipts that are to be tried again. */
  async #deleteBatch(receipts: readonly string[]): Promise<readonly string[]> {
    const Entries = receipts.map((ReceiptHandle, at) => ({ Id: String(at), ReceiptHandle }));
    const { Failed = [] } = await this.#repeatedly((abortSignal) =>
      this.#client.send(new DeleteMessageBatchCommand({ QueueUrl: this.#url, Entries }), { abortSignal }),
    );
    return Failed.flatMap(({ Id, SenderFault }) =>
      SenderFault === true ? [] : (receipts[Number(Id)] ?? []),
    );
  }

  #repeatedly<Result>(call: (abortSignal: AbortSignal) => Promise<Result>): Promise<Result> {
    return repeatedly({ clock: this.#clock }, () => call(AbortSignal.timeout(answerMs)));
  }
}

/** A time-out of ours, or of the network: what was asked may have taken place. */
export function isPassing(fault: unknown): boolean {
  return isThrottled(fault) || isUnanswered(fault);
}

/** The receipt is of an earlier time, or none. */
function isStale(fault: unknown): boolean {
  return (
    fault instanceof SQSServiceException &&
    /ReceiptHandleIsInvalid|MessageNotInflight|InvalidParameterValue|InvalidAddress/.test(
      `${fault.name} ${fault.message}`,
    )
  );
}

function secondsOf(ms: number): number {
  return Math.min(maxHiddenSeconds, Math.max(1, Math.ceil(ms / 1000)));
}

function* batchesOf(entries: readonly Entry[]): Generator<readonly Entry[]> {
  let batch: Entry[] = [];
  let bytes = 0;
  for (const entry of entries) {
    const size = Buffer.byteLength(entry.MessageBody ?? '') + 1024;
    if (batch.length === batchEntries || bytes + size > batchBytes) {
      if (batch.length > 0) yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push(entry);
    bytes += size;
  }
  if (batch.length > 0) yield batch;
}

function factsOf({
  Body = '',
  ReceiptHandle = '',
  Attributes = {},
  MessageAttributes = {},
}: Message): MessageFacts {
  return {
    body: Body,
    receipt: ReceiptHandle,
    receiveCount: Number(Attributes.ApproximateReceiveCount ?? 1),
    sentTimestampMs: Number(Attributes.SentTimestamp ?? 0),
    groupId: Attributes.MessageGroupId,
    attribute: (name) => MessageAttributes[name]?.StringValue,
  };
}

/** For whoever sends the same again as something new. */
export function freshId(): string {
  return randomUUID();
}
