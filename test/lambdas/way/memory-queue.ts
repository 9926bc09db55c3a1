/** A queue in memory whose jobs become events of a Lambda: SQS's part, with nothing of its chance. */
import type { SQSEvent, SQSRecord } from 'aws-lambda';
import type { Job, Queue } from '../../../mail/ports/queue.ts';

export class MemoryQueue<Body> implements Queue<Body> {
  readonly name: string;
  /** What waits, in the order of sending. */
  records: SQSRecord[] = [];
  /** All that was ever sent. */
  readonly sent: Body[] = [];
  #number = 0;
  readonly #deduplicated = new Set<string>();

  constructor(name: string) {
    this.name = name;
  }

  async send(jobs: readonly Job<Body>[]): Promise<void> {
    for (const { body, group, deduplicationId } of jobs) {
      if (deduplicationId !== undefined && this.#deduplicated.has(deduplicationId)) continue;
      if (deduplicationId !== undefined) this.#deduplicated.add(deduplicationId);
      this.sent.push(body);
      this.records.push(recordOf(`${this.name}-${(this.#number += 1)}`, JSON.stringify(body), group));
    }
  }

  /** The next batch; it stays until `done`. */
  batch(): SQSEvent {
    const Records = this.records.slice(0, 10);
    for (const { attributes } of Records)
      attributes.ApproximateReceiveCount = String(Number(attributes.ApproximateReceiveCount) + 1);
    return { Records };
  }

  /** Those of a batch that did not fail go. */
  end({ Records }: SQSEvent, failed: ReadonlySet<string>): void {
    const over = new Set(Records.map(({ messageId }) => messageId).filter((id) => !failed.has(id)));
    this.records = this.records.filter(({ messageId }) => !over.has(messageId));
  }

  receive = unused;
  done = unused;
  release = unused;
  deadLetters = unused;
  redrive = unused;
  depth = unused;
}

function unused(): never {
  throw new Error('Lambdas are handed their jobs');
}

function recordOf(messageId: string, body: string, group: string | undefined): SQSRecord {
  return {
    messageId,
    receiptHandle: messageId,
    body,
    attributes: {
      ApproximateReceiveCount: '0',
      SentTimestamp: String(Date.now()),
      SenderId: '',
      ApproximateFirstReceiveTimestamp: '',
      ...(group === undefined ? {} : { MessageGroupId: group }),
    },
    messageAttributes: {},
    md5OfBody: '',
    eventSource: 'aws:sqs',
    eventSourceARN: '',
    awsRegion: '',
  };
}
