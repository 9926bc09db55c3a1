/** A large blob on its way to the disk: a segment of its own, so that its bytes are written once. */
import { crc32 } from 'node:zlib';
import type { ProcessIdentity } from '../process-identity.ts';
import type { Catalog, Entry } from './catalog.ts';
import { newSegment } from './new-segment.ts';
import { encodeHeader, reservedHeaderBytes } from './record.ts';
import type { SegmentFiles, SegmentId, SegmentWriter } from './segment-files.ts';

export interface SpillOptions {
  readonly catalog: Catalog;
  readonly files: SegmentFiles;
  readonly owner: ProcessIdentity;
  /** Files of segments in which nothing lives any more. */
  readonly remove: (ids: readonly SegmentId[]) => Promise<void>;
}

export class Spill {
  readonly #options: SpillOptions;
  readonly #id: SegmentId;
  readonly #writer: SegmentWriter;
  #bodyBytes = 0;
  #crc = 0;
  #open = true;

  private constructor(options: SpillOptions, id: SegmentId, writer: SegmentWriter) {
    this.#options = options;
    this.#id = id;
    this.#writer = writer;
  }

  static async begin(options: SpillOptions): Promise<Spill> {
    const { catalog, files, owner } = options;
    const { id, writer } = await newSegment({ catalog, files, owner, kind: 'single' });
    return new Spill(options, id, writer);
  }

  async write(parts: readonly Uint8Array[]): Promise<void> {
    await this.#writer.write(parts, reservedHeaderBytes + this.#bodyBytes);
    for (const part of parts) {
      this.#crc = crc32(part, this.#crc);
      this.#bodyBytes += part.length;
    }
  }

  /** Durable when it resolves. */
  async finish(options: {
    readonly key: string;
    readonly prefix: Uint8Array;
    readonly createdAt: number;
  }): Promise<Entry> {
    const { key, prefix, createdAt } = options;
    const sizes = {
      contentAt: reservedHeaderBytes,
      bodyBytes: this.#bodyBytes,
      prefixBytes: prefix.length,
      createdAt,
    };
    const header = encodeHeader({ ...sizes, key, contentCrc: crc32(prefix, this.#crc) });
    if (prefix.length > 0) await this.#writer.write([prefix], reservedHeaderBytes + this.#bodyBytes);
    await this.#writer.write([header], 0);
    await this.#writer.flush();
    await this.#writer.close();
    const entry = { segment: this.#id, offset: 0, ...sizes };
    const emptied = await this.#options.catalog.commit((change) => {
      if (change.segment(this.#id)?.sealed !== false) return undefined;
      change.linkNew(key, entry);
      change.seal(this.#id);
      return change.emptied;
    });
    if (!emptied) throw new Error('another process took this one for dead and removed what it was writing');
    this.#open = false;
    await this.#options.remove(emptied);
    return entry;
  }

  /** Leaves nothing behind; does nothing after `finish`. */
  async discard(): Promise<void> {
    if (!this.#open) return;
    this.#open = false;
    await this.#writer.close().catch(() => undefined);
    const emptied = await this.#options.catalog.commit((change) => {
      change.seal(this.#id);
      return change.emptied;
    }, 'visible');
    await this.#options.remove(emptied);
  }
}
