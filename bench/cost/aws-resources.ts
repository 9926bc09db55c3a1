/** Table, bucket, queues and topic of a deployment, made in the emulators as the stacks make them in AWS. */
import { randomUUID } from 'node:crypto';
import { CreateTableCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { SESClient, VerifyDomainIdentityCommand } from '@aws-sdk/client-ses';
import { CreateTopicCommand, SNSClient } from '@aws-sdk/client-sns';
import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import { readDeploymentSettings, type DeploymentSettings } from '../../bin/deployment-settings.ts';
import { queueDefinitions } from '../../bin/queues.ts';

export async function createTable(client: DynamoDBClient, tableName: string): Promise<void> {
  await client.send(
    new CreateTableCommand({
      TableName: tableName,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: ['pk', 'sk'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
    }),
  );
}

/** Each call makes another deployment; all of it goes with the emulators. */
export async function createResources(
  client: DynamoDBClient,
  { scratch }: { readonly scratch: string },
): Promise<DeploymentSettings> {
  const stage = `cost-${randomUUID().slice(0, 8)}`;
  await createTable(client, stage);
  const s3 = new S3Client();
  await s3.send(new CreateBucketCommand({ Bucket: stage }));
  s3.destroy();
  const sns = new SNSClient();
  const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: `${stage}-wake` }));
  sns.destroy();
  const ses = new SESClient();
  await ses.send(new VerifyDomainIdentityCommand({ Domain: 'example.test' }));
  ses.destroy();
  const queues = await createQueues(stage);
  return readDeploymentSettings({
    POSTA_STAGE: stage,
    POSTA_HOSTNAME: 'mx.example.test',
    POSTA_TABLE: stage,
    POSTA_BUCKET: stage,
    POSTA_WAKE_TOPIC: TopicArn,
    POSTA_NEXT_HOP: 'ses',
    POSTA_SCRATCH: scratch,
    ...queues,
  });
}

const variables = {
  route: 'POSTA_QUEUE_ROUTE',
  deliver: 'POSTA_QUEUE_DELIVER',
  deliverAside: 'POSTA_QUEUE_DELIVER_ASIDE',
  relay: 'POSTA_QUEUE_RELAY',
} as const;

async function createQueues(stage: string): Promise<Readonly<Record<string, string>>> {
  const sqs = new SQSClient();
  const made: Record<string, string> = {};
  for (const queue of ['route', 'deliver', 'deliverAside', 'relay'] as const) {
    const { name, kind } = queueDefinitions[queue];
    const [suffix, Attributes] = kind === 'fifo' ? ['.fifo', { FifoQueue: 'true' }] : ['', {}];
    const create = async (text: string) =>
      (await sqs.send(new CreateQueueCommand({ QueueName: `${text}${suffix}`, Attributes }))).QueueUrl ?? '';
    made[`${variables[queue]}_DEAD`] = await create(`${stage}-${name}-dead`);
    made[variables[queue]] = await create(`${stage}-${name}`);
  }
  sqs.destroy();
  return made;
}
