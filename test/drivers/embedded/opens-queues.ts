/** The embedded queues of the contract suite, also for its child processes. */
import { openStore } from '../../../drivers/embedded/store.ts';
import type { EmbeddedQueue } from '../../../drivers/embedded/queue.ts';
import type { EmbeddedStore } from '../../../drivers/embedded/store.ts';
import { systemClock } from '../../../drivers/system/clock.ts';
import type { OpenPort } from '../../contracts/contract.ts';
import { maxAttempts } from '../../contracts/queue.ts';
import type { Numbered, Queues } from '../../contracts/queue.ts';

interface EmbeddedQueues extends Queues {
  readonly standard: EmbeddedQueue<Numbered>;
  readonly fifo: EmbeddedQueue<Numbered>;
}

/** The two queues of a store that the suite uses. */
export function queuesOf(store: EmbeddedStore): EmbeddedQueues {
  return {
    standard: store.queue({ name: 'standard', kind: 'standard', maxAttempts }),
    fifo: store.queue({ name: 'fifo', kind: 'fifo', maxAttempts }),
  };
}

export const openPort: OpenPort<Queues> = async (data) => {
  const store = await openStore({ data, clock: systemClock() });
  return { port: queuesOf(store), close: () => store.close() };
};
