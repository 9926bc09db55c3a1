import { temporaryBucket } from '../../drivers/aws/blobs/temporary-bucket.ts';
import { temporaryDynamoTable } from '../../drivers/aws/table/temporary-table.ts';
import { killedBetweenSteps } from './killed.ts';

killedBetweenSteps(
  'DynamoDB and S3',
  async () => {
    await using opening = new AsyncDisposableStack();
    const { table } = opening.use(await temporaryDynamoTable());
    const { blobs } = opening.use(await temporaryBucket());
    const opened = opening.move();
    return { table, blobs, [Symbol.asyncDispose]: () => opened.disposeAsync() };
  },
  7,
);
