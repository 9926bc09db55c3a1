/**
 * Feed: every commit of every account, at least once, in each account's order.
 * The DynamoDB Stream, or the log that the embedded Table keeps in the same transaction. Contract: test/contracts/feed.ts.
 */
import type { Item } from './table.ts';

/** One `c#<rev>` item as it was put. */
export interface FeedRecord {
  readonly item: Item;
  /** Where the feed stands at this record; opaque, ordered by code units. */
  readonly position: string;
}

export interface Feed {
  /** The oldest records that are not done, at most `max`; waits up to `waitMs` for the first. */
  read(options: {
    readonly max: number;
    readonly waitMs: number;
    readonly signal?: AbortSignal;
  }): Promise<readonly FeedRecord[]>;
  /** All records up to and with `position` are done and are not read again. */
  done(position: string): Promise<void>;
}
