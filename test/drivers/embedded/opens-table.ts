/** Opens the embedded table of a data directory for a child process of the contract suite. */
import { openStore } from '../../../drivers/embedded/store.ts';
import { systemClock } from '../../../drivers/system/clock.ts';
import type { Table } from '../../../mail/ports/table.ts';
import type { OpenPort } from '../../contracts/contract.ts';

export const openPort: OpenPort<Table> = async (data) => {
  const store = await openStore({ data, clock: systemClock() });
  return { port: store.table, close: () => store.close() };
};
