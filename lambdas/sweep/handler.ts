/** The function behind the schedules. */
import { taskQueuePrefix } from '../../bin/deployment.ts';
import { lambdaFunction } from '../../bin/function.ts';
import { sweepOrphanQueues } from '../../drivers/aws/wake/orphan-queues.ts';
import { Directory } from '../../mail/directory/directory.ts';
import { sweepEvent } from './sweep-event.ts';

export const handler = lambdaFunction('sweep', process.env, async (deployment) => {
  const { settings, clients, clock, log } = deployment;
  const { wakeTopic: topicArn, retentionDays, hostname } = settings;
  const queuePrefix = taskQueuePrefix(settings);
  return sweepEvent({
    ...deployment,
    directory: new Directory(deployment.table),
    retentionDays,
    hostname,
    sweepOrphanQueues: () => sweepOrphanQueues({ ...clients, topicArn, queuePrefix, clock, log }),
  });
});
