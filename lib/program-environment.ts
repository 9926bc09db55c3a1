/** The environment of every program of a deployment: the names that bin/deployment-settings.ts reads. */
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { QueueName } from '../bin/queues.ts';
import type { WorkQueue } from './constructs/work-queue.ts';
import type { PostaSettings } from './settings.ts';
import type { StorageStack } from './storage-stack.ts';

export interface ProgramParts {
  readonly settings: PostaSettings;
  readonly storage: Pick<StorageStack, 'table' | 'messages'>;
  readonly queues: Readonly<Record<QueueName, WorkQueue>>;
  readonly wakeTopic: ITopic;
}

export function programEnvironment({
  settings,
  storage,
  queues,
  wakeTopic,
}: ProgramParts): Readonly<Record<string, string>> {
  const queue = (name: string, { queue: work, dead }: WorkQueue) => ({
    [`POSTA_QUEUE_${name}`]: work.queueUrl,
    [`POSTA_QUEUE_${name}_DEAD`]: dead.queueUrl,
  });
  return {
    POSTA_STAGE: settings.stage,
    POSTA_HOSTNAME: settings.hostname,
    POSTA_TABLE: storage.table.tableName,
    POSTA_BUCKET: storage.messages.bucketName,
    ...queue('ROUTE', queues.route),
    ...queue('DELIVER', queues.deliver),
    ...queue('DELIVER_ASIDE', queues.deliverAside),
    ...queue('RELAY', queues.relay),
    POSTA_WAKE_TOPIC: wakeTopic.topicArn,
    POSTA_NEXT_HOP: settings.nextHop,
    POSTA_MTA_STS: settings.mtaSts,
    POSTA_RETENTION_DAYS: String(settings.retentionDays),
    POSTA_MAX_MESSAGE_SIZE: String(settings.maxMessageSize),
  };
}

/** Of the containers besides. */
export function containerEnvironment(certificate: ISecret): Readonly<Record<string, string>> {
  return { POSTA_CERTIFICATE_SECRET: certificate.secretArn, POSTA_SCRATCH: '/scratch' };
}
