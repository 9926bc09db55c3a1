/**
 * A blob being written. The prefix is known only at the end and stands in front, so the bytes are gathered first: in
 * memory while they are few, as most messages are, else in a scratch file.
 */
import type { FinishOptions, StoredBlob, Upload } from '../../../mail/ports/blobs.ts';
import { GatheredBytes } from '../../gathered-bytes.ts';
import type { Bucket } from './bucket.ts';
import { contentInFile, contentInMemory } from './content.ts';
import { partBytes, uploadInParts } from './multipart-upload.ts';
import { assertKey } from './object-key.ts';
import { putObject } from './put-object.ts';
import { ScratchFile } from './scratch-file.ts';
import type { Turns } from './turns.ts';

/** Of an upload that is kept in memory until `finish`: it is held for each connection that a message comes in by. */
const maxMemoryBytes = 256 * 1024;

/** Gathered before the next write to the scratch file. */
const spillBytes = 64 * 1024;

/** Of what `finish` puts before the body. */
const maxPrefixBytes = 1024 * 1024;

/** What CopyObject can copy. */
const maxObjectBytes = 5 * 1024 ** 3;

/** What is to be given back when an upload ends, or is forgotten. */
export interface UploadState {
  phase: 'open' | 'finishing' | 'finished' | 'aborted' | 'failed';
  file: ScratchFile | undefined;
}

export interface UploadOptions {
  readonly bucket: Bucket;
  /** The folder of scratch files. */
  readonly scratch: string;
  readonly state: UploadState;
  /** Of what holds a part in memory. */
  readonly turns: Turns;
}

export class GatheredUpload implements Upload {
  readonly #options: UploadOptions;
  readonly #state: UploadState;
  readonly #held = new GatheredBytes();
  readonly #giveUp = new AbortController();
  #size = 0;

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
    if (this.#size + bytes.length > maxObjectBytes - maxPrefixBytes)
      throw new RangeError(`a blob takes at most ${maxObjectBytes} bytes`);
    this.#held.add(bytes);
    this.#size += bytes.length;
    if (this.#held.length <= (this.#state.file ? spillBytes : maxMemoryBytes)) return;
    await this.#orFail(() => this.#spill());
  }

  async finish(options: FinishOptions): Promise<StoredBlob> {
    const { key, prefix = new Uint8Array(), alongside } = options;
    this.#assertOpen();
    assertKey(key);
    if (prefix.length > maxPrefixBytes)
      throw new RangeError(`a prefix takes at most ${maxPrefixBytes} bytes`);
    this.#state.phase = 'finishing';
    // Without its time, which S3 does not tell: to ask for it would cost as much as to read the object.
    const stored = { key, size: prefix.length + this.#size };
    await this.#orFail(() => this.#store(key, prefix));
    this.#state.phase = 'finished';
    await closeScratch(this.#state);
    await alongside?.(stored);
    return stored;
  }

  async abort(): Promise<void> {
    if (this.#state.phase === 'finished' || this.#state.phase === 'aborted') return;
    const finishing = this.#state.phase === 'finishing';
    this.#state.phase = 'aborted';
    this.#giveUp.abort(new Error('this upload is aborted'));
    this.#held.take();
    // What is being read from it closes it when that ends.
    if (!finishing) await closeScratch(this.#state);
  }

  async #spill(): Promise<void> {
    const parts = this.#held.take();
    this.#state.file ??= await ScratchFile.create(this.#options.scratch);
    this.#giveUp.signal.throwIfAborted();
    await this.#state.file.append(parts);
  }

  async #store(key: string, prefix: Uint8Array): Promise<void> {
    const { bucket, turns } = this.#options;
    const { file } = this.#state;
    const giveUp = this.#giveUp.signal;
    if (!file) {
      const content = contentInMemory([prefix, ...this.#held.take()]);
      return putObject(bucket, { key, content, giveUp });
    }
    await file.append(this.#held.take());
    const content = contentInFile(prefix, file);
    await (content.size > partBytes
      ? uploadInParts(bucket, { key, content, giveUp }, turns)
      : turns.take(() => putObject(bucket, { key, content, giveUp })));
  }

  /** After a failure the upload is of no more use, and its room on the disk is given back. */
  async #orFail<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (fault) {
      if (this.#state.phase !== 'aborted') this.#state.phase = 'failed';
      this.#held.take();
      await closeScratch(this.#state);
      throw fault;
    }
  }

  #assertOpen(): void {
    const { phase } = this.#state;
    if (phase !== 'open') throw new Error(`this upload is ${phase}`);
  }
}

/** Never rejects: nothing depends on the file any more. */
export async function closeScratch(state: UploadState): Promise<void> {
  const { file } = state;
  state.file = undefined;
  await file?.close().catch(() => undefined);
}
