/**
 * The segment that this process appends to, written and flushed by group: one write and one flush for all who wait,
 * then one transaction of the catalog. While that is flushed the next group is written.
 */
import type { Log } from '../../../mail/ports/log.ts';
import type { ProcessIdentity } from '../process-identity.ts';
import type { CatalogChange } from './catalog-change.ts';
import type { Catalog } from './catalog.ts';
import type { Place } from './catalog-keys.ts';
import { newSegment } from './new-segment.ts';
import type { SegmentFiles, SegmentId, SegmentWriter } from './segment-files.ts';

/** A record to append, and what it changes in the catalog once it is on the disk. */
export interface Append {
  /** Header, key and content, in order. */
  readonly parts: readonly Uint8Array[];
  /** Must not throw; it may run again, in another transaction and with another place. */
  readonly publish: (change: CatalogChange, place: Place) => void;
  /** Told when the bytes are on the disk and the catalog's transaction stands before all that begin now; must not throw. */
  readonly ordered?: () => void;
}

interface Waiting extends Append {
  readonly bytes: number;
  readonly resolve: () => void;
  readonly reject: (fault: unknown) => void;
}

interface OpenSegment {
  readonly id: SegmentId;
  readonly writer: SegmentWriter;
  /** Where the next record starts. */
  end: number;
}

export interface AppenderOptions {
  readonly catalog: Catalog;
  readonly files: SegmentFiles;
  readonly owner: ProcessIdentity;
  readonly log: Log;
  /** A new segment is begun past so many bytes. */
  readonly rollBytes: number;
  /** Files of segments in which nothing lives any more. */
  readonly remove: (ids: readonly SegmentId[]) => Promise<void>;
}

/** Of one group. */
const maxGroupBytes = 4 * 1024 * 1024;

export class Appender {
  readonly #options: AppenderOptions;
  #waiting: Waiting[] = [];
  #segment: OpenSegment | undefined;
  #writing: Promise<void> | undefined;
  readonly #publishing = new Set<Promise<void>>();
  #closed = false;

  constructor(options: AppenderOptions) {
    this.#options = options;
  }

  /** The segment that is being appended to. */
  get segment(): SegmentId | undefined {
    return this.#segment?.id;
  }

  /** Resolves when record and catalog survive a power failure; when it rejects, nothing of it is to be seen. */
  append(record: Append): Promise<void> {
    if (this.#closed) return Promise.reject(new Error('the blobs are closed'));
    return new Promise((resolve, reject) => {
      const bytes = record.parts.reduce((sum, part) => sum + part.length, 0);
      this.#waiting.push({ ...record, bytes, resolve, reject });
      this.#start();
    });
  }

  /** Goes on in a new segment, so that the one before can be compacted. */
  async roll(): Promise<void> {
    await this.#writing;
    await Promise.all(this.#publishing);
    const segment = this.#segment;
    if (segment && !this.#writing) await this.#leave(segment);
  }

  /** Lets those who wait finish, and seals the segment. */
  async close(): Promise<void> {
    this.#closed = true;
    while (this.#writing || this.#publishing.size > 0) {
      await this.#writing;
      await Promise.all(this.#publishing);
    }
    if (this.#segment) await this.#leave(this.#segment);
  }

  #start(): void {
    this.#writing ??= this.#writeAll().finally(() => {
      this.#writing = undefined;
      if (this.#waiting.length > 0) this.#start();
    });
  }

  async #writeAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      const group = this.#nextGroup();
      try {
        await this.#write(group);
      } catch (cause) {
        const fault = new Error('the blobs could not be written', { cause });
        for (const { reject } of group) reject(fault);
      }
    }
  }

  #nextGroup(): readonly Waiting[] {
    let bytes = 0;
    const past = this.#waiting.findIndex((waiting) => (bytes += waiting.bytes) > maxGroupBytes);
    return this.#waiting.splice(0, past === -1 ? this.#waiting.length : Math.max(past, 1));
  }

  async #write(group: readonly Waiting[]): Promise<void> {
    const bytes = group.reduce((sum, waiting) => sum + waiting.bytes, 0);
    const segment = await this.#segmentFor(bytes);
    const start = segment.end;
    try {
      await segment.writer.write(
        group.flatMap(({ parts }) => parts),
        start,
      );
      await segment.writer.flush();
    } catch (fault) {
      // What a failed write or flush has left is unknown: nothing is ever appended behind it.
      await segment.writer.truncate(start).catch(() => undefined);
      await this.#leave(segment);
      throw fault;
    }
    segment.end += bytes;
    const publishing = this.#publish(group, segment, start).finally(() =>
      this.#publishing.delete(publishing),
    );
    this.#publishing.add(publishing);
  }

  /** Never rejects. */
  async #publish(group: readonly Waiting[], segment: OpenSegment, start: number): Promise<void> {
    try {
      const committing = this.#options.catalog.commit((change) => {
        // Who took this process for dead may have compacted the segment: its file is gone then.
        if (change.segment(segment.id)?.sealed !== false) return { published: false, emptied: [] };
        let offset = start;
        for (const { bytes, publish } of group) {
          publish(change, { segment: segment.id, offset });
          offset += bytes;
        }
        return { published: true, emptied: change.emptied };
      });
      for (const { ordered } of group) ordered?.();
      const { published, emptied } = await committing;
      if (!published) return await this.#again(group, segment);
      for (const { resolve } of group) resolve();
      await this.#options.remove(emptied);
    } catch (cause) {
      const fault = new Error('the catalog of the blobs could not be written', { cause });
      for (const { reject } of group) reject(fault);
    }
  }

  async #again(group: readonly Waiting[], segment: OpenSegment): Promise<void> {
    this.#options.log.warn('blobs.segment.taken', { segment: segment.id });
    if (this.#segment === segment) {
      this.#segment = undefined;
      await segment.writer.close().catch(() => undefined);
    }
    this.#waiting.unshift(...group);
    this.#start();
  }

  async #segmentFor(bytes: number): Promise<OpenSegment> {
    const { catalog, files, owner, rollBytes } = this.#options;
    const current = this.#segment;
    if (current && (current.end === 0 || current.end + bytes <= rollBytes)) return current;
    if (current) await this.#leave(current);
    this.#segment = { ...(await newSegment({ catalog, files, owner, kind: 'shared' })), end: 0 };
    return this.#segment;
  }

  /** Appends no more to it. What waits for the catalog must be published before it is sealed. */
  async #leave(segment: OpenSegment): Promise<void> {
    if (this.#segment === segment) this.#segment = undefined;
    await Promise.all(this.#publishing);
    try {
      await segment.writer.close();
      const emptied = await this.#options.catalog.commit((change) => {
        change.seal(segment.id);
        return change.emptied;
      });
      await this.#options.remove(emptied);
    } catch (fault) {
      // It stays as it is until this process ends; then it counts as a dead one's.
      this.#options.log.error('blobs.segment.unsealed', fault, { segment: segment.id });
    }
  }
}
