/** Opens a table of DynamoDB by its name for a child process of the contract suite. */
import type { Table } from '../../../../mail/ports/table.ts';
import type { OpenPort } from '../../../contracts/contract.ts';
import { openTable } from './temporary-table.ts';

export const openPort: OpenPort<Table> = async (tableName) => {
  const { table, close } = openTable(tableName);
  return { port: table, close: async () => close() };
};
