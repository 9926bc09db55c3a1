/** What is due in the outbound queue becomes jobs of the `relay` queue: the sweep of each minute. */
import { dueEntries } from '../../mail/delivery/outbound/outbound-queue.ts';
import type { RelayJob } from '../../mail/delivery/outbound/relay-job.ts';
import type { Clock } from '../../mail/ports/clock.ts';
import type { Log } from '../../mail/ports/log.ts';
import type { Queue } from '../../mail/ports/queue.ts';
import type { Table } from '../../mail/ports/table.ts';

export interface RelayDuePorts {
  readonly table: Table;
  readonly relayQueue: Queue<RelayJob>;
  readonly clock: Clock;
  readonly log: Log;
}

const jobsAtOnce = 100;
/** Of one run; the next is a minute away. */
const maxMessages = 20_000;

/** A message whose job is still in the queue gets another, which finds nothing due. How many there were. */
export async function relayDue(ports: RelayDuePorts, signal: AbortSignal): Promise<number> {
  const { table, relayQueue, clock, log } = ports;
  const seen = new Set<string>();
  let batch: RelayJob[] = [];
  const send = async () => {
    await relayQueue.send(batch.map((body) => ({ body })));
    batch = [];
  };
  for await (const { messageId } of dueEntries(table, { fromMs: 0, toMs: clock.now() })) {
    if (seen.has(messageId)) continue;
    if (signal.aborted || seen.size >= maxMessages) {
      log.warn('sweep.moreIsDue', { messages: seen.size });
      break;
    }
    seen.add(messageId);
    if (batch.push({ messageId }) === jobsAtOnce) await send();
  }
  if (batch.length > 0) await send();
  return seen.size;
}
