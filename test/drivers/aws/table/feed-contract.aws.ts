/** Feed from the table's stream, as DynamoDB Local has it, under its contract. */
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { feedContract } from '../../../contracts/feed.ts';
import { openPort } from './opens-feed.ts';
import { createTable, deleteTable } from './temporary-table.ts';

feedContract({
  name: 'DynamoDB stream',
  fixture: async () => {
    const tableName = `feed-${randomUUID()}`;
    await createTable(tableName);
    const folder = await mkdtemp(join(tmpdir(), 'posta-feed-'));
    const argument = `${tableName} ${join(folder, 'done')}`;
    return {
      open: () => openPort(argument),
      child: { module: new URL('opens-feed.ts', import.meta.url).href, argument },
      remove: async () => {
        await deleteTable(tableName);
        await rm(folder, { recursive: true });
      },
    };
  },
  unsupported: {},
});
