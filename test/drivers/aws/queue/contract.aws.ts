/** The Queue on SQS under its contract. */
import { setTimeout as pause } from 'node:timers/promises';
import { queueContract } from '../../../contracts/queue.ts';
import { createQueues, openQueues } from './temporary-queues.ts';

queueContract({
  name: 'SQS',
  fixture: async () => {
    const urls = await createQueues();
    return {
      open: async () => openQueues(urls),
      child: { module: new URL('opens-queues.ts', import.meta.url).href, argument: JSON.stringify(urls) },
      pass: (ms) => pause(ms),
      remove: async () => undefined,
    };
  },
  unsupported: {
    'turned clock': 'the time of a service cannot be turned',
    'exact depth': 'SQS counts roughly',
    'groups take turns': 'SQS does so at its own measure, which no emulator has',
    'large batches': 'SQS gives ten at most',
    'attempts only for failures': 'what a batch of several groups gives back counts as an attempt',
  },
});
