/** A deployment in AWS, as its admin function, its queues and Amazon SES say. */
import { LambdaClient } from '@aws-sdk/client-lambda';
import { SESv2Client } from '@aws-sdk/client-sesv2';
import { SQSClient } from '@aws-sdk/client-sqs';
import { standardPorts } from '../../containers/standard-ports.ts';
import { functionEnvironment } from '../../drivers/aws/function-environment.ts';
import { SqsQueue } from '../../drivers/aws/queue/queue.ts';
import { sesIdentity, sesStanding } from '../../drivers/aws/ses/ses-standing.ts';
import { systemClock } from '../../drivers/system/clock.ts';
import { domainList } from '../../lambdas/admin/domain-commands.ts';
import { queueList } from '../../lambdas/admin/queue-commands.ts';
import type { SesDns } from '../../mail/dns-records/records-of.ts';
import { mtaStsOf } from '../../mail/web/mta-sts.ts';
import { carryOut, runAdmin } from '../commands/admin.ts';
import { readDeploymentSettings, type DeploymentSettings } from '../deployment-settings.ts';
import { queueDefinitions, type QueueName } from '../queues.ts';
import type { Subject } from './subject.ts';

export async function deployment(stage: string): Promise<Subject> {
  const place = { data: '', stack: stage };
  const lambda = new LambdaClient();
  const ses = new SESv2Client();
  const sqs = new SQSClient();
  try {
    // First: where there is no such deployment, this says it best.
    const { domains } = await runAdmin(domainList, {}, place);
    const settings = readDeploymentSettings(await functionEnvironment(lambda, `${stage}-admin`));
    const { hostname, nextHop: sends } = settings;
    const bySes = sends === 'ses';
    const identities = new Map(
      await Promise.all(
        (bySes ? domains : []).map(async ({ domain }) => [domain, await sesIdentity(ses, domain)] as const),
      ),
    );
    const region = await ses.config.region();
    const waiting = await carryOut(queueList, { limit: 10_000 }, { place, portsOf: onlyThere });
    const held = waiting.recipients.filter(({ state }) => state === 'held').length;
    return {
      hostname,
      sends,
      domains: domains.map(({ domain }) => {
        const dkim = identities.get(domain)?.dkimRecords;
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
      ...(bySes ? { ses: { account: await sesStanding(ses), identities } } : {}),
      queues: await depthsOf(sqs, settings),
      outbound: { held, waiting: waiting.recipients.length - held },
    };
  } finally {
    for (const client of [lambda, ses, sqs]) client.destroy();
  }
}

/** It is the deployment that carries it out. */
function onlyThere(): never {
  throw new Error('there is no data directory');
}

async function depthsOf(client: SQSClient, { queues }: DeploymentSettings): Promise<Subject['queues']> {
  const clock = systemClock();
  return Promise.all(
    (Object.keys(queueDefinitions) as QueueName[]).map(async (name) => {
      const queue = new SqsQueue({ client, ...queueDefinitions[name], ...queues[name], clock });
      const { waiting, dead } = await queue.depth();
      return { name, waiting, dead };
    }),
  );
}
