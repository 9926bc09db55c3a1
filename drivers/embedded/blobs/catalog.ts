/**
 * The catalog: which blob lies where, and how much of each segment lives. Kept in LMDB beside the table; the bytes
 * never are. Reads are of the newest state; no snapshot is held after a call.
 */
import type { BlobInfo, BlobPage } from '../../../mail/ports/blobs.ts';
import type { Environment, Records } from '../environment.ts';
import type { Until } from '../group-commit.ts';
import type { ProcessIdentity } from '../process-identity.ts';
import {
  blobKey,
  blobKeyOf,
  decodeValue,
  readValue,
  endOf,
  referenceKey,
  referenceOf,
  segmentKey,
} from './catalog-keys.ts';
import type { Place } from './catalog-keys.ts';
import { CatalogChange } from './catalog-change.ts';
import type { SegmentId } from './segment-files.ts';

/** A blob's record: where it starts, and its parts' sizes in bytes. The content is body, then prefix. */
export interface Entry extends Place {
  /** From the record's start to its content. */
  readonly contentAt: number;
  readonly bodyBytes: number;
  /** The first bytes of the blob, where they are stored after its body. */
  readonly prefixBytes: number;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
}

export interface Segment {
  readonly id: SegmentId;
  /** `shared` holds many records, `single` one large blob. */
  readonly kind: 'shared' | 'single';
  /** Who appends to it, while it is open. */
  readonly owner: ProcessIdentity;
  /** Nobody appends to it any more, nor ever will. */
  readonly sealed: boolean;
  /** What its records with a blob take. */
  readonly liveBytes: number;
}

/** A record, and that it is some blob's. */
export interface Reference {
  readonly key: string;
  readonly entry: Entry;
}

/** As S3 gives them. */
const maxPage = 1000;

export class Catalog {
  readonly #environment: Environment;
  readonly #records: Records;

  constructor(environment: Environment) {
    this.#environment = environment;
    this.#records = environment.records('blobs');
  }

  entry(key: string): Entry | undefined {
    this.#environment.refresh();
    return readValue(this.#records, blobKey(key)) as Entry | undefined;
  }

  page(options: { readonly prefix: string; readonly after?: string; readonly limit?: number }): BlobPage {
    const { prefix, after, limit = maxPage } = options;
    const size = Math.max(1, Math.min(limit, maxPage));
    const first = blobKey(prefix);
    const from = after === undefined ? first : Buffer.concat([blobKey(after), Buffer.of(0)]);
    this.#environment.refresh();
    const range = {
      start: Buffer.compare(from, first) < 0 ? first : from,
      end: endOf(first),
      limit: size + 1,
    };
    const found = [...this.#records.getRange(range)].map(({ key, value }) =>
      infoOf(blobKeyOf(key), decodeValue(value) as Entry),
    );
    const blobs = found.slice(0, size);
    const last = blobs.at(-1);
    return found.length > size && last ? { blobs, next: last.key } : { blobs };
  }

  segments(): readonly Segment[] {
    const first = Buffer.from('s');
    this.#environment.refresh();
    return [...this.#records.getRange({ start: first, end: endOf(first) })].map(
      ({ value }) => decodeValue(value) as Segment,
    );
  }

  segment(id: SegmentId): Segment | undefined {
    this.#environment.refresh();
    return readValue(this.#records, segmentKey(id)) as Segment | undefined;
  }

  /** One blob of each record in a segment from `offset` on, in the order of the file. */
  records(options: {
    readonly segment: SegmentId;
    readonly offset: number;
    readonly limit: number;
  }): readonly Reference[] {
    const { segment, offset, limit } = options;
    const records = new Map<number, string>();
    this.#environment.refresh();
    const range = { start: referenceKey(segment, offset), end: endOf(referenceKey(segment)) };
    for (const bytes of this.#records.getKeys(range)) {
      const { place, key } = referenceOf(bytes);
      if (!records.has(place.offset)) records.set(place.offset, key);
      if (records.size > limit) break;
    }
    return [...records.values()].slice(0, limit).flatMap((key) => {
      const entry = readValue(this.#records, blobKey(key)) as Entry | undefined;
      return entry ? { key, entry } : [];
    });
  }

  /** One transaction. `change` must not throw: what it wrote would stay. */
  commit<T>(change: (change: CatalogChange) => T, until: Until = 'flushed'): Promise<T> {
    return this.#environment.writes.run(() => {
      const changing = new CatalogChange(this.#records);
      const result = change(changing);
      changing.settle();
      return result;
    }, until);
  }
}

/** What the port tells of an entry. */
export function infoOf(key: string, entry: Entry): BlobInfo {
  return { key, size: entry.bodyBytes + entry.prefixBytes, createdAt: new Date(entry.createdAt) };
}
