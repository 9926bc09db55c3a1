/** The contract of the Queue port, for every driver. Time is turned by hand where the driver allows it. */
import type { Queue } from '../../mail/ports/queue.ts';
import { contractTest } from './contract.ts';
import type { Fixture } from './contract.ts';
import type { ManualClock } from './manual-clock.ts';
import { deadLetterCases } from './queue-dead-letters.ts';
import { fifoCases } from './queue-fifo.ts';
import { processCases } from './queue-processes.ts';
import { standardCases } from './queue-standard.ts';

/** The body of a job in the suite. */
export interface Numbered {
  readonly number: number;
  readonly text?: string;
}

/** Two queues of one store, both with 3 attempts. */
export interface Queues {
  readonly standard: Queue<Numbered>;
  readonly fifo: Queue<Numbered>;
}

export interface QueueFixture extends Fixture<Queues> {
  /** Moves the driver's time on; in real time where it cannot be turned. */
  readonly pass: (ms: number) => Promise<void>;
  readonly clock?: ManualClock;
}

/** What a driver may leave out. */
export type QueueFeature =
  'turned clock' | 'exact depth' | 'groups take turns' | 'large batches' | 'attempts only for failures';

export interface QueueDriver {
  readonly name: string;
  /** A time of its own for each test. */
  readonly fixture: () => Promise<QueueFixture>;
  readonly unsupported: Readonly<Partial<Record<QueueFeature, string>>>;
}

export interface QueueCase {
  readonly name: string;
  readonly needs?: QueueFeature;
  readonly body: (queues: Queues, fixture: QueueFixture) => Promise<void>;
}

/** Receipts of a job before it is a dead letter, in both queues of a fixture. */
export const maxAttempts = 3;

/** Defines the tests of the Queue port for one driver. */
export function queueContract(driver: QueueDriver): void {
  const cases = [standardCases, fifoCases, deadLetterCases, processCases].flat();
  for (const { name, needs, body } of cases)
    contractTest<Queues, QueueFixture>({
      driver: driver.name,
      name,
      fixture: driver.fixture,
      unsupported: needs && driver.unsupported[needs],
      body,
    });
}
