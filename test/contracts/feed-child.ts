/** A process that commits log items of an account, from 1 to a number, and prints each. */
import { openedByChild } from './opened-by-child.ts';
import type { FeedOfTable } from './feed.ts';

const { opened, parameters } = await openedByChild<FeedOfTable>();
const [account = '', count = '0'] = parameters;
for (let rev = 1; rev <= Number(count); rev++) {
  const item = { pk: `account#${account}`, sk: `c#${String(rev).padStart(6, '0')}`, rev };
  await opened.port.table.commit([{ kind: 'put', item }]);
  process.stdout.write(`${rev}\n`);
}
await opened.close();
