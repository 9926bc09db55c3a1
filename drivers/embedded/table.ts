/** The embedded Table: items in LMDB under ordered keys, each commit one transaction. */
import { crc32 } from 'node:zlib';
import type { Clock } from '../../mail/ports/clock.ts';
import type {
  CommitOptions,
  CommitOutcome,
  Condition,
  Item,
  Key,
  Page,
  Range,
  Table,
  Write,
} from '../../mail/ports/table.ts';
import { CommitTokens } from './commit-tokens.ts';
import { DecodedItems } from './decoded-items.ts';
import type { Environment, Records } from './environment.ts';
import type { Until } from './group-commit.ts';
import { someStrings } from './some-attributes.ts';
import { boundsOf, encodeKey } from './table-keys.ts';

/** A page ends with the item that passes it, as on DynamoDB. */
const maxPageBytes = 2 ** 20;

/** More keys than a delivery or a login reads at once. */
const fewKeys = 16;

/** What a table is made from. */
export interface EmbeddedTableOptions {
  readonly environment: Environment;
  readonly clock: Clock;
  /** Called within the transaction for each item that it puts, with its attributes as they are stored. */
  readonly onPut?: (item: Item, attributes: Uint8Array) => void;
  /** Called when a commit has taken place. */
  readonly onCommitted?: () => void;
}

/** A write with its key and item as bytes, made when `commit` is called. */
interface PreparedWrite {
  readonly write: Write;
  readonly key: Buffer;
  /** Of a put. */
  readonly bytes: Buffer | undefined;
}

/** A faulty key, value or token rejects; so does a disk that fails (data-directory-faults.ts). */
export class EmbeddedTable implements Table {
  readonly limits = { maxWrites: Infinity, maxBytes: Infinity };
  readonly #environment: Environment;
  readonly #items: Records;
  readonly #tokens: CommitTokens;
  readonly #options: EmbeddedTableOptions;
  readonly #decoded: DecodedItems;

  constructor(options: EmbeddedTableOptions) {
    this.#environment = options.environment;
    this.#items = options.environment.records('items');
    this.#tokens = new CommitTokens(options.clock);
    this.#options = options;
    this.#decoded = new DecodedItems((bytes) => this.#environment.codec.decode(bytes));
  }

  async get(key: Key): Promise<Item | undefined> {
    this.#environment.refresh();
    return this.#read(key);
  }

  async getMany(
    keys: readonly Key[],
    { only }: { readonly only?: readonly string[] } = {},
  ): Promise<readonly (Item | undefined)[]> {
    this.#environment.refresh();
    if (only !== undefined) return keys.map((key) => this.#readSome(key, only));
    return keys.map((key) => (keys.length > fewKeys ? this.#readOnce(key) : this.#read(key)));
  }

  async query(range: Range): Promise<Page> {
    this.#environment.refresh();
    const { limit = Infinity, reverse = false } = range;
    if (limit < 1) throw new RangeError(`a page has at least one item, not ${limit}`);
    const { low, lowExclusive, high, partitionBytes } = boundsOf(range);
    if (low.compare(high) >= 0) return { items: [] };
    const bounds = reverse
      ? { start: high, exclusiveStart: true, end: low, inclusiveEnd: true, reverse }
      : { start: low, exclusiveStart: lowExclusive, end: high };
    const items: Item[] = [];
    let pageBytes = 0;
    for (const { key, value } of this.#items.getRange(bounds)) {
      const sk = Buffer.from(key).toString('utf8', partitionBytes);
      items.push({ ...this.#environment.codec.decode(value), pk: range.pk, sk });
      pageBytes += key.length + value.length;
      if (items.length >= limit || pageBytes >= maxPageBytes) return { items, next: sk };
    }
    return { items };
  }

  async commit(
    writes: readonly Write[],
    { token, until = 'flushed' }: CommitOptions = {},
  ): Promise<CommitOutcome> {
    const prepared = this.#prepare(writes);
    const commit = () => this.#commit(prepared, until);
    if (token === undefined) return commit();
    return this.#tokens.once(token, { fingerprint: fingerprintOf(prepared, until), commit });
  }

  async #commit(prepared: readonly PreparedWrite[], until: Until): Promise<CommitOutcome> {
    const outcome = await this.#environment.writes.run((): CommitOutcome => {
      const failed: number[] = [];
      for (const [index, write] of prepared.entries()) if (!this.#holds(write)) failed.push(index);
      if (failed.length > 0) return { kind: 'conditionFailed', failed };
      for (const write of prepared) this.#apply(write);
      return { kind: 'committed' };
    }, until);
    if (outcome.kind === 'committed') this.#options.onCommitted?.();
    return outcome;
  }

  #prepare(writes: readonly Write[]): readonly PreparedWrite[] {
    if (writes.length === 0) throw new RangeError('a commit has at least one write');
    const named = new Set<string>();
    return writes.map((write) => {
      const key = encodeKey(write.kind === 'put' ? write.item : write.key);
      const name = key.toString('latin1');
      if (named.has(name)) throw new RangeError('two writes of a commit name the same key');
      named.add(name);
      return { write, key, bytes: write.kind === 'put' ? this.#encode(write.item) : undefined };
    });
  }

  #encode(item: Item): Buffer {
    const { pk: _pk, sk: _sk, ...attributes } = item;
    return this.#environment.codec.encode(attributes);
  }

  #read(key: Key): Item | undefined {
    const found = this.#items.getBinaryFast(encodeKey(key));
    // lmdb's own buffer, larger than what was found in it.
    return found && this.#decoded.item(key, found.subarray(0, found.length));
  }

  /** One of many that are read in a row, as a mailbox is listed: to keep them would drop what is read for each message. */
  #readOnce({ pk, sk }: Key): Item | undefined {
    const found = this.#items.getBinaryFast(encodeKey({ pk, sk }));
    // A copy: what is decoded lies in the bytes that it came from, and lmdb's buffer is overwritten by the next read.
    return (
      found && { ...this.#environment.codec.decode(Buffer.from(found.subarray(0, found.length))), pk, sk }
    );
  }

  /** As `#readOnce`, of which only some attributes are looked at. */
  #readSome({ pk, sk }: Key, only: readonly string[]): Item | undefined {
    const found = this.#items.getBinaryFast(encodeKey({ pk, sk }));
    if (found === undefined) return undefined;
    const attributes = someStrings(Buffer.from(found.buffer, found.byteOffset, found.length), only);
    return attributes === undefined ? this.#readOnce({ pk, sk }) : { ...attributes, pk, sk };
  }

  #holds({ write, key }: PreparedWrite): boolean {
    const { condition } = write;
    return condition === undefined || this.#meets(condition, key);
  }

  #meets(condition: Condition, key: Buffer): boolean {
    const bytes = this.#items.getBinaryFast(key);
    if (condition.kind === 'absent') return bytes === undefined;
    if (bytes === undefined) return false;
    if (condition.kind === 'present') return true;
    return this.#environment.codec.decode(bytes)[condition.attribute] === condition.value;
  }

  #apply({ write, key, bytes }: PreparedWrite): void {
    switch (write.kind) {
      case 'put':
        if (!bytes) break;
        void this.#items.put(key, bytes);
        this.#options.onPut?.(write.item, bytes);
        break;
      case 'delete':
        void this.#items.remove(key);
        break;
      case 'check':
        break;
    }
  }
}

/** Of all that decides what the commit does, and when it counts: one that is only visible answers for none that is flushed. */
function fingerprintOf(writes: readonly PreparedWrite[], until: Until): number {
  let crc = crc32(until);
  for (const { write, key, bytes } of writes) {
    crc = crc32(
      key,
      crc32(write.condition === undefined ? write.kind : JSON.stringify([write.kind, write.condition]), crc),
    );
    if (bytes !== undefined) crc = crc32(bytes, crc);
  }
  return crc;
}
