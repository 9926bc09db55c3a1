/** Opens the embedded feed and its table for a child process of the contract suite. */
import { openStore } from '../../../drivers/embedded/store.ts';
import { systemClock } from '../../../drivers/system/clock.ts';
import type { OpenPort } from '../../contracts/contract.ts';
import type { FeedOfTable } from '../../contracts/feed.ts';

export const openPort: OpenPort<FeedOfTable> = async (data) => {
  const store = await openStore({ data, clock: systemClock() });
  return { port: store, close: () => store.close() };
};
