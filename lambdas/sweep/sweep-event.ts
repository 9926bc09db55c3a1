/** The schedules: each minute what is due, each day what is expired, dead or orphaned. */
import { z } from 'zod';
import { sweepThrottles } from '../../mail/auth/throttle-store.ts';
import { settleDeadLetters } from '../../mail/delivery/dead-letters.ts';
import type { RelayJob } from '../../mail/delivery/outbound/relay-job.ts';
import type { EnvelopePageForm } from '../../mail/mailbox/envelope-page.ts';
import type { MailStore } from '../../mail/mailbox/mail-store.ts';
import { sweepExpired } from '../../mail/mailbox/sweep/sweep-expired.ts';
import type { Queue } from '../../mail/ports/queue.ts';
import type { DeliverJob, RouteJob } from '../../mail/routing/jobs.ts';
import { sending, type SendingPorts } from '../handling/sending.ts';
import { untilTimeIsUp, type TimeLeft } from '../handling/time-left.ts';
import { relayDue } from './relay-due.ts';

export interface SweepEventPorts extends SendingPorts {
  readonly mail: MailStore;
  readonly retentionDays: number;
  readonly envelopePages: EnvelopePageForm;
  readonly queues: {
    readonly route: Queue<RouteJob>;
    readonly deliver: Queue<DeliverJob>;
    readonly deliverAside: Queue<DeliverJob>;
    readonly relay: Queue<RelayJob>;
  };
  /** Queues of tasks that were killed. */
  readonly sweepOrphanQueues: () => Promise<number>;
  /** Passwords that runbooks made, and nobody took away. */
  readonly removePasswordsBefore: (date: Date) => Promise<number>;
}

/** The constant input of the two schedules. */
const input = z.object({ sweep: z.enum(['minute', 'daily']) });

const dayMs = 86_400_000;
/** What has begun when time is up ends within it. */
const reserveMs = 20_000;

/** Parts do not stop one another: those that failed are told together at the end, and come round with the next run. */
export function sweepEvent(ports: SweepEventPorts): (event: unknown, context: TimeLeft) => Promise<void> {
  return async (event, context) => {
    using time = untilTimeIsUp(context, reserveMs);
    const { sweep } = input.parse(event);
    const parts = sweep === 'minute' ? minuteParts(ports) : dailyParts(ports);
    const failed: string[] = [];
    for (const [name, run] of parts)
      try {
        await run(time.signal);
      } catch (fault) {
        ports.log.error('sweep.partFailed', fault, { part: name });
        failed.push(name);
      }
    if (failed.length > 0) throw new Error(`the sweep of ${failed.join(', ')} failed: see sweep.partFailed`);
  };
}

type Part = readonly [name: string, run: (signal: AbortSignal) => Promise<unknown>];

function minuteParts({ table, queues, clock, log }: SweepEventPorts): readonly Part[] {
  return [['due', (signal) => relayDue({ table, relayQueue: queues.relay, clock, log }, signal)]];
}

/** S3's lifecycle rules do what `lifecycle` does on one machine; no job waits for longer than blobs are safe. */
function dailyParts(ports: SweepEventPorts): readonly Part[] {
  const { route, deliver, deliverAside } = ports.queues;
  const { notifySender } = sending(ports);
  const queues = [route, deliver, deliverAside] as readonly Queue<RouteJob | DeliverJob>[];
  return [
    ['deadLetters', () => settleDeadLetters({ ...ports, queues, notifySender })],
    ['orphanQueues', () => ports.sweepOrphanQueues()],
    ['passwords', () => ports.removePasswordsBefore(new Date(ports.clock.now() - dayMs))],
    ['throttles', () => sweepThrottles(ports)],
    ['expired', (signal) => sweepExpired({ ...ports, lifecycle: false, signal })],
  ];
}
