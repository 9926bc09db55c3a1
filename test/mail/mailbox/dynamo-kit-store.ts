/** A store on DynamoDB for the tests of Feed and sweep: a table of its own, and the feed of its stream. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readStoreVersion } from '../../../drivers/aws/table/store-version.ts';
import { StreamFeed } from '../../drivers/aws/table/stream-feed.ts';
import { temporaryDynamoTable } from '../../drivers/aws/table/temporary-table.ts';
import type { OpenKitStore } from './sweep-kit.ts';

export const openDynamoKitStore: OpenKitStore = async () => {
  const { table, tableName, [Symbol.asyncDispose]: remove } = await temporaryDynamoTable();
  const { epoch } = await readStoreVersion(table);
  const folder = await mkdtemp(join(tmpdir(), 'posta-feed-'));
  const feed = new StreamFeed({ tableName, doneFile: join(folder, 'done') });
  return {
    table,
    feed,
    epoch,
    async [Symbol.asyncDispose]() {
      feed.close();
      await remove();
      await rm(folder, { recursive: true });
    },
  };
};
