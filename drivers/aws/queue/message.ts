/** A job as an SQS message: its body as JSON, and beside it what SQS does not keep. */
import { createHash, randomUUID } from 'node:crypto';
import type { MessageAttributeValue, SendMessageBatchRequestEntry } from '@aws-sdk/client-sqs';
import type { ReceivedJob } from '../../../mail/ports/queue.ts';
import type { PreparedJob } from '../../prepare-job.ts';

/** Names of the attributes. */
const sentAtName = 'sentAt';
const groupName = 'group';

/** What SQS takes for a group and for an id: up to 128 letters, digits and marks. */
const plain = /^[\w!"#$%&'()*+,\-./:;<=>?@[\\\]^`{|}~]{1,128}$/;

/** `sentAt` (ISO 8601) is that of the first send: it outlives the dead-letter queue. */
export function toEntry(
  { group, body, delayMs, deduplicationId }: PreparedJob,
  { fifo, sentAt }: { readonly fifo: boolean; readonly sentAt: string },
): Omit<SendMessageBatchRequestEntry, 'Id'> {
  return {
    MessageBody: body,
    MessageAttributes: {
      [sentAtName]: textOf(sentAt),
      ...(group === '' || plain.test(group) ? {} : { [groupName]: textOf(group) }),
    },
    ...(group === '' ? {} : { MessageGroupId: nameFor(group) }),
    // Made here, so that a send that is repeated after a time-out counts once.
    ...(fifo ? { MessageDeduplicationId: nameFor(deduplicationId ?? randomUUID()) } : {}),
    ...(delayMs === 0 ? {} : { DelaySeconds: Math.ceil(delayMs / 1000) }),
  };
}

/** A message as SQS's API and its events have it, in one shape. */
export interface MessageFacts {
  readonly body: string;
  readonly receipt: string;
  readonly receiveCount: number;
  readonly sentTimestampMs: number;
  readonly groupId: string | undefined;
  /** The text of an attribute of that name. */
  readonly attribute: (name: string) => string | undefined;
}

/** Throws where the body is no JSON. */
export function toJob<Body>(message: MessageFacts): ReceivedJob<Body> {
  const group = message.attribute(groupName) ?? message.groupId;
  const sentAt = new Date(message.attribute(sentAtName) ?? message.sentTimestampMs);
  return {
    body: JSON.parse(message.body) as Body,
    attempt: message.receiveCount,
    sentAt,
    receipt: message.receipt,
    ...(group === undefined ? {} : { group }),
  };
}

function textOf(text: string): MessageAttributeValue {
  return { DataType: 'String', StringValue: text };
}

function nameFor(text: string): string {
  return plain.test(text) ? text : createHash('sha256').update(text).digest('hex');
}
