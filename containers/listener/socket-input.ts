/** What a client sends, asked for piece by piece: while nobody asks, the socket reads no further than its buffer. */
import type { Socket } from 'node:net';

const nobodyWaits = () => {};

export class SocketInput {
  #socket: Socket;
  #over = false;
  #bytes = 0;
  #wake = nobodyWaits;
  readonly #onReadable = () => {
    this.#wake();
  };
  readonly #onOver = () => {
    this.stop();
  };

  constructor(socket: Socket) {
    this.#socket = socket;
    this.#attach();
  }

  /** Octets handed out so far. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The next bytes; undefined when the client has sent its last, has gone, or `stop` was called. */
  next(): Promise<Buffer | undefined> {
    const come = this.#take();
    if (come !== null) return Promise.resolve(come);
    return new Promise((resolve) => {
      this.#wake = () => {
        const bytes = this.#take();
        if (bytes === null) return;
        this.#wake = nobodyWaits;
        resolve(bytes);
      };
    });
  }

  /** null: nothing yet. */
  #take(): Buffer | undefined | null {
    if (this.#over) return undefined;
    const bytes = this.#socket.read() as Buffer | null;
    if (bytes === null || bytes.length === 0) return null;
    this.#bytes += bytes.length;
    return bytes;
  }

  /** Throws away what has come and was not asked for. */
  discard(): void {
    while (this.#socket.read() !== null);
  }

  /** Ends what `next` waits for, and each later `next`. */
  stop(): void {
    this.#over = true;
    this.#wake();
  }

  /** Lets go of the socket, whose bytes someone else reads now. */
  detach(): void {
    this.#socket.off('readable', this.#onReadable).off('end', this.#onOver).off('close', this.#onOver);
  }

  /** Goes on with another socket: the same connection, secured. */
  use(socket: Socket): void {
    this.detach();
    this.#socket = socket;
    this.#attach();
  }

  #attach(): void {
    this.#socket.on('readable', this.#onReadable).on('end', this.#onOver).on('close', this.#onOver);
    if (this.#socket.readableEnded || this.#socket.destroyed) this.#over = true;
  }
}
