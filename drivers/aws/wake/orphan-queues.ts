/** Queues of tasks that were killed: nobody reads them, and the topic fills them for ever. */
import { paginateListSubscriptionsByTopic, UnsubscribeCommand, type SNSClient } from '@aws-sdk/client-sns';
import {
  DeleteQueueCommand,
  ListQueueTagsCommand,
  paginateListQueues,
  QueueDoesNotExist,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import type { Clock } from '../../../mail/ports/clock.ts';
import type { Log } from '../../../mail/ports/log.ts';
import { aliveTag } from './task-queue.ts';

export interface OrphanQueuesOptions {
  readonly sqs: SQSClient;
  readonly sns: SNSClient;
  readonly topicArn: string;
  readonly queuePrefix: string;
  readonly clock: Clock;
  readonly log: Log;
}

/** A task says that it lives every ten minutes: one that did not for so long is gone. */
const orphanMs = 60 * 60_000;

/** Removes them, and the subscriptions to queues that are no more; how many queues there were. */
export async function sweepOrphanQueues(options: OrphanQueuesOptions): Promise<number> {
  const { sqs, queuePrefix, clock, log } = options;
  const living = new Set<string>();
  let removed = 0;
  for await (const { QueueUrls = [] } of paginateListQueues(
    { client: sqs },
    { QueueNamePrefix: queuePrefix },
  ))
    for (const url of QueueUrls) {
      if (await isAlive(sqs, url, clock.now())) {
        living.add(nameOf(url, '/'));
        continue;
      }
      await sqs.send(new DeleteQueueCommand({ QueueUrl: url }));
      log.info('wake.orphanRemoved', { queue: nameOf(url, '/') });
      removed++;
    }
  await unsubscribe(options, living);
  return removed;
}

async function isAlive(sqs: SQSClient, url: string, nowMs: number): Promise<boolean> {
  try {
    const { Tags = {} } = await sqs.send(new ListQueueTagsCommand({ QueueUrl: url }));
    const aliveAt = Date.parse(Tags[aliveTag] ?? '');
    // One without a tag is none of ours, or has been made by another version.
    return Number.isNaN(aliveAt) || nowMs - aliveAt < orphanMs;
  } catch (fault) {
    // Its task has just ended. It is no orphan, and what is subscribed for it is gone already.
    if (fault instanceof QueueDoesNotExist) return true;
    throw fault;
  }
}

/** A queue that was made while this ran is not among the living: its name is looked for once more. */
async function unsubscribe(
  { sqs, sns, topicArn, queuePrefix, log }: OrphanQueuesOptions,
  living: ReadonlySet<string>,
): Promise<void> {
  const pages = paginateListSubscriptionsByTopic({ client: sns }, { TopicArn: topicArn });
  for await (const { Subscriptions = [] } of pages)
    for (const { Endpoint = '', SubscriptionArn = '' } of Subscriptions) {
      const name = nameOf(Endpoint, ':');
      if (!name.startsWith(queuePrefix) || living.has(name) || (await exists(sqs, name))) continue;
      await sns.send(new UnsubscribeCommand({ SubscriptionArn }));
      log.info('wake.subscriptionRemoved', { queue: name });
    }
}

async function exists(sqs: SQSClient, name: string): Promise<boolean> {
  for await (const { QueueUrls = [] } of paginateListQueues({ client: sqs }, { QueueNamePrefix: name }))
    if (QueueUrls.length > 0) return true;
  return false;
}

function nameOf(address: string, separator: string): string {
  return address.slice(address.lastIndexOf(separator) + 1);
}
