/** The client of the table. */
import { DynamoDBClient, type DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';

const connectionTimeoutMs = 2000;
/** Of one request: DynamoDB answers within milliseconds, or a transaction of 4 MB within a second. */
const requestTimeoutMs = 5000;

/**
 * It repeats nothing by itself: a repeated write whose first try took place would look like one whose condition failed.
 * The table repeats what is safe, and its callers know what to do with an unknown outcome.
 */
export function tableClient(config: DynamoDBClientConfig = {}): DynamoDBClient {
  return new DynamoDBClient({
    maxAttempts: 1,
    requestHandler: {
      connectionTimeout: connectionTimeoutMs,
      requestTimeout: requestTimeoutMs,
      throwOnRequestTimeout: true,
      httpsAgent: { maxSockets: 200, keepAlive: true },
      httpAgent: { maxSockets: 200, keepAlive: true },
    },
    ...config,
  });
}
