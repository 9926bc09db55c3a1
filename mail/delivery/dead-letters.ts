/**
 * Jobs that failed to the last attempt: they wait as dead letters for an admin, with an alarm; after some days their
 * senders are told, so that nothing is dropped in silence.
 */
import { formatAddress } from '../message/address.ts';
import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import type { Metrics } from '../ports/metrics.ts';
import type { Queue, ReceivedJob } from '../ports/queue.ts';
import type { DeliverJob, RouteJob } from '../routing/jobs.ts';
import type { NotifySender } from '../routing/route.ts';

/** How long an admin has to mend what made them fail. */
export const deadLetterDays = 3;

const dayMs = 86_400_000;
/** Of one queue, in one run. */
const maxAtOnce = 200;

export interface DeadLetterPorts {
  readonly queues: readonly Queue<RouteJob | DeliverJob>[];
  readonly notifySender: NotifySender;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** Counts and logs what is dead in each queue, and ends what has been for `deadLetterDays`, its sender told. */
export async function settleDeadLetters(ports: DeadLetterPorts): Promise<void> {
  const { queues, clock, log, metrics } = ports;
  for (const queue of queues) {
    const { dead } = await queue.depth();
    metrics.gauge('queue.dead', dead, { queue: queue.name });
    if (dead === 0) continue;
    log.warn('queue.deadLetters', { queue: queue.name, dead });
    const overdue = (await queue.deadLetters(maxAtOnce)).filter(
      ({ sentAt }) => clock.now() - sentAt.getTime() > deadLetterDays * dayMs,
    );
    for (const letter of overdue) await settle(ports, queue, letter);
  }
}

async function settle(
  { notifySender, log }: DeadLetterPorts,
  queue: Queue<RouteJob | DeliverJob>,
  { body, receipt, attempt }: ReceivedJob<RouteJob | DeliverJob>,
): Promise<void> {
  const { messageId, blobKey, receivedAt } = body;
  const { recipients, reversePath } = partiesOf(body);
  const failures = recipients.map((recipient) => ({ recipient, reason: 'undeliverable' as const }));
  await notifySender({ messageId, blobKey, reversePath, receivedAt, failures });
  await queue.done([receipt]);
  log.warn('queue.deadLetterEnded', { queue: queue.name, messageId, attempt, recipients });
}

function partiesOf(body: RouteJob | DeliverJob): {
  readonly recipients: readonly string[];
  readonly reversePath: string | null;
} {
  if (!('envelope' in body)) return { recipients: [body.recipient], reversePath: body.reversePath };
  const { recipients, reversePath } = body.envelope;
  return {
    recipients: recipients.map(({ address }) => formatAddress(address)),
    reversePath: reversePath === null ? null : formatAddress(reversePath),
  };
}
