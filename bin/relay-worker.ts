/** Relay over its queue, where a process runs on: the one-machine server, and the container that sends by MX. */
import { startWorker } from '../drivers/system/worker.ts';
import type { RelayJob } from '../mail/delivery/outbound/relay-job.ts';
import type { Relay } from '../mail/delivery/outbound/relay.ts';
import type { Clock } from '../mail/ports/clock.ts';
import type { Log } from '../mail/ports/log.ts';
import type { Metrics } from '../mail/ports/metrics.ts';
import type { Queue } from '../mail/ports/queue.ts';

/** How long claiming what is due of some messages may take before their jobs are given out again. */
const hiddenMs = 5 * 60_000;

/** Disposing takes no more jobs; what is under way is the relay's to end. */
export function startRelayWorker(
  relay: Relay,
  ports: {
    readonly queue: Queue<RelayJob>;
    readonly clock: Clock;
    readonly log: Log;
    readonly metrics: Metrics;
  },
): AsyncDisposable {
  const { log } = ports;
  return startWorker({
    ...ports,
    batch: 64,
    concurrency: 2,
    hiddenMs,
    handle: async (jobs) => {
      const taken = await Promise.allSettled(
        jobs.map(({ body }) => relay.take(body.messageId, { asked: body.asked === true })),
      );
      const failed = jobs.filter((_, at) => {
        const result = taken[at];
        if (result?.status === 'rejected')
          log.error('worker.jobFailed', result.reason, { messageId: jobs[at]?.body.messageId });
        return result?.status === 'rejected';
      });
      return { failed: failed.map(({ receipt }) => receipt) };
    },
  });
}
