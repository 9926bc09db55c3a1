/** The ports of a deployment in AWS: what every Lambda, every container and `posta --stack` stand on. */
import { randomBytes } from 'node:crypto';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import type { SESClient } from '@aws-sdk/client-ses';
import type { SESv2Client } from '@aws-sdk/client-sesv2';
import { SNSClient } from '@aws-sdk/client-sns';
import { SQSClient } from '@aws-sdk/client-sqs';
import { S3Blobs } from '../drivers/aws/blobs/blobs.ts';
import { SqsQueue } from '../drivers/aws/queue/queue.ts';
import { tableClient } from '../drivers/aws/table/client.ts';
import { readStoreVersion } from '../drivers/aws/table/store-version.ts';
import { DynamoTable } from '../drivers/aws/table/table.ts';
import { publishingWake } from '../drivers/aws/wake/publish.ts';
import { openTaskWake } from '../drivers/aws/wake/task-wake.ts';
import { systemClock } from '../drivers/system/clock.ts';
import type { RelayJob } from '../mail/delivery/outbound/relay-job.ts';
import { createMailStore } from '../mail/mailbox/create-mail-store.ts';
import type { EnvelopePageForm } from '../mail/mailbox/envelope-page.ts';
import type { MailStore } from '../mail/mailbox/mail-store.ts';
import type { Blobs } from '../mail/ports/blobs.ts';
import type { Clock } from '../mail/ports/clock.ts';
import type { Log } from '../mail/ports/log.ts';
import type { Metrics } from '../mail/ports/metrics.ts';
import type { Queue } from '../mail/ports/queue.ts';
import type { Table } from '../mail/ports/table.ts';
import type { Wake } from '../mail/ports/wake.ts';
import type { DeliverJob, RouteJob } from '../mail/routing/jobs.ts';
import type { DeploymentSettings } from './deployment-settings.ts';
import { queueDefinitions, type QueueName } from './queues.ts';

/** Disposing waits for what is under way, and ends the connections. */
export interface Deployment extends AsyncDisposable {
  readonly settings: DeploymentSettings;
  readonly table: Table;
  readonly blobs: Blobs;
  readonly queues: {
    readonly route: Queue<RouteJob>;
    readonly deliver: Queue<DeliverJob>;
    readonly deliverAside: Queue<DeliverJob>;
    readonly relay: Queue<RelayJob>;
  };
  readonly wake: Wake;
  readonly mail: MailStore;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly random: (size: number) => Uint8Array;
  /** The store's, when the program started. */
  readonly epoch: number;
  /** Capacity is paid for by its kilobytes. */
  readonly envelopePages: EnvelopePageForm;
  /** For what is no port: sweeping queues, secrets. */
  readonly clients: { readonly sqs: SQSClient; readonly sns: SNSClient };
}

export interface DeploymentOptions {
  /** `task`: hears what others commit, by a queue of its own. `publish`: only tells them. */
  readonly wake: 'task' | 'publish';
  readonly log: Log;
  readonly metrics: Metrics;
  /** Is given each client before its first call: whoever counts what is asked of AWS adds middleware there. */
  readonly prepareClient?: (client: AwsClient) => void;
}

export type AwsClient = DynamoDBClient | S3Client | SNSClient | SQSClient | SESClient | SESv2Client;

/** What the queues that carry "account X changed" to a task are called, before the task's own id. */
export function taskQueuePrefix({ stage }: Pick<DeploymentSettings, 'stage'>): string {
  return `${stage}-wake-`;
}

/** Region, credentials and endpoints are the SDK's own business: its environment, or the role of function and task. */
export async function openDeployment(
  settings: DeploymentSettings,
  options: DeploymentOptions,
): Promise<Deployment> {
  await using opening = new AsyncDisposableStack();
  const { log, metrics } = options;
  const clock = systemClock();
  const client = <Client extends AwsClient>(opened: Client) => {
    options.prepareClient?.(opened);
    return opening.adopt(opened, (each) => each.destroy());
  };
  const table = new DynamoTable({ client: client(tableClient()), tableName: settings.table, clock });
  const blobs = new S3Blobs({
    client: client(new S3Client()),
    bucket: settings.bucket,
    scratch: settings.scratch,
  });
  const sqs = client(new SQSClient());
  const sns = client(new SNSClient());
  const queue = <Body>(name: QueueName) =>
    new SqsQueue<Body>({ client: sqs, ...queueDefinitions[name], ...settings.queues[name], clock });
  const { epoch } = await readStoreVersion(table);
  const topicArn = settings.wakeTopic;
  const wake =
    options.wake === 'task'
      ? opening.use(
          await openTaskWake({ sns, sqs, topicArn, queuePrefix: taskQueuePrefix(settings), log, clock }),
        )
      : publishingWake({ client: sns, topicArn, log });
  const random = (size: number) => randomBytes(size);
  const mail = createMailStore({ table, blobs, wake, clock, log, epoch, random });
  opening.defer(() => mail.settled());
  const opened = opening.move();
  return {
    settings,
    table,
    blobs,
    queues: {
      route: queue('route'),
      deliver: queue('deliver'),
      deliverAside: queue('deliverAside'),
      relay: queue('relay'),
    },
    wake,
    mail,
    clock,
    log,
    metrics,
    random,
    epoch,
    envelopePages: 'packed',
    clients: { sqs, sns },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}
