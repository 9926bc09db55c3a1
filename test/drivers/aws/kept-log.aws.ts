/** KeptLog over CloudWatch Logs under its contract. */
import { randomUUID } from 'node:crypto';
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  PutLogEventsCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { CloudWatchKeptLog } from '../../../drivers/aws/kept-log.ts';
import { systemClock } from '../../../drivers/system/clock.ts';
import { keptLogContract } from '../../contracts/kept-log.ts';

/** CloudWatch takes no more events, or bytes, in a call. */
const eventsAtOnce = 2000;

keptLogContract('CloudWatch Logs', async () => {
  const client = new CloudWatchLogsClient();
  const logGroupName = `/kept/${randomUUID()}`;
  const logStreamName = 'one';
  await client.send(new CreateLogGroupCommand({ logGroupName }));
  await client.send(new CreateLogStreamCommand({ logGroupName, logStreamName }));
  const logGroups = [logGroupName, `${logGroupName}-not-there`];
  return {
    keptLog: new CloudWatchKeptLog({ client, logGroups, clock: systemClock() }),
    async put(lines) {
      const logEvents = lines.map(({ fields, ...line }) => ({
        timestamp: Date.parse(line.time),
        message: JSON.stringify({ ...line, ...fields }),
      }));
      for (let at = 0; at < logEvents.length; at += eventsAtOnce) {
        const some = logEvents.slice(at, at + eventsAtOnce);
        await client.send(new PutLogEventsCommand({ logGroupName, logStreamName, logEvents: some }));
      }
    },
    [Symbol.asyncDispose]: async () => client.destroy(),
  };
});
