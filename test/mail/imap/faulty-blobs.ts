/** Blobs whose reading or writing fails when a test says so, and that know how many calls are under way. */
import type { BlobInfo, Blobs, ByteRange, Upload } from '../../../mail/ports/blobs.ts';

export class FaultyBlobs implements Blobs {
  /** `read`, `write`, or anything else for none. */
  faulty = 'none';
  pending = 0;
  readonly #inner: Blobs;

  constructor(inner: Blobs) {
    this.#inner = inner;
  }

  begin(): Upload {
    const upload = this.#inner.begin();
    return {
      get size() {
        return upload.size;
      },
      write: (bytes) =>
        this.#counted(async () => {
          if (this.faulty === 'write') throw new Error('the disk is full');
          await upload.write(bytes);
        }),
      finish: (options) => this.#counted(() => upload.finish(options)),
      abort: () => this.#counted(() => upload.abort()),
    };
  }

  async *read(key: string, range?: ByteRange): AsyncGenerator<Uint8Array> {
    if (this.faulty === 'read') throw new Error('the disk is away');
    const chunks = this.#inner.read(key, range)[Symbol.asyncIterator]();
    try {
      for (;;) {
        const { done, value } = await this.#counted(() => chunks.next());
        if (done === true) return;
        yield value;
      }
    } finally {
      await chunks.return?.();
    }
  }

  head(key: string): Promise<BlobInfo | undefined> {
    return this.#counted(() => this.#inner.head(key));
  }

  copy(from: string, to: string): Promise<void> {
    return this.#counted(() => this.#inner.copy(from, to));
  }

  delete(keys: readonly string[]): Promise<void> {
    return this.#counted(() => this.#inner.delete(keys));
  }

  list(options: Parameters<Blobs['list']>[0]): ReturnType<Blobs['list']> {
    return this.#counted(() => this.#inner.list(options));
  }

  async #counted<Result>(call: () => Promise<Result>): Promise<Result> {
    this.pending += 1;
    try {
      return await call();
    } finally {
      this.pending -= 1;
    }
  }
}
