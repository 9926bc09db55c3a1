/** The queue of one running task: made when it starts, subscribed to the topic, removed when it ends. */
import { SubscribeCommand, UnsubscribeCommand, type SNSClient } from '@aws-sdk/client-sns';
import {
  CreateQueueCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  SetQueueAttributesCommand,
  TagQueueCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';

export interface TaskQueueOptions {
  readonly sns: SNSClient;
  readonly sqs: SQSClient;
  readonly topicArn: string;
  /** Names it, with the task's id behind. */
  readonly queuePrefix: string;
  readonly id: string;
}

export interface TaskQueue {
  readonly url: string;
  /** Says that the task lives: the sweep removes queues that nobody says it of. */
  sayAlive(nowMs: number): Promise<void>;
  /** Unsubscribes, and removes it. */
  remove(): Promise<void>;
}

/** A tag: when the task last lived, ISO 8601. */
export const aliveTag = 'posta:aliveAt';
/** What was told is old after so long: a session looks by itself. */
const retentionSeconds = 60;
const answerMs = 10_000;

/** Resolves when what is published from now on comes. */
export async function makeTaskQueue(
  options: TaskQueueOptions & { readonly nowMs: number },
): Promise<TaskQueue> {
  const { sns, sqs, topicArn, queuePrefix, id, nowMs } = options;
  const inTime = () => ({ abortSignal: AbortSignal.timeout(answerMs) });
  const QueueName = `${queuePrefix}${id}`;
  const { QueueUrl = '' } = await sqs.send(
    new CreateQueueCommand({
      QueueName,
      Attributes: { MessageRetentionPeriod: String(retentionSeconds), SqsManagedSseEnabled: 'true' },
      tags: { [aliveTag]: new Date(nowMs).toISOString() },
    }),
    inTime(),
  );
  const { Attributes } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }),
    inTime(),
  );
  const QueueArn = Attributes?.QueueArn ?? '';
  await allowTopic({ sqs, url: QueueUrl, arn: QueueArn, topicArn });
  const { SubscriptionArn = '' } = await sns.send(
    new SubscribeCommand({
      TopicArn: topicArn,
      Protocol: 'sqs',
      Endpoint: QueueArn,
      Attributes: { RawMessageDelivery: 'true', FilterPolicy: JSON.stringify(notSentBy(id)) },
      ReturnSubscriptionArn: true,
    }),
    inTime(),
  );
  return {
    url: QueueUrl,
    async sayAlive(ms) {
      const Tags = { [aliveTag]: new Date(ms).toISOString() };
      await sqs.send(new TagQueueCommand({ QueueUrl, Tags }), inTime());
    },
    async remove() {
      await sns.send(new UnsubscribeCommand({ SubscriptionArn }), inTime());
      await sqs.send(new DeleteQueueCommand({ QueueUrl }), inTime());
    },
  };
}

/** Only the topic may send to it. */
async function allowTopic(options: {
  readonly sqs: SQSClient;
  readonly url: string;
  readonly arn: string;
  readonly topicArn: string;
}): Promise<void> {
  const Policy = JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: { Service: 'sns.amazonaws.com' },
        Action: 'sqs:SendMessage',
        Resource: options.arn,
        Condition: { ArnEquals: { 'aws:SourceArn': options.topicArn } },
      },
    ],
  });
  await options.sqs.send(new SetQueueAttributesCommand({ QueueUrl: options.url, Attributes: { Policy } }), {
    abortSignal: AbortSignal.timeout(answerMs),
  });
}

/** The task has told its own listeners already: what it published would only cost two requests to take and pass over. */
function notSentBy(id: string) {
  return { sender: [{ 'anything-but': [id] }, { exists: false }] };
}
