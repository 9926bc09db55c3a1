/** What one transaction changes in the catalog. Everything here runs inside it, without a pause. */
import type { Records } from '../environment.ts';
import type { ProcessIdentity } from '../process-identity.ts';
import type { Entry, Segment } from './catalog.ts';
import {
  blobKey,
  compactorKey,
  readValue,
  encodeValue,
  endOf,
  nextSegmentKey,
  referenceKey,
  referenceOf,
  segmentKey,
} from './catalog-keys.ts';
import type { Place } from './catalog-keys.ts';
import type { SegmentId } from './segment-files.ts';

/** Who compacts, and until when others leave it to them. */
export interface CompactorLease {
  readonly owner: ProcessIdentity;
  /** One opening of the blobs: a process may have several. */
  readonly instance: string;
  /** Milliseconds since 1970. */
  readonly until: number;
}

export class CatalogChange {
  readonly #records: Records;
  readonly #emptied: SegmentId[] = [];
  /** As they are to be when the transaction ends: many records of a transaction lie in the same one. */
  readonly #segments = new Map<SegmentId, Segment>();

  constructor(records: Records) {
    this.#records = records;
  }

  /** Segments that went because nothing in them lives: their files go when this transaction is flushed. */
  get emptied(): readonly SegmentId[] {
    this.settle();
    return this.#emptied;
  }

  /** Writes what is still to be written; the last call in a transaction. */
  settle(): void {
    for (const segment of this.#segments.values())
      if (segment.sealed && segment.liveBytes === 0) {
        void this.#records.remove(segmentKey(segment.id));
        this.#emptied.push(segment.id);
      } else void this.#records.put(segmentKey(segment.id), encodeValue(segment));
    this.#segments.clear();
  }

  entry(key: string): Entry | undefined {
    return readValue(this.#records, blobKey(key)) as Entry | undefined;
  }

  segment(id: SegmentId): Segment | undefined {
    return this.#segments.get(id) ?? (readValue(this.#records, segmentKey(id)) as Segment | undefined);
  }

  lease(): CompactorLease | undefined {
    return readValue(this.#records, compactorKey) as CompactorLease | undefined;
  }

  putLease(lease: CompactorLease | undefined): void {
    if (lease) void this.#records.put(compactorKey, encodeValue(lease));
    else void this.#records.remove(compactorKey);
  }

  /** Whether no segment was ever made. */
  isNew(): boolean {
    return this.#records.get(nextSegmentKey) === undefined;
  }

  /** Gives the first number, so that the catalog is no longer new. */
  begin(): void {
    void this.#records.put(nextSegmentKey, encodeValue(1));
  }

  addSegment(kind: Segment['kind'], owner: ProcessIdentity): SegmentId {
    const id = (readValue(this.#records, nextSegmentKey) as number | undefined) ?? 1;
    void this.#records.put(nextSegmentKey, encodeValue(id + 1));
    this.#segments.set(id, { id, kind, owner, sealed: false, liveBytes: 0 });
    return id;
  }

  /** Nobody appends to it from now on; it goes where nothing in it lives. */
  seal(id: SegmentId): void {
    const segment = this.segment(id);
    if (segment) this.#segments.set(id, { ...segment, sealed: true });
  }

  /** Puts the blob there in the place of what the key held. The record is nobody's yet. */
  linkNew(key: string, entry: Entry): void {
    const old = this.entry(key);
    this.#addLive(entry.segment, recordBytes(entry));
    this.#put(key, { entry, old });
  }

  /** The same where the record may be another blob's too. */
  link(key: string, entry: Entry): void {
    if (!this.#isReferred(entry)) return this.linkNew(key, entry);
    this.#put(key, { entry, old: this.entry(key) });
  }

  #put(key: string, { entry, old }: { readonly entry: Entry; readonly old: Entry | undefined }): void {
    void this.#records.put(blobKey(key), encodeValue(entry));
    void this.#records.put(referenceKey(entry.segment, entry.offset, key), encodeValue(true));
    if (old && !(old.segment === entry.segment && old.offset === entry.offset)) this.#release(key, old);
  }

  /** The key holds nothing any more. */
  unlink(key: string): void {
    const old = this.entry(key);
    if (!old) return;
    void this.#records.remove(blobKey(key));
    this.#release(key, old);
  }

  /** Whoever still lies at `from` lies at `to` now, where the same record was written. */
  move(from: Place, to: Place): void {
    const start = referenceKey(from.segment, from.offset);
    const references = [...this.#records.getKeys({ start, end: endOf(start) })];
    for (const { key } of references.map(referenceOf)) {
      const entry = this.entry(key);
      if (entry) this.link(key, { ...entry, ...to });
    }
  }

  #release(key: string, entry: Entry): void {
    void this.#records.remove(referenceKey(entry.segment, entry.offset, key));
    if (!this.#isReferred(entry)) this.#addLive(entry.segment, -recordBytes(entry));
  }

  #isReferred({ segment, offset }: Place): boolean {
    const start = referenceKey(segment, offset);
    return this.#records.getKeysCount({ start, end: endOf(start), limit: 1 }) > 0;
  }

  #addLive(id: SegmentId, bytes: number): void {
    const segment = this.segment(id);
    if (segment) this.#segments.set(id, { ...segment, liveBytes: segment.liveBytes + bytes });
  }
}

/** All that a record takes in its segment. */
export function recordBytes(entry: Entry): number {
  return entry.contentAt + entry.bodyBytes + entry.prefixBytes;
}
