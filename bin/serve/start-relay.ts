/** Mail on its way to other servers: woken by a queue, and every few seconds by what is due. */
import { startWorker } from '../../drivers/embedded/worker.ts';
import { Relay } from '../../mail/delivery/outbound/relay.ts';
import type { NotifySender } from '../../mail/delivery/report.ts';
import type { Metrics } from '../../mail/ports/metrics.ts';
import type { NextHops } from '../../mail/ports/next-hop.ts';
import type { OneMachine } from '../one-machine.ts';
import { startPeriodic } from './periodic.ts';

/** How long claiming what is due of some messages may take before their jobs are given out again. */
const hiddenMs = 5 * 60_000;
const sweepEveryMs = 10_000;
/** How long transmissions may take to end when the server stops; what does not goes out at the next start. */
const graceMs = 8_000;

export interface RelayOptions {
  readonly machine: OneMachine;
  /** Disposed with the relay: what it has not ended by then is cut off by that. */
  readonly nextHops: NextHops & AsyncDisposable;
  readonly notifySender: NotifySender;
  readonly metrics: Metrics;
  /** Names this server among those that have served the data directory. */
  readonly generation: string;
}

/** Disposing begins nothing more, and waits a little for what is under way. */
export function startRelay(options: RelayOptions): AsyncDisposable {
  const { machine, nextHops, notifySender, metrics, generation } = options;
  const { store, blobs, queues, clock, random, log } = machine;
  const relay = new Relay({
    table: store.table,
    blobs,
    nextHops,
    notifySender,
    clock,
    random,
    log,
    metrics,
    generation,
  });
  const worker = startWorker({
    queue: queues.relay,
    batch: 64,
    concurrency: 2,
    hiddenMs,
    clock,
    log,
    metrics,
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
  let released = false;
  const sweep = async (signal: AbortSignal) => {
    // With very much that waits it takes its time, so nothing else waits for it.
    if (!released) await relay.releaseClaims(signal);
    released = true;
    await relay.sweep(signal);
  };
  const periodic = startPeriodic([{ name: 'relay', everyMs: sweepEveryMs, firstMs: 0, run: sweep }], machine);
  return {
    async [Symbol.asyncDispose]() {
      await Promise.all([worker[Symbol.asyncDispose](), periodic[Symbol.asyncDispose]()]);
      await relay.close({ graceMs });
      await nextHops[Symbol.asyncDispose]();
      await relay.settled();
    },
  };
}
