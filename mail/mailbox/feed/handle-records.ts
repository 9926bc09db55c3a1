/** Records of the Feed, handled or put aside: the same behind a stream in AWS and in the process that follows a Feed. */
import type { Item } from '../../ports/table.ts';
import { inParallel } from '../in-parallel.ts';
import { feedAttempts, feedPauseMs, largestFeedPauseMs } from '../limits.ts';
import { putAside } from './aside.ts';
import { handleCommit } from './handle-commit.ts';
import type { FeedPorts } from './handle-commit.ts';

export interface HandleRecordsOptions extends FeedPorts {
  /** Aborted, it begins nothing more: what is left is to come again. */
  readonly signal: AbortSignal;
}

const accountsAtOnce = 16;

/** Each account's in their order. One that fails `feedAttempts` times is put aside. Rejects where even that fails. */
export async function handleRecords(options: HandleRecordsOptions, records: readonly Item[]): Promise<void> {
  const byAccount = [...Map.groupBy(records, ({ pk }) => pk).values()];
  await inParallel(byAccount, accountsAtOnce, async (its) => {
    for (const record of its) {
      if (options.signal.aborted) return;
      await handleOrPutAside(options, record);
    }
  });
}

async function handleOrPutAside(options: HandleRecordsOptions, record: Item): Promise<void> {
  const { log, metrics, clock, signal } = options;
  const fields = { partition: record.pk, record: record.sk };
  for (let attempt = 1; ; attempt++)
    try {
      await handleCommit(options, record);
      return;
    } catch (fault) {
      metrics.count('feed.failed');
      log.warn('feed.failed', { ...fields, attempt });
      if (attempt >= feedAttempts) {
        await putAside(options, record);
        metrics.count('feed.putAside');
        log.error('feed.putAside', fault, fields);
        return;
      }
      await clock.sleep(feedPause(attempt - 1), signal);
      if (signal.aborted) return;
    }
}

/** Before what has failed so often is tried again. */
export function feedPause(failures: number): number {
  return Math.min(largestFeedPauseMs, feedPauseMs * 2 ** Math.min(failures, 20));
}
