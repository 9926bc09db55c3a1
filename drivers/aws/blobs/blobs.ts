/** Blobs on S3: an object each, under the key as it is. */
import type { S3Client } from '@aws-sdk/client-s3';
import { BlobMissing } from '../../../mail/ports/blobs.ts';
import type { BlobInfo, BlobPage, Blobs, ByteRange, Upload } from '../../../mail/ports/blobs.ts';
import { Bucket } from './bucket.ts';
import { copyObject } from './copy-object.ts';
import { deleteObjects } from './delete-objects.ts';
import { listObjects } from './list-objects.ts';
import type { ListOptions } from './list-objects.ts';
import { headObject, infoOf } from './object-info.ts';
import { assertKey } from './object-key.ts';
import { readObject } from './read-object.ts';
import { Turns } from './turns.ts';
import { closeScratch, GatheredUpload } from './upload.ts';
import type { UploadState } from './upload.ts';

export interface S3BlobsOptions {
  readonly client: S3Client;
  readonly bucket: string;
  /** A folder on a volume that may be lost: uploads that are too large for memory wait there for their end. */
  readonly scratch: string;
  /** How long S3 may take for an answer, or for a message's next bytes. Default 20 s. */
  readonly patienceMs?: number;
}

const defaultPatienceMs = 20_000;

/** Of 8 MB each. */
const partsInMemory = 4;

export class S3Blobs implements Blobs {
  readonly #bucket: Bucket;
  readonly #scratch: string;
  readonly #turns = new Turns(partsInMemory);
  /** An upload that its owner forgot leaves nothing behind. */
  readonly #forgotten = new FinalizationRegistry<UploadState>((state) => void closeScratch(state));

  constructor({ client, bucket, scratch, patienceMs = defaultPatienceMs }: S3BlobsOptions) {
    this.#bucket = new Bucket({ client, name: bucket, patienceMs });
    this.#scratch = scratch;
  }

  begin(): Upload {
    const state: UploadState = { phase: 'open', file: undefined };
    const upload = new GatheredUpload({
      bucket: this.#bucket,
      scratch: this.#scratch,
      turns: this.#turns,
      state,
    });
    this.#forgotten.register(upload, state);
    return upload;
  }

  async head(key: string): Promise<BlobInfo | undefined> {
    assertKey(key);
    const head = await headObject(this.#bucket, key);
    return head && infoOf(key, { size: head.ContentLength, lastModified: head.LastModified });
  }

  async *read(key: string, range?: ByteRange): AsyncGenerator<Uint8Array, void, undefined> {
    assertKey(key);
    yield* readObject(this.#bucket, key, range ?? { start: 0, end: Infinity });
  }

  async copy(from: string, to: string): Promise<void> {
    assertKey(from);
    assertKey(to);
    if (from !== to) return copyObject(this.#bucket, from, to);
    // S3 refuses to copy an object onto itself.
    if ((await headObject(this.#bucket, to)) === undefined) throw new BlobMissing(to);
  }

  async delete(keys: readonly string[]): Promise<void> {
    for (const key of keys) assertKey(key);
    await deleteObjects(this.#bucket, keys);
  }

  async list(options: ListOptions): Promise<BlobPage> {
    return listObjects(this.#bucket, options);
  }
}
