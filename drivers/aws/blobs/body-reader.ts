/** The bytes of one answer of S3, chunk by chunk, with an end to every wait: ours for S3, and the connection's for us. */
import type { Readable } from 'node:stream';

/** `left`: the connection was given up because nobody read from it. */
export type Chunk =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'end' | 'left' }
  | { readonly kind: 'broken'; readonly fault: unknown };

export class BodyReader {
  readonly #body: Readable;
  readonly #chunks: AsyncIterator<Uint8Array>;
  readonly #patienceMs: number;
  #leave: NodeJS.Timeout | undefined;
  #left = false;

  constructor(body: Readable, patienceMs: number) {
    this.#body = body;
    this.#chunks = body[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>;
    this.#patienceMs = patienceMs;
    // What breaks while nobody waits is told at the next chunk.
    body.on('error', () => undefined);
  }

  async next(): Promise<Chunk> {
    clearTimeout(this.#leave);
    if (this.#left) return { kind: 'left' };
    const late = new Error(`S3 sent no more bytes for ${this.#patienceMs} ms`);
    const timer = setTimeout(() => this.#body.destroy(late), this.#patienceMs);
    try {
      const { done, value } = await this.#chunks.next();
      return done === true ? { kind: 'end' } : { kind: 'bytes', bytes: value };
    } catch (fault) {
      return { kind: 'broken', fault };
    } finally {
      clearTimeout(timer);
      this.#leave = setTimeout(() => this.#leaveIt(), this.#patienceMs);
    }
  }

  /** Ends the connection, where there is anything left to come. */
  close(): void {
    clearTimeout(this.#leave);
    this.#body.destroy();
  }

  /** A client that stops reading in the middle of a message must not keep a connection from others. */
  #leaveIt(): void {
    this.#left = true;
    this.#body.destroy();
  }
}
