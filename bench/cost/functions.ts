/** The Lambdas of a deployment, run here over the real drivers; each invocation is metered as AWS would bill it. */
import type { DynamoDBStreamEvent, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import {
  DeleteMessageBatchCommand,
  ReceiveMessageCommand,
  SQSClient,
  type Message,
} from '@aws-sdk/client-sqs';
import { openDeployment, type Deployment } from '../../bin/deployment.ts';
import { deploymentNextHops } from '../../bin/deployment-next-hops.ts';
import type { DeploymentSettings } from '../../bin/deployment-settings.ts';
import { EmfMetrics } from '../../drivers/aws/metrics/emf-metrics.ts';
import { metricsNamespace, publishedMetrics } from '../../drivers/aws/metrics/published-metrics.ts';
import { systemClock } from '../../drivers/system/clock.ts';
import { systemLog } from '../../drivers/system/log.ts';
import { deliverEvent } from '../../lambdas/deliver/deliver-event.ts';
import { feedBatch } from '../../lambdas/feed/feed-batch.ts';
import { sending } from '../../lambdas/handling/sending.ts';
import { relayBatch } from '../../lambdas/relay/relay-batch.ts';
import { routeBatch } from '../../lambdas/route/route-batch.ts';
import { forFeed } from '../../mail/mailbox/log-record.ts';
import { sweepExpired } from '../../mail/mailbox/sweep/sweep-expired.ts';
import { Directory } from '../../mail/directory/directory.ts';
import { billedMs, logLineBytes, platformLogBytes } from './lambda-time.ts';
import type { Meter } from './meter.ts';
import type { Attributes } from './mirror.ts';

/** As the stacks give it, in MB. */
export const memoryMb = { route: 512, deliver: 1024, feed: 512, relay: 512, sweep: 512 } as const;
export type FunctionName = keyof typeof memoryMb;

/** Polling in AWS: what one batch costs beside the work, a receive and a delete. */
const pollerBatch = 10;
/** Records that the stream gives to one invocation. */
const feedRecords = 100;

export interface FunctionsOptions {
  readonly settings: DeploymentSettings;
  readonly meter: Meter;
}

export class Functions implements AsyncDisposable {
  readonly deployment: Deployment;
  readonly #meter: Meter;
  readonly #metrics: EmfMetrics;
  readonly #sqs = new SQSClient();
  #logged = 0;
  #sequence = 0;

  private constructor(deployment: Deployment, meter: Meter, metrics: EmfMetrics) {
    this.deployment = deployment;
    this.#meter = meter;
    this.#metrics = metrics;
  }

  static async open({ settings, meter }: FunctionsOptions): Promise<Functions> {
    const destination = meteredLog(meter);
    const metrics = new EmfMetrics({
      destination,
      clock: systemClock(),
      namespace: metricsNamespace(settings.stage),
      service: 'function',
      published: publishedMetrics,
    });
    const log = systemLog({ level: settings.logLevel, destination }).with({ service: 'function' });
    const prepareClient = meter.meter.bind(meter);
    const deployment = await openDeployment(settings, { wake: 'publish', log, metrics, prepareClient });
    return new Functions(deployment, meter, metrics);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#sqs.destroy();
    await this.deployment[Symbol.asyncDispose]();
  }

  /** Invocations so far. */
  get invocations(): number {
    return this.#logged;
  }

  /** Routes and delivers what is in the queues, and handles the commits that the stream would bring. */
  async runMail(): Promise<void> {
    const { hostname } = this.deployment.settings;
    const ports = { ...this.deployment, directory: new Directory(this.deployment.table), hostname };
    await this.#drain('route', routeBatch(ports));
    await this.#drain('deliver', deliverEvent(ports));
    await this.runFeed();
  }

  /** Hands on what is due. */
  async runRelay(): Promise<void> {
    const { hostname } = this.deployment.settings;
    const ports = { ...this.deployment, directory: new Directory(this.deployment.table), hostname };
    const prepareClient = this.#meter.meter.bind(this.#meter);
    const openNextHops = await deploymentNextHops(this.deployment, { prepareClient });
    const handle = relayBatch({ ...ports, notifySender: sending(ports).notifySender, openNextHops });
    await this.#drain('relay', (event) => handle(event, { getRemainingTimeInMillis: () => 60_000 }));
  }

  async runFeed(): Promise<void> {
    const handle = feedBatch({ ...this.deployment, retentionDays: this.deployment.settings.retentionDays });
    const log = this.#meter.takeLog().filter((item) => item[forFeed]?.BOOL === true);
    for (let at = 0; at < log.length; at += feedRecords) {
      const event = this.#streamEvent(log.slice(at, at + feedRecords));
      await this.invoke('feed', () => handle(event, { getRemainingTimeInMillis: () => 60_000 }));
    }
  }

  /** The daily sweep's part for mailboxes, as of that time. */
  async runSweep(nowMs: number): Promise<void> {
    const { deployment } = this;
    const { retentionDays } = deployment.settings;
    const clock = { now: () => nowMs, sleep: deployment.clock.sleep.bind(deployment.clock) };
    await this.invoke('sweep', () => sweepExpired({ ...deployment, retentionDays, clock }));
  }

  /** One invocation, with what the runtime writes about it. */
  async invoke<Result>(name: FunctionName, work: () => Promise<Result>): Promise<Result> {
    const before = new Map(this.#meter.calls);
    const processor = process.cpuUsage();
    const result = await work();
    this.#metrics.flush();
    const { user, system } = process.cpuUsage(processor);
    const calls = new Map(
      [...this.#meter.calls].map(([call, count]) => [call, count - (before.get(call) ?? 0)]),
    );
    const ms = billedMs({ memoryMb: memoryMb[name], processorMs: (user + system) / 1000, calls });
    this.#meter.add('lambdaRequests', 1);
    this.#meter.add('lambdaGbSeconds', (memoryMb[name] / 1024) * (ms / 1000));
    this.#meter.add('logBytes', platformLogBytes + 3 * logLineBytes);
    this.#logged++;
    return result;
  }

  /** As Lambda's pollers do: receive, invoke, delete. */
  async #drain(
    name: 'route' | 'deliver' | 'relay',
    handle: (event: SQSEvent) => Promise<SQSBatchResponse>,
  ): Promise<void> {
    const { url } = this.deployment.settings.queues[name];
    for (;;) {
      const { Messages = [] } = await this.#sqs.send(
        new ReceiveMessageCommand({
          QueueUrl: url,
          MaxNumberOfMessages: pollerBatch,
          MessageSystemAttributeNames: ['All'],
          MessageAttributeNames: ['All'],
        }),
      );
      if (Messages.length === 0) return;
      const event = sqsEvent(Messages);
      const { batchItemFailures } = await this.invoke(name, () => handle(event));
      if (batchItemFailures.length > 0) throw new Error(`${name} failed; its log says why`);
      const Entries = Messages.map(({ ReceiptHandle }, at) => ({ Id: String(at), ReceiptHandle }));
      await this.#sqs.send(new DeleteMessageBatchCommand({ QueueUrl: url, Entries }));
      this.#meter.add(url.endsWith('.fifo') ? 'sqsFifoRequests' : 'sqsRequests', 2);
    }
  }

  /** Only new items of the log come to the function: its event source filters. */
  #streamEvent(items: readonly Attributes[]): DynamoDBStreamEvent {
    const Records = items.map((NewImage) => ({
      eventName: 'INSERT',
      dynamodb: { NewImage, SequenceNumber: String(++this.#sequence), StreamViewType: 'NEW_IMAGE' },
    }));
    const json = JSON.stringify({ Records }, (_name, value: unknown) =>
      value instanceof Uint8Array ? Buffer.from(value).toString('base64') : value,
    );
    return JSON.parse(json) as DynamoDBStreamEvent;
  }
}

/** Where the lines of a program go; each counts. */
export function meteredLog(meter: Meter): { write(line: string): void } {
  return {
    write(line) {
      meter.add('logBytes', Buffer.byteLength(line) + logLineBytes);
      if (/"level":"error"/.test(line)) process.stderr.write(line);
    },
  };
}

function sqsEvent(messages: readonly Message[]): SQSEvent {
  const Records = messages.map(
    ({ MessageId = '', ReceiptHandle = '', Body = '', Attributes = {}, MessageAttributes = {} }) => ({
      messageId: MessageId,
      receiptHandle: ReceiptHandle,
      body: Body,
      attributes: Attributes,
      messageAttributes: Object.fromEntries(
        Object.entries(MessageAttributes).map(([name, { StringValue: stringValue, DataType: dataType }]) => [
          name,
          { stringValue, dataType },
        ]),
      ),
    }),
  );
  return { Records } as unknown as SQSEvent;
}
