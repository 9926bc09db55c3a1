/** What keeps a data directory in order while the server runs. */
import { createNotifySender } from '../../mail/delivery/notify-sender.ts';
import { settleDeadLetters } from '../../mail/delivery/dead-letters.ts';
import type { Metrics } from '../../mail/ports/metrics.ts';
import type { Queue } from '../../mail/ports/queue.ts';
import type { RecipientDirectory } from '../../mail/routing/directory-port.ts';
import type { DeliverJob, RouteJob } from '../../mail/routing/jobs.ts';
import type { OneMachine } from '../one-machine.ts';
import { startPeriodic } from './periodic.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

export interface HousekeepingOptions {
  readonly machine: OneMachine;
  readonly directory: RecipientDirectory;
  readonly metrics: Metrics;
  readonly hostname: string;
  readonly retentionDays: number;
}

export function startHousekeeping(options: HousekeepingOptions): AsyncDisposable {
  const { machine, directory, metrics, hostname } = options;
  const { blobs, store, clock, log, queues } = machine;
  const notifySender = createNotifySender({
    directory,
    blobs,
    table: store.table,
    routeQueue: queues.route,
    clock,
    log,
    metrics,
    hostname,
  });
  const all = Object.values(queues) as readonly Queue<RouteJob | DeliverJob>[];
  return startPeriodic(
    [
      { name: 'compact', everyMs: minuteMs, run: async () => void (await blobs.compact()) },
      {
        name: 'deadLetters',
        everyMs: hourMs,
        run: () => settleDeadLetters({ queues: all, notifySender, clock, log, metrics }),
      },
    ],
    machine,
  );
}
