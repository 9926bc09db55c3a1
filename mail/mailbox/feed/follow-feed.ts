/** Following a Feed where nobody hands its records out: the one-machine process's part of the Lambda behind a stream. */
import type { Feed } from '../../ports/feed.ts';
import { feedPause, handleRecords, type HandleRecordsOptions } from './handle-records.ts';

/** The feed, and what its records need. `signal` ends it: a batch under way is then read again by whoever follows next. */
export interface FollowFeedOptions extends HandleRecordsOptions {
  readonly feed: Feed;
}

const recordsAtOnce = 500;
const waitMs = 20_000;

/**
 * Handles records until `signal` aborts, each account's in their order. Never rejects: while the table fails even to put
 * records aside, it waits and tries again, so no record is ever passed over.
 */
export async function followFeed(options: FollowFeedOptions): Promise<void> {
  const { feed, signal, clock } = options;
  let failures = 0;
  while (!signal.aborted)
    try {
      const records = await feed.read({ max: recordsAtOnce, waitMs, signal });
      const last = records.at(-1);
      if (last === undefined) continue;
      await handleRecords(
        options,
        records.map(({ item }) => item),
      );
      if (signal.aborted) return;
      await feed.done(last.position);
      failures = 0;
    } catch (fault) {
      options.metrics.count('feed.stopped');
      options.log.error('feed.stopped', fault);
      await clock.sleep(feedPause(failures++), signal);
    }
}
