/** The function behind the schedules. */
import { SSMClient } from '@aws-sdk/client-ssm';
import { taskQueuePrefix } from '../../bin/deployment.ts';
import { lambdaFunction } from '../../bin/function.ts';
import { ParameterPasswords, passwordPath } from '../../drivers/aws/kept-passwords.ts';
import { sweepOrphanQueues } from '../../drivers/aws/wake/orphan-queues.ts';
import { Directory } from '../../mail/directory/directory.ts';
import { sweepEvent } from './sweep-event.ts';

export const handler = lambdaFunction('sweep', process.env, async (deployment) => {
  const { settings, clients, clock, log } = deployment;
  const { wakeTopic: topicArn, retentionDays, hostname } = settings;
  const queuePrefix = taskQueuePrefix(settings);
  const passwords = new ParameterPasswords({ client: new SSMClient(), path: passwordPath(settings.stage) });
  return sweepEvent({
    ...deployment,
    directory: new Directory(deployment.table),
    retentionDays,
    hostname,
    removePasswordsBefore: (date) => passwords.removeOlderThan(date),
    sweepOrphanQueues: () => sweepOrphanQueues({ ...clients, topicArn, queuePrefix, clock, log }),
  });
});
