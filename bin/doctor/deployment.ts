/** A deployment in AWS, as its admin function, its queues and Amazon SES say. */
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { S3Client } from '@aws-sdk/client-s3';
import { SESv2Client } from '@aws-sdk/client-sesv2';
import { SQSClient } from '@aws-sdk/client-sqs';
import { standardPorts } from '../../containers/standard-ports.ts';
import { countFeedFailures, feedFailuresBucket } from '../../drivers/aws/feed-failures.ts';
import { functionEnvironment } from '../../drivers/aws/function-environment.ts';
import { queueAges } from '../../drivers/aws/queue/queue-ages.ts';
import { SqsQueue } from '../../drivers/aws/queue/queue.ts';
import { sesIdentity, sesStanding, type SesIdentityStanding } from '../../drivers/aws/ses/ses-standing.ts';
import { systemClock } from '../../drivers/system/clock.ts';
import { domainList } from '../../lambdas/admin/domain-commands.ts';
import { queueList } from '../../lambdas/admin/queue-commands.ts';
import type { SesDns } from '../../mail/dns-records/records-of.ts';
import { mtaStsOf } from '../../mail/web/mta-sts.ts';
import { carryOut, runAdmin } from '../commands/admin.ts';
import { readDeploymentSettings, type DeploymentSettings } from '../deployment-settings.ts';
import { CommandFailure } from '../failure.ts';
import { queueDefinitions, type QueueName } from '../queues.ts';
import { Attempts } from './attempts.ts';
import type { Subject } from './subject.ts';

interface Clients extends Disposable {
  readonly lambda: LambdaClient;
  readonly ses: SESv2Client;
  readonly sqs: SQSClient;
  readonly metrics: CloudWatchClient;
  readonly stacks: CloudFormationClient;
  readonly s3: S3Client;
}

function openClients(): Clients {
  const clients = {
    lambda: new LambdaClient(),
    ses: new SESv2Client(),
    // The region's own address, which the queues' URLs have as well.
    sqs: new SQSClient({ useQueueUrlAsEndpoint: false }),
    metrics: new CloudWatchClient(),
    stacks: new CloudFormationClient(),
    s3: new S3Client(),
  };
  const close = () => {
    for (const client of Object.values(clients)) client.destroy();
  };
  return { ...clients, [Symbol.dispose]: close };
}

/** Rejects only where there is no such deployment, or its settings may not be read: all else is a finding. */
export async function deployment(stage: string): Promise<Subject> {
  const place = { data: '', stack: stage };
  using clients = openClients();
  const attempts = new Attempts();
  // First: where there is no such deployment, this says it best.
  const { domains: listed } = await runAdmin(domainList, {}, place);
  const domains = listed.map(({ domain }) => domain);
  const settings = await settingsOf(clients, stage);
  const { hostname, nextHop: sends } = settings;
  const [bySes, queues, outbound, feedFailures] = await Promise.all([
    sends === 'ses' ? standingOf(clients, { domains, attempts }) : undefined,
    queuesOf(clients, { settings, stage, attempts }),
    attempts.at(
      { area: 'queues', what: 'mail for other servers', action: 'lambda:InvokeFunction' },
      async () => {
        const { recipients } = await carryOut(queueList, { limit: 5000 }, { place, portsOf: onlyThere });
        const held = recipients.filter(({ state }) => state === 'held').length;
        return { held, waiting: recipients.length - held };
      },
    ),
    failuresOf(clients, { stage, attempts }),
  ]);
  const region = await clients.ses.config.region();
  return {
    hostname,
    sends,
    domains: domains.map((domain) => {
      const dkim = bySes?.identities.get(domain)?.dkimRecords;
      const sesDns: SesDns | undefined = dkim && { region, dkim, mailFrom: `bounce.${domain}` };
      return {
        domain,
        hostname,
        sends,
        mtaSts: mtaStsOf(settings.mtaSts, hostname),
        reportAddress: `postmaster@${domain}`,
        ...(sesDns === undefined ? {} : { ses: sesDns }),
      };
    }),
    host: hostname,
    ports: Object.values(standardPorts).map((standard) => ({ standard, port: standard })),
    ...(bySes === undefined ? {} : { ses: bySes }),
    queues,
    ...(outbound === undefined ? {} : { outbound }),
    ...(feedFailures === undefined ? {} : { feedFailures }),
    notSeen: attempts.failed,
  };
}

async function settingsOf({ lambda }: Clients, stage: string): Promise<DeploymentSettings> {
  const name = `${stage}-admin`;
  const environment = await functionEnvironment(lambda, name).catch((fault: unknown) => {
    const denied = fault instanceof Error && /AccessDenied/.test(fault.name);
    throw denied
      ? new CommandFailure(
          `these credentials may not lambda:GetFunctionConfiguration on ${name}, where the deployment's settings stand. Have it allowed for them, or use others (AWS_PROFILE)`,
        )
      : fault;
  });
  return readDeploymentSettings(environment);
}

/** It is the deployment that carries it out. */
function onlyThere(): never {
  throw new Error('there is no data directory');
}

async function standingOf(
  { ses }: Clients,
  { domains, attempts }: { readonly domains: readonly string[]; readonly attempts: Attempts },
) {
  const [account, ...identities] = await Promise.all([
    attempts.at({ area: 'sending', what: 'Amazon SES', action: 'ses:GetAccount' }, () => sesStanding(ses)),
    ...domains.map((domain) =>
      attempts.at(
        { area: 'sending', what: `Amazon SES, identity ${domain}`, action: 'ses:GetEmailIdentity' },
        async (): Promise<readonly [string, SesIdentityStanding | undefined]> => [
          domain,
          await sesIdentity(ses, domain),
        ],
      ),
    ),
  ]);
  return {
    ...(account === undefined ? {} : { account }),
    identities: new Map(identities.filter((each) => each !== undefined)),
  };
}

async function queuesOf(
  { sqs, metrics }: Clients,
  about: { readonly settings: DeploymentSettings; readonly stage: string; readonly attempts: Attempts },
): Promise<Subject['queues']> {
  const { attempts } = about;
  const clock = systemClock();
  const all = queuesIn(about);
  const urls = all.map(({ url }) => url);
  const [ages, ...depths] = await Promise.all([
    attempts.at(
      { area: 'queues', what: 'the age of the oldest jobs', action: 'cloudwatch:GetMetricData' },
      () => queueAges(metrics, { urls, nowMs: clock.now() }),
    ),
    ...all.map((queue) =>
      attempts.at(
        { area: 'queues', what: `queue ${queue.name}`, action: 'sqs:GetQueueAttributes' },
        async () => {
          const { waiting, out, dead } = await new SqsQueue({ client: sqs, ...queue, clock }).depth();
          return { name: queue.name, url: queue.url, waiting: waiting + out, dead };
        },
      ),
    ),
  ]);
  return depths
    .filter((seen) => seen !== undefined)
    .map(({ url, ...seen }) => {
      const oldestMs = ages?.get(url);
      return oldestMs === undefined ? seen : { ...seen, oldestMs };
    });
}

/** Those that every program knows, and that of Amazon SES's events, which has its name like them. */
function queuesIn({ settings, stage }: { readonly settings: DeploymentSettings; readonly stage: string }) {
  const known = (Object.keys(queueDefinitions) as QueueName[]).map((name) => ({
    ...queueDefinitions[name],
    ...settings.queues[name],
  }));
  const { url, deadLetterUrl } = settings.queues.relay;
  const likeRelay = (text: string) => text.replace(`/${stage}-relay`, `/${stage}-feedback`);
  const feedback = {
    ...queueDefinitions.relay,
    name: 'feedback',
    url: likeRelay(url),
    deadLetterUrl: likeRelay(deadLetterUrl),
  };
  return [...known, feedback];
}

async function failuresOf(
  { stacks, s3 }: Clients,
  { stage, attempts }: { readonly stage: string; readonly attempts: Attempts },
): Promise<number | undefined> {
  const what = 'changes that could not be followed up';
  const bucket = await attempts.at(
    { area: 'queues', what, action: 'cloudformation:DescribeStackResources' },
    () => feedFailuresBucket(stacks, stage),
  );
  if (bucket === undefined) return undefined;
  return attempts.at({ area: 'queues', what, action: `s3:ListBucket on ${bucket}` }, () =>
    countFeedFailures(s3, bucket),
  );
}
