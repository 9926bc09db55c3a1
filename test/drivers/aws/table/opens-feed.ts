/** Opens a table of DynamoDB and the feed of its stream, for a child process of the contract suite. */
import type { OpenPort } from '../../../contracts/contract.ts';
import type { FeedOfTable } from '../../../contracts/feed.ts';
import { StreamFeed } from './stream-feed.ts';
import { openTable } from './temporary-table.ts';

/** `argument`: the table's name, a space, the file that keeps what is done. */
export const openPort: OpenPort<FeedOfTable> = async (argument) => {
  const [tableName = '', doneFile = ''] = argument.split(' ');
  const { table, close } = openTable(tableName);
  const feed = new StreamFeed({ tableName, doneFile });
  return {
    port: { feed, table },
    close: async () => {
      feed.close();
      close();
    },
  };
};
