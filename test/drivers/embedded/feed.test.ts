/** The embedded Feed under its contract. */
import { systemClock } from '../../../drivers/system/clock.ts';
import { feedContract } from '../../contracts/feed.ts';
import { storeFixture } from './store-fixture.ts';

feedContract({
  name: 'embedded feed',
  fixture: async () =>
    storeFixture({
      clock: systemClock(),
      port: ({ feed, table }) => ({ feed, table }),
      module: new URL('opens-feed.ts', import.meta.url).href,
    }),
  unsupported: {},
});
