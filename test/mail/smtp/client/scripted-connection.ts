/** A connection whose other side a test plays by hand, on a clock that it turns. */
import type { Clock } from '../../../../mail/ports/clock.ts';
import {
  ConnectionFailed,
  type OutboundConnection,
  type TlsFacts,
  type TlsTarget,
} from '../../../../mail/ports/connector.ts';

export const scriptedTls: TlsFacts = { version: 'TLSv1.3', cipher: 'TLS_AES_256_GCM_SHA384', verified: true };

export class ScriptedConnection implements OutboundConnection {
  readonly remoteAddress: string;
  tls: TlsFacts | undefined;
  /** Whether the client has ended it. */
  closed = false;
  /** Set: what the client writes is not taken. */
  stalled = false;
  /** Set: what the client writes fails at once. */
  broken = false;
  /** What the client asked the handshake for. */
  tlsTarget: TlsTarget | undefined;
  readonly #clock: Clock;
  #written: Uint8Array[] = [];
  #incoming: Uint8Array[] = [];
  #over: 'no' | 'ended' | 'reset' = 'no';
  #wake: () => void = () => {};
  #handshake: PromiseWithResolvers<TlsFacts> | undefined;

  constructor(clock: Clock, options: { readonly remoteAddress: string; readonly tls?: TlsFacts }) {
    this.#clock = clock;
    this.remoteAddress = options.remoteAddress;
    this.tls = options.tls;
  }

  async write(bytes: Uint8Array, { timeoutMs }: { readonly timeoutMs: number }): Promise<void> {
    if (this.closed) throw new ConnectionFailed('closed', 'it was ended here');
    if (this.broken) throw new ConnectionFailed('closed', 'the connection broke');
    this.#written.push(Uint8Array.from(bytes));
    if (!this.stalled) return;
    await this.#clock.sleep(timeoutMs);
    throw new ConnectionFailed('timeout', `nothing was taken for ${timeoutMs / 1000} s`);
  }

  async read({ timeoutMs }: { readonly timeoutMs: number }): Promise<Uint8Array | undefined> {
    const arrived = new AbortController();
    const until = this.#clock.now() + timeoutMs;
    this.#wake = () => arrived.abort();
    if (this.#incoming.length === 0 && this.#over === 'no')
      await this.#clock.sleep(timeoutMs, arrived.signal);
    const bytes = this.#incoming.shift();
    if (bytes !== undefined || this.#over === 'ended') return bytes;
    if (this.#over === 'reset') throw new ConnectionFailed('closed', 'the connection broke');
    if (this.closed) throw new ConnectionFailed('closed', 'it was ended here');
    if (this.#clock.now() < until) throw new Error('read woke up for nothing');
    throw new ConnectionFailed('timeout', `nothing came for ${timeoutMs / 1000} s`);
  }

  async startTls(target: TlsTarget): Promise<TlsFacts> {
    this.tlsTarget = target;
    this.#handshake = Promise.withResolvers();
    this.tls = await this.#handshake.promise;
    return this.tls;
  }

  close(): void {
    this.closed = true;
    this.#wake();
  }

  /** The server says something. */
  say(bytes: Uint8Array): void {
    this.#incoming.push(Uint8Array.from(bytes));
    this.#wake();
  }

  /** The server ends the connection, or it breaks. */
  end(how: 'ended' | 'reset'): void {
    this.#over = how;
    this.#wake();
  }

  get awaitsHandshake(): boolean {
    return this.#handshake !== undefined;
  }

  shakeHands(succeeds: boolean): void {
    const handshake = this.#handshake;
    this.#handshake = undefined;
    if (succeeds) handshake?.resolve({ ...scriptedTls, verified: this.tlsTarget?.verify === 'required' });
    else handshake?.reject(new ConnectionFailed('tls', 'the certificate is not for this name'));
  }

  /** What the client wrote since the last time. */
  taken(): Buffer {
    return Buffer.concat(this.#written.splice(0));
  }

  /** In how many writes that came which `taken` would give. */
  get writes(): number {
    return this.#written.length;
  }
}
