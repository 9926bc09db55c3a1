/**
 * A Table whose answers are as bad as a network's, at seeded moments: `unknown` after it has committed, `unknown`
 * before it commits behind the caller's back, `conflict`, `throttled`. And one that has DynamoDB's limits.
 */
import { itemBytes } from '../../mail/mailbox/item-size.ts';
import type {
  CommitOptions,
  CommitOutcome,
  Item,
  Key,
  Page,
  Range,
  Table,
  Write,
} from '../../mail/ports/table.ts';

/** How often each comes, from 0 to 1; what is left is answered truly. */
export interface FaultRates {
  readonly committedThenUnknown: number;
  /** Commits some calls later, or at `settle`. */
  readonly unknownThenCommitted: number;
  /** Never commits. */
  readonly unknownOnly: number;
  readonly conflict: number;
  readonly throttled: number;
}

/** Each fault at about every eighth commit. */
export const manyFaults: FaultRates = {
  committedThenUnknown: 0.12,
  unknownThenCommitted: 0.12,
  unknownOnly: 0.06,
  conflict: 0.12,
  throttled: 0.06,
};

/** What one transaction may hold on DynamoDB. */
export const dynamoDbLimits: Table['limits'] = { maxWrites: 100, maxBytes: 4 * 2 ** 20 };
const maxItemBytes = 400 * 1024;

export interface AmbiguousTableOptions {
  readonly table: Table;
  /** From 0 to 1, seeded. */
  readonly random: () => number;
  readonly rates?: FaultRates;
  /** A commit beyond them rejects, as does an item of more than 400 KB. The table's own when left out. */
  readonly limits?: Table['limits'];
}

interface Held {
  readonly writes: readonly Write[];
  readonly options: CommitOptions;
  /** Commits after so many more calls. */
  calls: number;
}

export class AmbiguousTable implements Table {
  readonly limits: Table['limits'];
  /** How many faults there were: a test that met none shows nothing. */
  faults = 0;
  readonly #table: Table;
  readonly #random: () => number;
  readonly #rates: FaultRates;
  #held: Held[] = [];

  constructor({ table, random, rates = manyFaults, limits = table.limits }: AmbiguousTableOptions) {
    this.#table = table;
    this.#random = random;
    this.#rates = rates;
    this.limits = limits;
  }

  get(key: Key, options?: { readonly consistent?: boolean }): Promise<Item | undefined> {
    return this.#table.get(key, options);
  }

  getMany(
    keys: readonly Key[],
    options?: { readonly consistent?: boolean },
  ): Promise<readonly (Item | undefined)[]> {
    return this.#table.getMany(keys, options);
  }

  query(range: Range): Promise<Page> {
    return this.#table.query(range);
  }

  async commit(writes: readonly Write[], options: CommitOptions = {}): Promise<CommitOutcome> {
    this.#refuseOverLimits(writes);
    await this.#releaseDue();
    let dice = this.#random();
    const falls = (rate: number) => (dice -= rate) < 0;
    if (falls(this.#rates.committedThenUnknown)) {
      this.faults++;
      await this.#table.commit(writes, options);
      return { kind: 'unknown' };
    }
    if (falls(this.#rates.unknownThenCommitted)) {
      this.faults++;
      this.#held.push({ writes, options, calls: Math.floor(this.#random() * 4) });
      return { kind: 'unknown' };
    }
    for (const kind of ['unknownOnly', 'conflict', 'throttled'] as const) {
      if (!falls(this.#rates[kind])) continue;
      this.faults++;
      return { kind: kind === 'unknownOnly' ? 'unknown' : kind };
    }
    return this.#table.commit(writes, options);
  }

  /** Commits whatever is still held: the last late arrival on the network. */
  async settle(): Promise<void> {
    const held = this.#held.splice(0);
    for (const { writes, options } of held) await this.#table.commit(writes, options);
  }

  async #releaseDue(): Promise<void> {
    for (const held of this.#held) held.calls--;
    const due = this.#held.filter(({ calls }) => calls < 0);
    this.#held = this.#held.filter(({ calls }) => calls >= 0);
    for (const { writes, options } of due) await this.#table.commit(writes, options);
  }

  #refuseOverLimits(writes: readonly Write[]): void {
    const { maxWrites, maxBytes } = this.limits;
    const sizes = writes.map((write) => (write.kind === 'put' ? itemBytes(write.item) : 0));
    const bytes = sizes.reduce((sum, size) => sum + size, 0);
    if (writes.length > maxWrites) throw new RangeError(`${writes.length} writes of at most ${maxWrites}`);
    if (bytes > maxBytes) throw new RangeError(`${bytes} bytes of at most ${maxBytes} in a transaction`);
    if (maxBytes !== Infinity && Math.max(...sizes) > maxItemBytes)
      throw new RangeError(`an item of ${Math.max(...sizes)} bytes, of at most ${maxItemBytes}`);
  }
}
