/** Opens the queues of a fixture for a child process of the contract suite. */
import type { OpenPort } from '../../../contracts/contract.ts';
import type { Queues } from '../../../contracts/queue.ts';
import { openQueues, type FixtureUrls } from './temporary-queues.ts';

export const openPort: OpenPort<Queues> = async (argument) => openQueues(JSON.parse(argument) as FixtureUrls);
