/** A batch of the `relay` queue: what is due of some messages goes to the next hop. */
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import type { RelayJob } from '../../mail/delivery/outbound/relay-job.ts';
import { Relay, type RelayPorts } from '../../mail/delivery/outbound/relay.ts';
import type { NextHops } from '../../mail/ports/next-hop.ts';
import { eachAlone } from '../handling/batch.ts';
import { untilTimeIsUp, type TimeLeft } from '../handling/time-left.ts';

export interface RelayBatchPorts extends Omit<RelayPorts, 'nextHops' | 'generation'> {
  /** Made for each batch: between two a function is frozen, and connections with it. Disposing cuts them off. */
  readonly openNextHops: () => NextHops & AsyncDisposable;
}

/** For writing down what became of what was cut off. */
const reserveMs = 15_000;
/** What is under way when time is up may end in so long. */
const graceMs = 5000;

/**
 * Resolves when all of it is sent, put off or given up: a failed transmission is no failed job, for the table says when
 * it is due again. Other functions may relay at once; claims keep them apart.
 */
export function relayBatch(
  ports: RelayBatchPorts,
): (event: SQSEvent, context: TimeLeft) => Promise<SQSBatchResponse> {
  return async (event, context) => {
    using time = untilTimeIsUp(context, reserveMs);
    const nextHops = ports.openNextHops();
    const relay = new Relay({ ...ports, nextHops });
    try {
      const response = await eachAlone<RelayJob>(event, ports, ({ messageId, asked = false }) =>
        relay.take(messageId, { asked }),
      );
      await Promise.race([relay.settled(), aborted(time.signal)]);
      return response;
    } finally {
      await relay.close({ graceMs });
      await nextHops[Symbol.asyncDispose]();
      await relay.settled();
    }
  };
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
