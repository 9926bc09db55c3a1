/** Warnings and errors of the deployed functions, for a test that failed. */
import {
  CloudWatchLogsClient,
  FilterLogEventsCommand,
  paginateDescribeLogGroups,
} from '@aws-sdk/client-cloudwatch-logs';

export async function whatWasLogged(): Promise<string> {
  const client = new CloudWatchLogsClient();
  const lines: string[] = [];
  for await (const { logGroups = [] } of paginateDescribeLogGroups({ client }, {}))
    for (const { logGroupName } of logGroups) {
      const { events = [] } = await client.send(new FilterLogEventsCommand({ logGroupName }));
      const bad = events.filter(({ message = '' }) =>
        /"level":"(?:warn|error)"|Error|Task timed out/.test(message),
      );
      lines.push(
        ...bad.slice(-20).map(({ message = '' }) => `${logGroupName} ${message.trim().slice(0, 1500)}`),
      );
    }
  client.destroy();
  return lines.join('\n');
}
