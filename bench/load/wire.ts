/** One connection of a client that costs little: raw bytes out, and no more looked at of what comes in than is waited for. */
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

/** What is waited for: whether the bytes that have come hold it, asked at each arrival with the newest chunk. */
export type Until = (chunk: Buffer) => boolean;

const timeoutMs = 180_000;

export class Wire {
  #until: Until | undefined;
  #resolve: (() => void) | undefined;
  #reject: ((fault: Error) => void) | undefined;
  #early: Buffer[] = [];
  #fault: Error | undefined;
  /** The last octets that came, for error texts. */
  #tail = '';

  readonly #socket: Socket;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => this.#take(chunk));
    socket.on('error', (fault) => this.#fail(fault));
    socket.on('close', () => this.#fail(new Error('the server closed the connection')));
    socket.setTimeout(timeoutMs, () => this.#fail(new Error(`nothing came for ${timeoutMs / 1000} s`)));
  }

  static connect(port: number, options: { readonly tls?: boolean } = {}): Promise<Wire> {
    return new Promise((resolve, reject) => {
      const socket =
        options.tls === true
          ? connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false, session: undefined })
          : connectTcp({ port, host: '127.0.0.1' });
      socket.once('error', reject);
      socket.once(options.tls === true ? 'secureConnect' : 'connect', () => {
        socket.off('error', reject);
        resolve(new Wire(socket));
      });
    });
  }

  /** The same connection with TLS from here on (STARTTLS, answered already). */
  startTls(): Promise<Wire> {
    this.#socket.removeAllListeners();
    this.#socket.setTimeout(0);
    return new Promise((resolve, reject) => {
      const socket = connectTls({ socket: this.#socket, rejectUnauthorized: false });
      socket.once('error', reject);
      socket.once('secureConnect', () => {
        socket.off('error', reject);
        resolve(new Wire(socket));
      });
    });
  }

  send(...parts: readonly (string | Buffer)[]): void {
    if (parts.length === 1) {
      this.#socket.write(parts[0] ?? '');
      return;
    }
    this.#socket.cork();
    for (const part of parts) this.#socket.write(part);
    this.#socket.uncork();
  }

  /** Waits until the chunks hold what is looked for. One wait at a time. */
  until(until: Until): Promise<void> {
    const early = this.#early;
    this.#early = [];
    for (const [at, chunk] of early.entries())
      if (until(chunk)) {
        this.#early = early.slice(at + 1);
        return Promise.resolve();
      }
    if (this.#fault !== undefined) return Promise.reject(this.#fault);
    return new Promise((resolve, reject) => {
      this.#until = until;
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  close(): void {
    this.#fault ??= new Error('this connection was closed here');
    this.#socket.destroy();
  }

  #take(chunk: Buffer): void {
    this.#tail = chunk.subarray(-200).toString('latin1');
    if (this.#until === undefined) {
      this.#early.push(chunk);
      return;
    }
    try {
      if (!this.#until(chunk)) return;
    } catch (fault) {
      this.#fail(fault instanceof Error ? fault : new Error(String(fault)));
      return;
    }
    const resolve = this.#resolve;
    this.#until = this.#resolve = this.#reject = undefined;
    resolve?.();
  }

  #fail(fault: Error): void {
    this.#fault ??= new Error(`${fault.message}; the last that came: ${JSON.stringify(this.#tail)}`);
    this.#reject?.(this.#fault);
    this.#until = this.#resolve = this.#reject = undefined;
  }
}
