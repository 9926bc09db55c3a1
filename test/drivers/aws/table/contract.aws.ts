/** The Table on DynamoDB under its contract. */
import { randomUUID } from 'node:crypto';
import { tableContract } from '../../../contracts/table.ts';
import { openPort } from './opens-table.ts';
import { createTable, deleteTable } from './temporary-table.ts';

tableContract({
  name: 'DynamoDB',
  fixture: async () => {
    const tableName = `contract-${randomUUID()}`;
    await createTable(tableName);
    return {
      open: () => openPort(tableName),
      child: { module: new URL('opens-table.ts', import.meta.url).href, argument: tableName },
      remove: () => deleteTable(tableName),
    };
  },
  unsupported: {
    'turned clock': 'the time of a service cannot be turned',
    '1,000 writes in one commit': 'DynamoDB takes 100 in a transaction',
  },
});
