/** The messages of an SQS queue as AWS hands them to a Lambda. */
import type { SQSEvent, SQSRecord } from 'aws-lambda';
import type { ReceivedJob } from '../../../mail/ports/queue.ts';
import { toJob } from './message.ts';

/** A job, or the reason why the record is none. `messageId` is SQS's: it names the record in a partial failure. */
export type EventJob<Body> =
  | { readonly kind: 'job'; readonly messageId: string; readonly job: ReceivedJob<Body> }
  | { readonly kind: 'unreadable'; readonly messageId: string; readonly fault: unknown };

/** In the order of the event: that of sending, in each group of a FIFO queue. */
export function eventJobs<Body>(event: SQSEvent): readonly EventJob<Body>[] {
  return event.Records.map((record) => {
    const { messageId } = record;
    try {
      return { kind: 'job', messageId, job: jobOf<Body>(record) };
    } catch (fault) {
      return { kind: 'unreadable', messageId, fault };
    }
  });
}

function jobOf<Body>({ body, receiptHandle, attributes, messageAttributes }: SQSRecord): ReceivedJob<Body> {
  return toJob<Body>({
    body,
    receipt: receiptHandle,
    receiveCount: Number(attributes.ApproximateReceiveCount),
    sentTimestampMs: Number(attributes.SentTimestamp),
    groupId: attributes.MessageGroupId,
    attribute: (name) => messageAttributes[name]?.stringValue,
  });
}
