/** The function that does what an admin asks for: the forms in the console and `posta --stack` call it. */
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { SSMClient } from '@aws-sdk/client-ssm';
import { lambdaFunction } from '../../bin/function.ts';
import { CloudWatchKeptLog } from '../../drivers/aws/kept-log.ts';
import { ParameterPasswords, passwordPath } from '../../drivers/aws/kept-passwords.ts';
import { PasswordHasher } from '../../mail/auth/password.ts';
import { Directory } from '../../mail/directory/directory.ts';
import { adminEvent } from './admin-event.ts';
import { formEvent, isFormEvent } from './form-event.ts';

export const handler = lambdaFunction('admin', process.env, async (deployment) => {
  const { table, settings, clock, queues } = deployment;
  const keptLog = new CloudWatchKeptLog({
    client: new CloudWatchLogsClient(),
    logGroups: settings.logGroups,
    clock,
  });
  const directory = new Directory(table);
  const ports = {
    ...deployment,
    directory,
    forwards: settings.nextHop === 'ses' ? ('refused' as const) : ('allowed' as const),
    hasher: new PasswordHasher(),
    keptLog,
    relayQueue: queues.relay,
  };
  const passwords = new ParameterPasswords({ client: new SSMClient(), path: passwordPath(settings.stage) });
  const [command, form] = [adminEvent(ports), formEvent(ports, passwords)];
  return (event: unknown) => (isFormEvent(event) ? form(event) : command(event));
});
