/** What keeps a data directory in order while the server runs. */
import { sweepThrottles } from '../../mail/auth/throttle-store.ts';
import { settleDeadLetters } from '../../mail/delivery/dead-letters.ts';
import type { NotifySender } from '../../mail/delivery/report.ts';
import { followFeed } from '../../mail/mailbox/feed/follow-feed.ts';
import { sweepExpired } from '../../mail/mailbox/sweep/sweep-expired.ts';
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
  readonly notifySender: NotifySender;
  readonly metrics: Metrics;
  readonly retentionDays: number;
}

/** Disposing ends it, after what is under way. */
export function startHousekeeping(options: HousekeepingOptions): AsyncDisposable {
  const { machine, directory, notifySender, metrics, retentionDays } = options;
  const { blobs, store, clock, log, queues, mail, random } = machine;
  const kept = {
    table: store.table,
    clock,
    log,
    metrics,
    random,
    retentionDays,
    envelopePages: 'plain',
  } as const;
  const all = Object.values(queues) as readonly Queue<RouteJob | DeliverJob>[];
  const following = new AbortController();
  const feed = followFeed({ ...kept, feed: store.feed, signal: following.signal });
  const periodic = startPeriodic(
    [
      {
        name: 'sweep',
        everyMs: hourMs,
        run: async (signal) => {
          const oldestJobAt = await oldestJob(machine);
          const waiting = oldestJobAt === undefined ? {} : { oldestJobAt };
          await sweepExpired({ ...kept, ...waiting, blobs, mail, lifecycle: true, signal });
        },
      },
      { name: 'compact', everyMs: minuteMs, run: async () => void (await blobs.compact()) },
      {
        name: 'throttles',
        everyMs: hourMs,
        run: async () => void (await sweepThrottles({ table: store.table, clock })),
      },
      {
        name: 'deadLetters',
        everyMs: hourMs,
        run: () =>
          settleDeadLetters({
            queues: all,
            directory,
            table: store.table,
            notifySender,
            clock,
            log,
            metrics,
          }),
      },
    ],
    machine,
  );
  return {
    async [Symbol.asyncDispose]() {
      following.abort();
      await Promise.all([feed, periodic[Symbol.asyncDispose]()]);
    },
  };
}

/** When the oldest job of any queue was sent: a server that was off for weeks still has them all to do. */
async function oldestJob({ queues }: OneMachine): Promise<Date | undefined> {
  const oldest = await Promise.all(Object.values(queues).map((queue) => queue.oldestSentAt()));
  return oldest.filter((sentAt) => sentAt !== undefined).toSorted((a, b) => a.getTime() - b.getTime())[0];
}
