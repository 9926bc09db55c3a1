/** How long the oldest job of each queue has waited: SQS tells it to CloudWatch only. */
import { GetMetricDataCommand, type CloudWatchClient } from '@aws-sdk/client-cloudwatch';

const periodSeconds = 60;
/** SQS tells it each minute while a queue is in use, and a few minutes late. */
const windowMs = 15 * 60_000;

/** In milliseconds, by the queue's URL; of one that is empty or idle there is nothing. */
export async function queueAges(
  client: CloudWatchClient,
  { urls, nowMs }: { readonly urls: readonly string[]; readonly nowMs: number },
): Promise<ReadonlyMap<string, number>> {
  const command = new GetMetricDataCommand({
    StartTime: new Date(nowMs - windowMs),
    EndTime: new Date(nowMs),
    ScanBy: 'TimestampDescending',
    MetricDataQueries: urls.map((url, at) => ({
      Id: `q${at}`,
      MetricStat: {
        Metric: {
          Namespace: 'AWS/SQS',
          MetricName: 'ApproximateAgeOfOldestMessage',
          Dimensions: [{ Name: 'QueueName', Value: url.slice(url.lastIndexOf('/') + 1) }],
        },
        Period: periodSeconds,
        Stat: 'Maximum',
      },
    })),
  });
  const { MetricDataResults = [] } = await client.send(command, { abortSignal: AbortSignal.timeout(10_000) });
  return new Map(
    MetricDataResults.flatMap(({ Id = '', Values: [seconds] = [] }) => {
      const url = urls[Number(Id.slice(1))];
      return url === undefined || seconds === undefined ? [] : [[url, seconds * 1000] as const];
    }),
  );
}
