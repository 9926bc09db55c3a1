/** The embedded Table under its contract. */
import { ManualClock } from '../../contracts/manual-clock.ts';
import { tableContract } from '../../contracts/table.ts';
import { storeFixture } from './store-fixture.ts';

tableContract({
  name: 'embedded table',
  fixture: async () =>
    storeFixture({
      clock: new ManualClock(),
      port: ({ table }) => table,
      module: new URL('opens-table.ts', import.meta.url).href,
    }),
  unsupported: {},
});
