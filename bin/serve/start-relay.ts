/** Mail on its way to other servers: woken by a queue, and every few seconds by what is due. */
import { Relay } from '../../mail/delivery/outbound/relay.ts';
import type { NotifySender } from '../../mail/delivery/report.ts';
import type { Metrics } from '../../mail/ports/metrics.ts';
import type { NextHops } from '../../mail/ports/next-hop.ts';
import type { OneMachine } from '../one-machine.ts';
import { startRelayWorker } from '../relay-worker.ts';
import { startPeriodic } from './periodic.ts';

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
  const worker = startRelayWorker(relay, { queue: queues.relay, clock, log, metrics });
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
