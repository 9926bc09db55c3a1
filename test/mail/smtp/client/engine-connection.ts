/** A connection to a server's engine in the same process: no socket, no handshake, the same promises. */
import type { Clock } from '../../../../mail/ports/clock.ts';
import {
  ConnectionFailed,
  type OutboundConnection,
  type TlsFacts,
  type TlsTarget,
} from '../../../../mail/ports/connector.ts';
import {
  ConnectionEnded,
  type Engine,
  type EngineFactory,
  type LeaveReason,
  type Output,
  type TlsSession,
} from '../../../../mail/wire/engine.ts';

/** Octets that may be on their way, in each direction, before who writes must wait. */
const windowOctets = 65_536;
const tlsSession: TlsSession = { version: 'TLSv1.3', cipher: 'TLS_AES_256_GCM_SHA384' };

export interface EngineServer {
  readonly engine: EngineFactory;
  readonly address: string;
  readonly port: number;
  /** For whom its certificate is, by someone trusted; without it, it is trusted by nobody. */
  readonly certificateFor?: string;
  /** Whether it shakes hands at all; it does where nothing is said. */
  readonly tls?: boolean;
}

/** What is on its way in one direction. */
class Pipe {
  #pieces: Uint8Array[] = [];
  #octets = 0;
  #over = false;
  #changed = Promise.withResolvers<void>();

  get over(): boolean {
    return this.#over;
  }

  get isFull(): boolean {
    return this.#octets > windowOctets;
  }

  /** Resolves at the next change. */
  get changed(): Promise<void> {
    return this.#changed.promise;
  }

  push(bytes: Uint8Array): void {
    if (this.#over || bytes.length === 0) return;
    this.#pieces.push(Uint8Array.from(bytes));
    this.#octets += bytes.length;
    this.tell();
  }

  shift(): Uint8Array | undefined {
    const bytes = this.#pieces.shift();
    this.#octets -= bytes?.length ?? 0;
    if (bytes !== undefined) this.tell();
    return bytes;
  }

  /** Nothing more is written; what was stays to be read, unless it is `dropped`. */
  end({ dropped = false } = {}): void {
    this.#over = true;
    if (dropped) this.clear();
    this.tell();
  }

  clear(): void {
    this.#pieces = [];
    this.#octets = 0;
  }

  /** Wakes who waits for a change. */
  tell(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }
}

export class EngineConnection implements OutboundConnection {
  readonly remoteAddress: string;
  tls: TlsFacts | undefined;
  readonly #server: EngineServer;
  readonly #clock: Clock;
  readonly #engine: Engine;
  readonly #toServer = new Pipe();
  readonly #toClient = new Pipe();
  #served: Promise<void> = Promise.resolve();
  #handshake: PromiseWithResolvers<TlsSession> | undefined;
  #closed = false;

  private constructor(server: EngineServer, { clock, id }: { readonly clock: Clock; readonly id: string }) {
    this.#server = server;
    this.#clock = clock;
    this.remoteAddress = server.address;
    this.#engine = server.engine(
      {
        id,
        remoteAddress: '192.0.2.1',
        remotePort: 40_000,
        localAddress: server.address,
        localPort: server.port,
        loopback: server.address.startsWith('127.'),
      },
      this.#output(),
    );
  }

  static open(
    server: EngineServer,
    options: { readonly clock: Clock; readonly id: string; readonly tls?: TlsTarget },
  ): EngineConnection {
    const connection = new EngineConnection(server, options);
    if (options.tls !== undefined) connection.tls = connection.#secured(options.tls);
    connection.#served = connection.#serve(options.tls !== undefined);
    return connection;
  }

  /** As the runtime does: the server stops, or an account lost access. */
  leave(reason: LeaveReason): void {
    this.#engine.leave(reason);
  }

  async write(bytes: Uint8Array, { timeoutMs }: { readonly timeoutMs: number }): Promise<void> {
    // As with sockets, only what is written after the end fails.
    if (this.#toServer.over) throw new ConnectionFailed('closed', 'the connection ended');
    this.#toServer.push(bytes);
    await this.#until(() => !this.#toServer.isFull || this.#toServer.over, {
      pipe: this.#toServer,
      timeoutMs,
    });
  }

  async read({ timeoutMs }: { readonly timeoutMs: number }): Promise<Uint8Array | undefined> {
    let bytes: Uint8Array | undefined;
    const arrived = () => (bytes ??= this.#toClient.shift()) !== undefined || this.#toClient.over;
    await this.#until(arrived, { pipe: this.#toClient, timeoutMs });
    if (bytes === undefined && this.#closed) throw new ConnectionFailed('closed', 'it was ended here');
    return bytes;
  }

  async startTls(target: TlsTarget, { timeoutMs }: { readonly timeoutMs: number }): Promise<TlsFacts> {
    await this.#until(() => this.#handshake !== undefined || this.#toServer.over, {
      pipe: this.#toServer,
      timeoutMs,
    });
    const handshake = this.#handshake;
    this.#handshake = undefined;
    if (handshake === undefined) throw new ConnectionFailed('tls', 'the connection ended in the handshake');
    try {
      this.tls = this.#secured(target);
    } catch (error) {
      handshake.reject(new ConnectionEnded());
      this.close();
      throw error;
    }
    handshake.resolve(tlsSession);
    return this.tls;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#toServer.end({ dropped: true });
    this.#toClient.end({ dropped: true });
    this.#handshake?.reject(new ConnectionEnded());
    void this.#served.then(() => this.#engine.closed());
  }

  /** What the runtime of listeners does: one call after the other, until either side ends. */
  async #serve(secured: boolean): Promise<void> {
    try {
      await this.#engine.start(secured ? tlsSession : undefined);
      for (;;) {
        const bytes = this.#toServer.shift();
        if (bytes !== undefined) await this.#engine.receive(bytes);
        else if (this.#toServer.over) break;
        else await this.#toServer.changed;
      }
    } catch (error) {
      if (!(error instanceof ConnectionEnded)) throw error;
    }
    this.#toServer.end();
    this.#toClient.end();
  }

  #output(): Output {
    return {
      write: (bytes) => this.#toClient.push(Buffer.from(bytes)),
      ready: async () => {
        while (this.#toClient.isFull && !this.#toClient.over) await this.#toClient.changed;
        if (this.#toClient.over) throw new ConnectionEnded();
      },
      startTls: () => {
        this.#toServer.clear();
        this.#handshake = Promise.withResolvers();
        const { promise } = this.#handshake;
        this.#toServer.tell();
        return promise;
      },
      end: () => {
        this.#toClient.end();
        this.#toServer.end({ dropped: true });
      },
      setIdleTimeout: () => {},
    };
  }

  #secured({ serverName, verify }: TlsTarget): TlsFacts {
    const verified = this.#server.certificateFor === serverName;
    if (this.#server.tls === false) throw new ConnectionFailed('tls', 'it does not speak TLS');
    if (verify === 'required' && !verified)
      throw new ConnectionFailed('tls', `the certificate is not one for ${serverName}`);
    return { ...tlsSession, verified };
  }

  /** Waits for changes of a pipe. */
  async #until(is: () => boolean, about: { readonly pipe: Pipe; readonly timeoutMs: number }): Promise<void> {
    const { pipe, timeoutMs } = about;
    const done = new AbortController();
    let late = false;
    const timer = this.#clock.sleep(timeoutMs, done.signal).then(() => {
      late = !done.signal.aborted;
    });
    while (!is()) {
      await Promise.race([pipe.changed, timer]);
      if (late) throw new ConnectionFailed('timeout', `nothing moved for ${timeoutMs / 1000} s`);
    }
    done.abort();
  }
}
