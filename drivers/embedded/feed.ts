/** The embedded Feed: log items of accounts, appended in the transaction that puts them. */
import type { Clock } from '../../mail/ports/clock.ts';
import type { Feed, FeedRecord } from '../../mail/ports/feed.ts';
import type { Item } from '../../mail/ports/table.ts';
import { ChangeSignal } from './change-signal.ts';
import type { Environment, Records } from './environment.ts';

/** What the sort keys of log items begin with. */
const logPrefix = 'c#';
/** Digits of a position: its code units are ordered as its number. */
const positionDigits = 16;
/** A read ends with the record that passes it. */
const maxReadBytes = 2 ** 20;
/** Records that one transaction takes out: a long one would hold up the writers. */
const maxDoneAtOnce = 2000;
const counterKey = Buffer.from('feed');

/** One order for all accounts: that of the commits. */
export class EmbeddedFeed implements Feed {
  readonly #environment: Environment;
  readonly #records: Records;
  readonly #counters: Records;
  readonly #changes: ChangeSignal;
  readonly #isForFeed: (item: Item) => boolean;
  /** Whether a transaction has appended since the readers were woken last. */
  #appended = false;

  constructor({
    environment,
    clock,
    isForFeed = () => true,
  }: {
    readonly environment: Environment;
    readonly clock: Clock;
    readonly isForFeed?: (item: Item) => boolean;
  }) {
    this.#isForFeed = isForFeed;
    this.#environment = environment;
    this.#records = environment.records('feed');
    this.#counters = environment.records('counters');
    this.#changes = new ChangeSignal(clock);
  }

  /** Appends an item that is put, if it is of the log. Within the transaction that puts it. */
  append(item: Item, attributes: Uint8Array): void {
    const { pk, sk } = item;
    if (!sk.startsWith(logPrefix) || !this.#isForFeed(item)) return;
    this.#appended = true;
    const known = this.#counters.get(counterKey);
    const number = known ? Buffer.from(known).readDoubleBE() + 1 : 1;
    const counter = Buffer.alloc(8);
    counter.writeDoubleBE(number);
    void this.#counters.put(counterKey, counter);
    const position = String(number).padStart(positionDigits, '0');
    void this.#records.put(Buffer.from(position), this.#environment.codec.encode({ pk, sk, attributes }));
  }

  /** Wakes the readers of this process; to be called when a commit can be seen. */
  notify(): void {
    if (!this.#appended) return;
    this.#appended = false;
    this.#changes.notify();
  }

  async read(options: {
    readonly max: number;
    readonly waitMs: number;
    readonly signal?: AbortSignal;
  }): Promise<readonly FeedRecord[]> {
    return (await this.#changes.waitFor(() => this.#oldest(options.max), options)) ?? [];
  }

  async done(position: string): Promise<void> {
    const range = { start: Buffer.alloc(1), end: Buffer.from(position), inclusiveEnd: true };
    for (;;) {
      const removed = await this.#environment.writes.run(() => {
        const keys = [...this.#records.getKeys({ ...range, limit: maxDoneAtOnce })];
        for (const key of keys) void this.#records.remove(key);
        return keys.length;
      });
      if (removed < maxDoneAtOnce) return;
    }
  }

  #oldest(max: number): readonly FeedRecord[] | undefined {
    this.#environment.refresh();
    const records: FeedRecord[] = [];
    let bytes = 0;
    for (const { key, value } of this.#records.getRange({ start: Buffer.alloc(1), limit: max })) {
      records.push({ position: Buffer.from(key).toString(), item: this.#decode(value) });
      bytes += value.length;
      if (bytes >= maxReadBytes) break;
    }
    return records.length > 0 ? records : undefined;
  }

  #decode(value: Uint8Array): Item {
    const { codec } = this.#environment;
    const { pk, sk, attributes } = codec.decode(value) as Item & { readonly attributes: Uint8Array };
    return { ...codec.decode(attributes), pk, sk };
  }
}
