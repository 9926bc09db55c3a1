/** What runs behind the listeners on one machine: what the queues' Lambdas and the schedules do on AWS. */
import { startWorker } from '../../drivers/system/worker.ts';
import { deliverBatch } from '../../mail/delivery/deliver-batch.ts';
import { deliverToAccount, type DeliverPorts } from '../../mail/delivery/deliver.ts';
import { queueOutbound } from '../../mail/delivery/outbound/queue-outbound.ts';
import type { NotifySender } from '../../mail/delivery/report.ts';
import type { RecipientDirectory } from '../../mail/routing/directory-port.ts';
import type { DeliverJob, RouteJob } from '../../mail/routing/jobs.ts';
import { routeMessage, type RoutePorts } from '../../mail/routing/route.ts';
import type { Metrics } from '../../mail/ports/metrics.ts';
import type { ReceivedJob } from '../../mail/ports/queue.ts';
import type { OneMachine } from '../one-machine.ts';

/** How long a batch may take before its jobs are given out again. */
const hiddenMs = 5 * 60_000;

export interface WorkersOptions {
  readonly machine: OneMachine;
  readonly directory: RecipientDirectory;
  readonly notifySender: NotifySender;
  readonly metrics: Metrics;
}

/** Starts routing and delivering. Disposing waits for what is under way. */
export function startWorkers({ machine, directory, notifySender, metrics }: WorkersOptions): AsyncDisposable {
  const { queues, clock, log, mail, blobs, random, store } = machine;
  const outbound = { table: store.table, blobs, clock, random, relayQueue: queues.relay };
  const sendOutside: RoutePorts['sendOutside'] = (outside) => queueOutbound(outbound, outside);
  const deliverPorts: DeliverPorts = { mail, blobs, notifySender, clock, log, metrics };
  const common = { clock, log, metrics, hiddenMs };
  const workers = new AsyncDisposableStack();
  workers.use(
    startWorker({
      ...common,
      queue: queues.route,
      batch: 64,
      concurrency: 2,
      handle: (jobs) =>
        eachAlone(jobs, (job) =>
          routeMessage(
            { directory, deliverQueue: queues.deliver, sendOutside, notifySender, log, metrics },
            job,
          ),
        ),
    }),
  );
  workers.use(
    startWorker({
      ...common,
      queue: queues.deliver,
      batch: 32,
      concurrency: 8,
      handle: async (jobs) => {
        await deliverBatch(
          { ...deliverPorts, asideQueue: queues.deliverAside },
          jobs.map(({ body }) => body),
        );
        return { failed: [] };
      },
    }),
  );
  workers.use(
    startWorker({
      ...common,
      queue: queues.deliverAside,
      batch: 8,
      concurrency: 1,
      handle: (jobs) => eachAlone(jobs, (job) => deliverToAccount(deliverPorts, [job])),
    }),
  );
  return workers;

  /** Every job by itself, all at once; the receipts of those that failed. */
  async function eachAlone<Body extends RouteJob | DeliverJob>(
    jobs: readonly ReceivedJob<Body>[],
    handle: (job: Body) => Promise<void>,
  ): Promise<{ readonly failed: readonly string[] }> {
    const results = await Promise.allSettled(jobs.map(({ body }) => handle(body)));
    const failed = jobs.filter(({ body }, at) => {
      const result = results[at];
      if (result?.status !== 'rejected') return false;
      log.error('worker.jobFailed', result.reason, { messageId: body.messageId });
      return true;
    });
    return { failed: failed.map(({ receipt }) => receipt) };
  }
}
