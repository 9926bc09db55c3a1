/**
 * Table: the index of everything, ordered keys under a partition, changed only by whole transactions.
 * The same shape as one DynamoDB table; on one machine, LMDB. Contract: test/contracts/table.ts.
 */

/** `pk` names the partition; `sk` orders the items in it, by UTF-8 bytes. Both are never empty. */
export interface Key {
  readonly pk: string;
  readonly sk: string;
}

/** What an attribute may hold. Numbers are safe integers or finite doubles; there is no `undefined`. */
export type Value =
  string | number | boolean | null | Uint8Array | readonly Value[] | { readonly [name: string]: Value };

/** An item: its key, and attributes with names that an admin can read in the console. */
export interface Item extends Key {
  readonly [attribute: string]: Value;
}

/** What must hold for a write to take place. Attributes compared are strings, numbers or booleans. */
export type Condition =
  | { readonly kind: 'absent' }
  | { readonly kind: 'present' }
  | { readonly kind: 'equals'; readonly attribute: string; readonly value: string | number | boolean };

/** One action of a transaction; no two of a transaction may name the same key. `check` changes nothing. */
export type Write =
  | { readonly kind: 'put'; readonly item: Item; readonly condition?: Condition }
  | { readonly kind: 'delete'; readonly key: Key; readonly condition?: Condition }
  | { readonly kind: 'check'; readonly key: Key; readonly condition: Condition };

/**
 * How a transaction ended. Only `committed` says that it took place, and only `unknown` leaves it open:
 * - `conditionFailed`: nothing was written; `failed` are the indexes of the writes whose conditions did not hold.
 * - `conflict`: another transaction was at the same items; nothing was written, the same may be sent again.
 * - `throttled`: too much at once; nothing was written, the same may be sent again after a pause.
 * - `unknown`: no answer came; it may have taken place or may still. Sent again with the same token it counts once.
 */
export type CommitOutcome =
  | { readonly kind: 'committed' }
  | { readonly kind: 'conditionFailed'; readonly failed: readonly number[] }
  | { readonly kind: 'conflict' }
  | { readonly kind: 'throttled' }
  | { readonly kind: 'unknown' };

export interface CommitOptions {
  /**
   * Makes a repeat by the same process within 10 minutes, byte for byte the same, count once; how many commits later is
   * the driver's to say. 1 to 36 characters.
   */
  readonly token?: string;
  /**
   * `flushed` (the default): the promise resolves when the commit survives a power failure. `visible`: when every
   * reader sees it; the flush follows, and commits reach the disk in order.
   */
  readonly until?: 'flushed' | 'visible';
}

/** A range of one partition: `from` inclusive, `to` exclusive; `prefix` narrows both. */
export interface Range {
  readonly pk: string;
  readonly prefix?: string;
  readonly from?: string;
  readonly to?: string;
  /** Largest `sk` first. */
  readonly reverse?: boolean;
  /** At most so many items in this page; a page may hold fewer (1 MB) and still have a `next`. */
  readonly limit?: number;
  /** Where the page before ended: its `next`. */
  readonly after?: string;
  /** false allows an answer up to a second old, at half the price. Default true. */
  readonly consistent?: boolean;
}

/**
 * One page of a range. Commits may come between pages; on DynamoDB between the items of a page too, so that it may show
 * one in part: who must not see that reads the account's clock before and after.
 */
export interface Page {
  readonly items: readonly Item[];
  /** Given where more may follow. */
  readonly next?: string;
}

export interface Table {
  /** What one transaction may hold: 100 and 4 MB on DynamoDB, without bound on LMDB. */
  readonly limits: { readonly maxWrites: number; readonly maxBytes: number };
  get(key: Key, options?: { readonly consistent?: boolean }): Promise<Item | undefined>;
  /**
   * In the order of the keys, undefined where there is none. Not one snapshot. Any number of keys. `only`: the attributes
   * that are looked at; the items may lack the others, so that a driver need not read them.
   */
  getMany(
    keys: readonly Key[],
    options?: { readonly consistent?: boolean; readonly only?: readonly string[] },
  ): Promise<readonly (Item | undefined)[]>;
  query(range: Range): Promise<Page>;
  /** Never rejects for what `CommitOutcome` names; a fault (disk full, closed) rejects. */
  commit(writes: readonly Write[], options?: CommitOptions): Promise<CommitOutcome>;
}

/** All items of a range, page by page. */
export async function* queryAll(table: Table, range: Range): AsyncGenerator<Item> {
  let after = range.after;
  for (;;) {
    const page = await table.query(after === undefined ? range : { ...range, after });
    yield* page.items;
    if (page.next === undefined) return;
    after = page.next;
  }
}
