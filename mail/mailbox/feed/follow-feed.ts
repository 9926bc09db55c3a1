/** Following a Feed where nobody hands its records out: the one-machine process's part of the Lambda behind a stream. */
import type { Feed, FeedRecord } from '../../ports/feed.ts';
import { inParallel } from '../in-parallel.ts';
import { feedAttempts, feedPauseMs, largestFeedPauseMs } from '../limits.ts';
import { putAside } from './aside.ts';
import { handleCommit } from './handle-commit.ts';
import type { FeedPorts } from './handle-commit.ts';

/** The feed, and what its records need. */
export interface FollowFeedOptions extends FeedPorts {
  readonly feed: Feed;
  /** Ends it: a batch under way is then read again by whoever follows next. */
  readonly signal: AbortSignal;
}

const recordsAtOnce = 500;
const accountsAtOnce = 16;
const waitMs = 20_000;

/**
 * Handles records until `signal` aborts, each account's in their order. One that fails `feedAttempts` times is put
 * aside. Never rejects: while the table fails even that, it waits and tries again, so no record is ever passed over.
 */
export async function followFeed(options: FollowFeedOptions): Promise<void> {
  const { feed, signal, clock } = options;
  let failures = 0;
  while (!signal.aborted)
    try {
      const records = await feed.read({ max: recordsAtOnce, waitMs, signal });
      const last = records.at(-1);
      if (last === undefined) continue;
      await handleAll(options, records);
      if (signal.aborted) return;
      await feed.done(last.position);
      failures = 0;
    } catch (fault) {
      options.metrics.count('feed.stopped');
      options.log.error('feed.stopped', fault);
      await clock.sleep(pauseMs(failures++), signal);
    }
}

async function handleAll(options: FollowFeedOptions, records: readonly FeedRecord[]): Promise<void> {
  const byAccount = [...Map.groupBy(records, ({ item }) => item.pk).values()];
  await inParallel(byAccount, accountsAtOnce, async (its) => {
    for (const record of its) {
      if (options.signal.aborted) return;
      await handleOrPutAside(options, record);
    }
  });
}

async function handleOrPutAside(options: FollowFeedOptions, { item }: FeedRecord): Promise<void> {
  const { log, metrics, clock, signal } = options;
  const fields = { partition: item.pk, record: item.sk };
  for (let attempt = 1; ; attempt++)
    try {
      await handleCommit(options, item);
      return;
    } catch (fault) {
      metrics.count('feed.failed');
      log.warn('feed.failed', { ...fields, attempt });
      if (attempt >= feedAttempts) {
        await putAside(options, item);
        metrics.count('feed.putAside');
        log.error('feed.putAside', fault, fields);
        return;
      }
      await clock.sleep(pauseMs(attempt - 1), signal);
      if (signal.aborted) return;
    }
}

function pauseMs(failures: number): number {
  return Math.min(largestFeedPauseMs, feedPauseMs * 2 ** Math.min(failures, 20));
}
