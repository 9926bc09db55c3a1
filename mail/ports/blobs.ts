/**
 * Blobs: messages' bytes under keys, written whole or not at all, read by range.
 * S3 objects, or segment files on one machine. Contract: test/contracts/blobs.ts.
 */

/** Bytes `start` (inclusive) to `end` (exclusive); past the blob's end they are cut, as in IMAP's partial. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** A blob being written. Nothing is seen of it before `finish`; dropped without either, it leaves nothing behind. */
export interface Upload {
  /** Bytes so far. */
  readonly size: number;
  /** Takes the bytes (it may keep the array: do not write to it again); wait for it before the next write. */
  write(bytes: Uint8Array): Promise<void>;
  /**
   * Makes the blob durable under `key`, `prefix` put before what was written (the trace header fields, which are
   * known only at the end). An existing blob of that key is replaced. Resolves when it survives a power failure.
   */
  finish(options: FinishOptions): Promise<StoredBlob>;
  /** Gives up. Safe after any failure, and after `finish` (then it does nothing). */
  abort(): Promise<void>;
}

export interface FinishOptions {
  readonly key: string;
  readonly prefix?: Uint8Array;
  /**
   * Begun as soon as what is committed to the table from then on is durable only together with the blob, which may be
   * before the blob is: so that both wait for the same flush. `finish` resolves when both have succeeded, and rejects
   * when either has not; the blob may be there all the same.
   */
  readonly alongside?: (stored: StoredBlob) => Promise<void>;
}

/** What is known of a blob without asking for it. */
export interface StoredBlob {
  readonly key: string;
  /** In bytes. */
  readonly size: number;
}

export interface BlobInfo extends StoredBlob {
  readonly createdAt: Date;
}

export interface BlobPage {
  readonly blobs: readonly BlobInfo[];
  readonly next?: string;
}

export interface Blobs {
  begin(): Upload;
  head(key: string): Promise<BlobInfo | undefined>;
  /** The bytes in chunks of at most 64 KB, read as they are asked for. Throws `BlobMissing` at the first chunk. */
  read(key: string, range?: ByteRange): AsyncIterable<Uint8Array>;
  /** Server-side, durable when it resolves; `to` is replaced. Throws `BlobMissing`. */
  copy(from: string, to: string): Promise<void>;
  /** Any number of keys; one that is not there is no error. */
  delete(keys: readonly string[]): Promise<void>;
  /** Keys in order, from after `after`. */
  list(options: {
    readonly prefix: string;
    readonly after?: string;
    readonly limit?: number;
  }): Promise<BlobPage>;
}

/** The key holds nothing: a fault where an index pointed to it. */
export class BlobMissing extends Error {
  readonly key: string;
  constructor(key: string) {
    super(`no blob has the key ${key}`);
    this.name = 'BlobMissing';
    this.key = key;
  }
}
