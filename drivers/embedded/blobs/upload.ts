/** A blob being written: in memory while it is small, then in a segment of its own. */
import { crc32 } from 'node:zlib';
import type { FinishOptions, StoredBlob, Upload } from '../../../mail/ports/blobs.ts';
import type { Clock } from '../../../mail/ports/clock.ts';
import type { Appender } from './appender.ts';
import { GatheredBytes } from '../../gathered-bytes.ts';
import { assertKey, encodeHeader, headerBytes } from './record.ts';
import type { Spill } from './spill.ts';
import { maxSharingBytes, type Share, type UploadMemory } from './upload-memory.ts';

/**
 * Of a blob that is kept in memory until `finish`: it is held for each connection that a message comes in by. Up to
 * here puts share their flushes; a segment of its own costs a flush of its own, and makes a lone put of 100 KB a third
 * slower (120 a second for 185; bench/blobs.ts).
 */
export const maxMemoryBytes = 128 * 1024;

/** Gathered before a large blob's next write to the disk. */
const spillBytes = 64 * 1024;

/** Of what `finish` puts before the body. */
const maxPrefixBytes = 1024 * 1024;

/** Where an upload stands; shared with whoever clears up after one that was dropped. */
export interface UploadState extends Share {
  phase: 'open' | 'finishing' | 'finished' | 'aborted' | 'failed';
  spill: Spill | undefined;
}

export interface UploadOptions {
  readonly appender: Appender;
  readonly clock: Clock;
  readonly beginSpill: () => Promise<Spill>;
  readonly state: UploadState;
  readonly memory: UploadMemory;
  /** The upload has come to its end, whichever. */
  readonly done: () => void;
}

interface Finishing {
  readonly key: string;
  readonly prefix: Uint8Array;
  /** The bytes are on the disk, and the catalog's transaction stands before all that begin now. */
  readonly ordered: (stored: StoredBlob) => void;
}

export class BufferedUpload implements Upload {
  readonly #options: UploadOptions;
  readonly #state: UploadState;
  #size = 0;
  readonly #held = new GatheredBytes();

  constructor(options: UploadOptions) {
    this.#options = options;
    this.#state = options.state;
  }

  get size(): number {
    return this.#size;
  }

  async write(bytes: Uint8Array): Promise<void> {
    this.#assertOpen();
    if (bytes.length === 0) return;
    this.#held.add(bytes);
    this.#size += bytes.length;
    if (this.#state.spill ? this.#held.length <= spillBytes : this.#mayHold(bytes.length)) return;
    await this.#orFail(() => this.#spill());
  }

  /** Whether what it holds may stay in memory, now that so many bytes have joined it. */
  #mayHold(bytes: number): boolean {
    const { memory } = this.#options;
    if (this.#held.length <= maxMemoryBytes) return true;
    return this.#held.length <= maxSharingBytes && memory.borrow(this.#state, bytes);
  }

  async finish(options: FinishOptions): Promise<StoredBlob> {
    const { key, prefix = new Uint8Array(), alongside } = options;
    this.#assertOpen();
    assertKey(key);
    if (prefix.length > maxPrefixBytes)
      throw new RangeError(`a prefix takes at most ${maxPrefixBytes} bytes`);
    this.#state.phase = 'finishing';
    let beside: Promise<void> | undefined;
    const ordered = (stored: StoredBlob) => {
      // It may be told again, where the blob had to be written anew.
      beside ??= alongside?.(stored);
      beside?.catch(() => undefined);
    };
    const stored = await this.#orFail(() =>
      this.#state.spill
        ? this.#finishLarge({ key, prefix, ordered })
        : this.#finishSmall({ key, prefix, ordered }),
    );
    this.#state.phase = 'finished';
    this.#options.done();
    await beside;
    return stored;
  }

  async abort(): Promise<void> {
    if (this.#state.phase === 'finished' || this.#state.phase === 'aborted') return;
    this.#state.phase = 'aborted';
    this.#held.take();
    this.#options.done();
    await this.#state.spill?.discard();
  }

  async #spill(): Promise<void> {
    const parts = this.#held.take();
    this.#state.spill ??= await this.#options.beginSpill();
    // Aborted meanwhile, when there was nothing yet to discard.
    this.#assertWanted();
    if (parts.length > 0) await this.#state.spill.write(parts);
    this.#options.memory.giveBack(this.#state);
  }

  async #finishLarge({ key, prefix, ordered }: Finishing): Promise<StoredBlob> {
    await this.#spill();
    const createdAt = this.#options.clock.now();
    // `#spill` has made it where there was none.
    const spill = this.#state.spill as Spill;
    const { prefixBytes, bodyBytes } = await spill.finish({ key, prefix, createdAt });
    const stored = { key, size: prefixBytes + bodyBytes };
    ordered(stored);
    return stored;
  }

  /** One run of bytes, the prefix already in its place. */
  async #finishSmall({ key, prefix, ordered }: Finishing): Promise<StoredBlob> {
    const bodyBytes = prefix.length + this.#held.length;
    const content = [prefix, ...this.#held.take()].filter(({ length }) => length > 0);
    const createdAt = this.#options.clock.now();
    const sizes = {
      contentAt: headerBytes(key),
      bodyBytes,
      prefixBytes: 0,
      createdAt,
    };
    const contentCrc = content.reduce((crc, part) => crc32(part, crc), 0);
    const header = encodeHeader({ ...sizes, key, contentCrc });
    const stored = { key, size: sizes.bodyBytes };
    await this.#options.appender.append({
      parts: [header, ...content],
      publish: (change, place) => change.linkNew(key, { ...place, ...sizes }),
      ordered: () => ordered(stored),
    });
    return stored;
  }

  /** After a failure the upload is of no more use, and what it had written is given back to the disk. */
  async #orFail<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (fault) {
      if (this.#state.phase !== 'aborted') this.#state.phase = 'failed';
      this.#held.take();
      this.#options.done();
      await this.#state.spill?.discard().catch(() => undefined);
      throw fault;
    }
  }

  #assertWanted(): void {
    if (this.#state.phase === 'aborted') throw new Error('this upload is aborted');
  }

  #assertOpen(): void {
    const { phase } = this.#state;
    if (phase !== 'open') throw new Error(`this upload is ${phase}`);
  }
}
