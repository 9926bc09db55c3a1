/** One session of a transcript: an engine, and an output that writes down and shakes hands when it is told to. */
import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import {
  ConnectionEnded,
  type Connection,
  type Engine,
  type EngineFactory,
  type LeaveReason,
  type Output,
  type TlsSession,
} from '../../mail/wire/engine.ts';

export const transcriptTls: TlsSession = { version: 'TLSv1.3', cipher: 'TLS_AES_256_GCM_SHA384' };

/** Longer than any engine of a test works on one write, in milliseconds. */
const patienceMs = 20_000;
/** Turns of the event loop after a call, for what engines say on their own. */
const quietTurns = 4;

export class RecordedSession {
  readonly #output = new RecordingOutput();
  readonly #engine: Engine;
  #call: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(connection: Connection, connect: EngineFactory) {
    this.#engine = connect(connection, this.#output);
  }

  /** For the tests of what a transcript does not show. */
  get engine(): Engine {
    return this.#engine;
  }

  /** The idle time-out that was set last, in milliseconds. */
  get idleMs(): number {
    return this.#output.idleMs;
  }

  /** How often the engine has waited for the client to take what was written. */
  get waits(): number {
    return this.#output.waits;
  }

  /** Whether the server has ended the connection. */
  get ended(): boolean {
    return this.#output.ended;
  }

  get awaitsHandshake(): boolean {
    return this.#output.handshake !== undefined;
  }

  /** Whether the client, or a handshake that failed, has ended the connection. */
  get gone(): boolean {
    return this.#output.gone;
  }

  start(tls: boolean): Promise<void> {
    return this.#run(() => this.#engine.start(tls ? transcriptTls : undefined));
  }

  /** Hands over the pieces one by one; what follows the command for a handshake is thrown away, as by the runtime. */
  async send(pieces: readonly Buffer[]): Promise<void> {
    for (const piece of pieces) {
      if (this.ended || this.gone || this.awaitsHandshake) return;
      // A copy: the array is the engine's to keep.
      await this.#run(() => this.#engine.receive(Buffer.from(piece)));
    }
  }

  async shakeHands(succeeds: boolean): Promise<void> {
    assert.ok(this.awaitsHandshake, 'the server awaits no handshake');
    const handshake = this.#output.endHandshake();
    if (succeeds) handshake?.resolve(transcriptTls);
    else this.#output.drop();
    if (!succeeds) handshake?.reject(new ConnectionEnded());
    await this.#quiet();
  }

  idle(): Promise<void> {
    return this.#run(async () => this.#engine.idle());
  }

  /** May come while a call is under way. */
  async leave(reason: LeaveReason): Promise<void> {
    this.#engine.leave(reason);
    await this.#quiet();
  }

  /** The connection is gone; safe to call again. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#output.drop();
    await within(this.#engine.closed(), 'closed');
  }

  /** The lines that came since the last time; a last one without CRLF stands with the rest. */
  said(): readonly { readonly octets: Buffer; readonly whole: boolean }[] {
    const all = Buffer.concat(this.#output.taken());
    const lines = [];
    for (let at = 0; at < all.length;) {
      const end = all.indexOf('\r\n', at);
      lines.push({ octets: all.subarray(at, end === -1 ? all.length : end), whole: end !== -1 });
      at = end === -1 ? all.length : end + 2;
    }
    return lines;
  }

  async #run(call: () => Promise<void>): Promise<void> {
    // The end of the connection is no fault of the engine, and the runtime says nothing of it.
    this.#call = call().catch((error: unknown) => {
      if (!(error instanceof ConnectionEnded)) throw error;
    });
    await this.#quiet();
  }

  /** Until the call under way settles, or waits for a handshake; then some turns more. */
  async #quiet(): Promise<void> {
    await within(Promise.race([this.#call, this.#output.handshakeBegun.promise]), 'the call');
    for (let turns = 0; turns < quietTurns; turns++) await turn();
  }
}

/** Fails where a promise takes so long that it will never settle. */
async function within(promise: Promise<void>, what: string): Promise<void> {
  const timer = new AbortController();
  const late = new Promise<never>((_, reject) => {
    const timeout = setTimeout(() => reject(new Error(`${what} does not settle`)), patienceMs);
    timer.signal.addEventListener('abort', () => clearTimeout(timeout));
  });
  try {
    await Promise.race([promise, late]);
  } finally {
    timer.abort();
  }
}

class RecordingOutput implements Output {
  ended = false;
  gone = false;
  idleMs = 0;
  waits = 0;
  handshake: PromiseWithResolvers<TlsSession> | undefined;
  handshakeBegun = Promise.withResolvers<void>();
  #writes: Buffer[] = [];

  write(bytes: Uint8Array | string): void {
    if (!this.ended && !this.gone) this.#writes.push(Buffer.from(bytes));
  }

  async ready(): Promise<void> {
    this.waits += 1;
    await turn();
    if (this.ended || this.gone) throw new ConnectionEnded();
  }

  async startTls(): Promise<TlsSession> {
    if (this.ended || this.gone) throw new ConnectionEnded();
    this.handshake = Promise.withResolvers<TlsSession>();
    this.handshakeBegun.resolve();
    return this.handshake.promise;
  }

  /** From now on none is waited for; the one that was is the caller's to settle. */
  endHandshake(): PromiseWithResolvers<TlsSession> | undefined {
    const { handshake } = this;
    this.handshake = undefined;
    this.handshakeBegun = Promise.withResolvers<void>();
    return handshake;
  }

  end(): void {
    this.ended = true;
  }

  setIdleTimeout(ms: number): void {
    this.idleMs = ms;
  }

  /** The client has gone. */
  drop(): void {
    this.gone = true;
    this.endHandshake()?.reject(new ConnectionEnded());
  }

  taken(): readonly Buffer[] {
    const writes = this.#writes;
    this.#writes = [];
    return writes;
  }
}

/** The connection that the words of `! connect` describe; without any, from elsewhere and not secured. */
export function connectionOf(number: number, words: readonly string[]): Connection {
  const value = (name: string) => words.find((word) => word.startsWith(`${name}=`))?.slice(name.length + 1);
  const loopback = words.includes('loopback');
  return {
    id: `t${number}`,
    remoteAddress: value('from') ?? (loopback ? '127.0.0.1' : `192.0.2.${number}`),
    remotePort: 40_000 + number,
    localAddress: loopback ? '127.0.0.1' : '192.0.2.100',
    localPort: Number(value('port') ?? 0),
    loopback,
  };
}
