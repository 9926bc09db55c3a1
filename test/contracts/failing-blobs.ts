/** Blobs that fail when a test says so: at a step before it took place, or after it did and nobody was told. */
import type { BlobInfo, BlobPage, Blobs, ByteRange, Upload } from '../../mail/ports/blobs.ts';

export type BlobsStep = 'write' | 'finish' | 'head' | 'read' | 'copy' | 'delete' | 'list';

/** `before`: it did not take place; `after`: it did, and fails all the same. Undefined: it goes well. */
export type FailureAt = 'before' | 'after' | undefined;

/** Asked at each step, which it may count. */
export type FailurePlan = (step: BlobsStep) => FailureAt;

/** What a step that the plan chose fails with. */
export class InjectedFailure extends Error {
  constructor(step: string) {
    super(`a test made ${step} fail`);
    this.name = 'InjectedFailure';
  }
}

/** Fails the step's nth time, 1 being the first, and goes well otherwise. */
export function failNth(failing: BlobsStep, nth: number, at: 'before' | 'after' = 'before'): FailurePlan {
  let times = 0;
  return (step) => (step === failing && ++times === nth ? at : undefined);
}

export class FailingBlobs implements Blobs {
  readonly #blobs: Blobs;
  readonly #plan: FailurePlan;

  constructor(blobs: Blobs, plan: FailurePlan) {
    this.#blobs = blobs;
    this.#plan = plan;
  }

  begin(): Upload {
    const upload = this.#blobs.begin();
    return {
      get size() {
        return upload.size;
      },
      write: (bytes) => this.#step('write', () => upload.write(bytes)),
      finish: (options) => this.#step('finish', () => upload.finish(options)),
      abort: () => upload.abort(),
    };
  }

  head(key: string): Promise<BlobInfo | undefined> {
    return this.#step('head', () => this.#blobs.head(key));
  }

  /** `after` gives the first chunk, then fails. */
  async *read(key: string, range?: ByteRange): AsyncGenerator<Uint8Array> {
    const at = this.#plan('read');
    if (at === 'before') throw new InjectedFailure('read');
    for await (const chunk of this.#blobs.read(key, range)) {
      yield chunk;
      if (at === 'after') throw new InjectedFailure('read');
    }
    if (at === 'after') throw new InjectedFailure('read');
  }

  copy(from: string, to: string): Promise<void> {
    return this.#step('copy', () => this.#blobs.copy(from, to));
  }

  delete(keys: readonly string[]): Promise<void> {
    return this.#step('delete', () => this.#blobs.delete(keys));
  }

  list(options: {
    readonly prefix: string;
    readonly after?: string;
    readonly limit?: number;
  }): Promise<BlobPage> {
    return this.#step('list', () => this.#blobs.list(options));
  }

  async #step<T>(step: BlobsStep, work: () => Promise<T>): Promise<T> {
    const at = this.#plan(step);
    if (at === 'before') throw new InjectedFailure(step);
    const result = await work();
    if (at === 'after') throw new InjectedFailure(step);
    return result;
  }
}
