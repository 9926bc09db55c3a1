/** The function that does what an admin asks for: the forms in the console and `posta --stack` call it. */
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { lambdaFunction } from '../../bin/function.ts';
import { CloudWatchKeptLog } from '../../drivers/aws/kept-log.ts';
import { PasswordHasher } from '../../mail/auth/password.ts';
import { Directory } from '../../mail/directory/directory.ts';
import { adminEvent } from './admin-event.ts';

export const handler = lambdaFunction('admin', process.env, async (deployment) => {
  const { table, settings, clock, queues } = deployment;
  const keptLog = new CloudWatchKeptLog({
    client: new CloudWatchLogsClient(),
    logGroups: settings.logGroups,
    clock,
  });
  const directory = new Directory(table);
  return adminEvent({
    ...deployment,
    directory,
    forwards: settings.nextHop === 'ses' ? 'refused' : 'allowed',
    hasher: new PasswordHasher(),
    keptLog,
    relayQueue: queues.relay,
  });
});
