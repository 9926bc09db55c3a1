/** Queues in SQS with their dead-letter queues, as the stacks make them. */
import { randomUUID } from 'node:crypto';
import { CreateQueueCommand, GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { SqsQueue } from '../../../../drivers/aws/queue/queue.ts';
import { systemClock } from '../../../../drivers/system/clock.ts';
import { maxAttempts, type Numbered, type Queues } from '../../../contracts/queue.ts';
import type { Opened } from '../../../contracts/contract.ts';

export interface QueueUrls {
  readonly url: string;
  readonly deadLetterUrl: string;
}

/** The URLs of the two queues of a fixture. */
export interface FixtureUrls {
  readonly standard: QueueUrls;
  readonly fifo: QueueUrls;
}

export async function createQueues(): Promise<FixtureUrls> {
  const client = new SQSClient();
  const id = randomUUID();
  const urls = {
    standard: await createQueue(client, {
      name: `standard-${id}`,
      fifo: false,
      maxReceiveCount: maxAttempts,
    }),
    fifo: await createQueue(client, { name: `fifo-${id}`, fifo: true, maxReceiveCount: maxAttempts }),
  };
  client.destroy();
  return urls;
}

export async function createQueue(
  client: SQSClient,
  {
    name,
    fifo,
    maxReceiveCount,
  }: { readonly name: string; readonly fifo: boolean; readonly maxReceiveCount: number },
): Promise<QueueUrls> {
  const suffix = fifo ? '.fifo' : '';
  const kind: Record<string, string> = fifo ? { FifoQueue: 'true' } : {};
  const { QueueUrl: deadLetterUrl = '' } = await client.send(
    new CreateQueueCommand({ QueueName: `${name}-dead${suffix}`, Attributes: kind }),
  );
  const { Attributes } = await client.send(
    new GetQueueAttributesCommand({ QueueUrl: deadLetterUrl, AttributeNames: ['QueueArn'] }),
  );
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: Attributes?.QueueArn, maxReceiveCount });
  const { QueueUrl: url = '' } = await client.send(
    new CreateQueueCommand({ QueueName: `${name}${suffix}`, Attributes: { ...kind, RedrivePolicy } }),
  );
  return { url, deadLetterUrl };
}

export function openQueues(urls: FixtureUrls): Opened<Queues> {
  const client = new SQSClient();
  const clock = systemClock();
  const common = { client, clock, maxAttempts };
  return {
    port: {
      standard: new SqsQueue<Numbered>({ ...common, ...urls.standard, name: 'standard', kind: 'standard' }),
      fifo: new SqsQueue<Numbered>({ ...common, ...urls.fifo, name: 'fifo', kind: 'fifo' }),
    },
    close: async () => client.destroy(),
  };
}
