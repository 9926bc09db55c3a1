/** A socket as the port has it: read and written when asked, so that a slow side stops the other. */
import type { Socket } from 'node:net';
import type { SecureContext } from 'node:tls';
import {
  ConnectionFailed,
  type OutboundConnection,
  type TlsFacts,
  type TlsTarget,
} from '../../mail/ports/connector.ts';
import { connectionFailure } from './connection-failure.ts';
import { secureSocket } from './secure-socket.ts';

/** Octets in one write, each with the whole time-out for itself: a slow side that takes some is not a dead one. */
const pieceOctets = 65_536;

export class SocketConnection implements OutboundConnection {
  readonly remoteAddress: string;
  readonly #context: SecureContext | undefined;
  #socket: Socket;
  #tls: TlsFacts | undefined;
  #failure: Error | undefined;
  #wake: () => void = () => {};
  readonly #onChange = () => {
    this.#wake();
  };
  readonly #onError = (error: NodeJS.ErrnoException) => {
    this.#failure ??= connectionFailure(error, this.remoteAddress);
    this.#wake();
  };

  constructor(
    socket: Socket,
    options: { readonly context: SecureContext | undefined; readonly tls?: TlsFacts },
  ) {
    this.remoteAddress = socket.remoteAddress ?? '';
    this.#context = options.context;
    this.#socket = socket;
    this.#tls = options.tls;
    this.#attach();
  }

  get tls(): TlsFacts | undefined {
    return this.#tls;
  }

  async write(bytes: Uint8Array, { timeoutMs }: { readonly timeoutMs: number }): Promise<void> {
    for (let at = 0; at < bytes.length; at += pieceOctets)
      await this.#writePiece(bytes.subarray(at, at + pieceOctets), timeoutMs);
  }

  async read({ timeoutMs }: { readonly timeoutMs: number }): Promise<Uint8Array | undefined> {
    const until = performance.now() + timeoutMs;
    for (;;) {
      // What came before the connection broke is still to be read.
      const bytes = this.#socket.read() as Buffer | null;
      if (bytes !== null && bytes.length > 0) return bytes;
      if (this.#failure !== undefined) throw this.#failure;
      if (this.#socket.readableEnded) return undefined;
      if (this.#socket.destroyed) throw endedHere();
      const leftMs = until - performance.now();
      if (leftMs <= 0) throw new ConnectionFailed('timeout', `nothing came for ${timeoutMs / 1000} s`);
      await this.#changed(leftMs);
    }
  }

  async startTls(target: TlsTarget, { timeoutMs }: { readonly timeoutMs: number }): Promise<TlsFacts> {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#socket.destroyed) throw endedHere();
    this.#detach();
    const { socket, facts } = await secureSocket(this.#socket, target, {
      timeoutMs,
      context: this.#context,
    });
    this.#socket = socket;
    this.#tls = facts;
    this.#attach();
    return facts;
  }

  close(): void {
    this.#socket.destroy();
    this.#wake();
  }

  #writePiece(piece: Uint8Array, timeoutMs: number): Promise<void> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new ConnectionFailed('timeout', `nothing was taken for ${timeoutMs / 1000} s`)),
        timeoutMs,
      );
      this.#socket.write(piece, (error?: NodeJS.ErrnoException | null) => {
        clearTimeout(timer);
        if (error === undefined || error === null) resolve();
        else reject(this.#failure ?? connectionFailure(error, this.remoteAddress));
      });
    });
  }

  async #changed(ms: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      timer = setTimeout(resolve, ms);
    });
    clearTimeout(timer);
  }

  #attach(): void {
    this.#socket.on('readable', this.#onChange).on('end', this.#onChange).on('close', this.#onChange);
    this.#socket.on('error', this.#onError);
  }

  /** Leaves the raw socket to the handshake. An error that comes later is its, and must not end the process. */
  #detach(): void {
    this.#socket.off('readable', this.#onChange).off('end', this.#onChange).off('close', this.#onChange);
  }
}

function endedHere(): ConnectionFailed {
  return new ConnectionFailed('closed', 'the connection was ended here');
}
