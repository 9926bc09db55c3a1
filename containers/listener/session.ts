/** One session: a socket and an engine joined, from the greeting to the end. */
import type { Socket } from 'node:net';
import {
  ConnectionEnded,
  type Connection,
  type Engine,
  type EngineFactory,
  type LeaveReason,
  type LoggedIn,
  type Output,
  type TlsSession,
} from '../../mail/wire/engine.ts';
import type { Log } from '../../mail/ports/log.ts';
import { HandshakeFailed, secure, type SecureContexts } from './handshake.ts';
import type { ListenerLimits } from './limits.ts';
import { SocketInput } from './socket-input.ts';
import { SocketOutput } from './socket-output.ts';

/** Why a session was over, for the log and the metric. */
export type SessionEnd =
  'engine' | 'client' | 'idle' | 'fault' | 'slowClient' | 'outputOverflow' | 'handshakeFailed' | 'destroyed';

/** What a session did, once it is over. */
export interface SessionSummary {
  readonly end: SessionEnd;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly tls?: TlsSession;
}

export interface SessionOptions {
  readonly socket: Socket;
  readonly connection: Connection;
  readonly engine: EngineFactory;
  readonly limits: ListenerLimits;
  readonly log: Log;
  /** The handshake that is already done: implicit TLS. */
  readonly tls: TlsSession | undefined;
  /** Given where STARTTLS may be asked for. */
  readonly contexts: SecureContexts | undefined;
  /** What the client is told when its engine fails, its line end included. */
  readonly faultText: string;
  /** An engine threw: one metric (the line is written here). */
  readonly onFault: () => void;
  readonly onHandshakeFailed: (failure: HandshakeFailed) => void;
}

export class Session {
  readonly connection: Connection;
  readonly #options: SessionOptions;
  readonly #input: SocketInput;
  readonly #output: SocketOutput;
  readonly #engine: Engine;
  readonly #gone: Promise<void>;
  #socket: Socket;
  #tls: TlsSession | undefined;
  #end: SessionEnd | undefined;
  #idleTimeoutMs: number;
  #idleTimer: NodeJS.Timeout | undefined;
  /** Whether input is waited for: only then is a client idle. */
  #waiting = false;
  /** Whether a call to the engine has not settled. */
  #busy = false;
  #leaves: LeaveReason[] = [];
  #draining = false;
  #closed: Promise<void> | undefined;
  #lingerTimer: NodeJS.Timeout | undefined;

  /** Throws what the engine's factory throws. */
  constructor(options: SessionOptions) {
    this.#options = options;
    this.connection = options.connection;
    this.#socket = options.socket;
    this.#tls = options.tls;
    this.#idleTimeoutMs = options.limits.idleTimeoutMs;
    this.#input = new SocketInput(options.socket);
    this.#output = new SocketOutput(options.socket, options.limits, (why) => this.destroy(why));
    this.#engine = options.engine(options.connection, this.#engineOutput());
    this.#gone = this.#untilGone(options.socket);
  }

  /** Who has logged in. */
  get principal(): LoggedIn | undefined {
    return this.#engine.principal;
  }

  /** The whole session: resolves when the connection is gone and the engine has given back what it held. */
  async run(): Promise<SessionSummary> {
    await this.#call(() => this.#engine.start(this.#tls));
    while (await this.#step());
    this.#finish();
    await this.#closeEngine();
    await this.#gone;
    return {
      end: this.#end ?? 'client',
      bytesIn: this.#input.bytes,
      bytesOut: this.#output.bytes,
      ...(this.#tls === undefined ? {} : { tls: this.#tls }),
    };
  }

  /** Tells the engine to take leave: now, or when its call under way has settled. */
  leave(reason: LeaveReason): void {
    this.#leaves.push(reason);
    if (reason === 'shutdown') this.#draining = true;
    if (this.#lingerTimer !== undefined) this.#linger();
    if (!this.#busy) this.#deliverLeaves();
  }

  /** Ends the connection at once. */
  destroy(why: SessionEnd = 'destroyed'): void {
    this.#end ??= why;
    this.#socket.destroy();
  }

  /** Waits for the client to take what it was sent, then for its next bytes, and gives them to the engine. */
  async #step(): Promise<boolean> {
    if (this.#end !== undefined) return false;
    try {
      await this.#output.drained();
    } catch {
      return false;
    }
    this.#waiting = true;
    this.#armIdle();
    const bytes = await this.#input.next();
    this.#waiting = false;
    if (bytes === undefined || this.#end !== undefined) return false;
    await this.#call(() => this.#engine.receive(bytes));
    return true;
  }

  /** One timer for all commands, set back by each: while none is waited for it may run out. */
  #armIdle(): void {
    this.#idleTimer ??= setTimeout(() => this.#idle(), this.#idleTimeoutMs);
    this.#idleTimer.refresh();
  }

  #idle(): void {
    if (!this.#waiting) return;
    this.#guard(() => this.#engine.idle());
    this.#end = this.#end === 'fault' ? 'fault' : 'idle';
    this.#input.stop();
  }

  #deliverLeaves(): void {
    const leaves = this.#leaves;
    this.#leaves = [];
    for (const reason of leaves) if (this.#end === undefined) this.#guard(() => this.#engine.leave(reason));
  }

  /** One call of the engine: its output is held together, and what it throws ends the session. */
  async #call(call: () => Promise<void>): Promise<void> {
    this.#busy = true;
    this.#output.hold();
    try {
      await call();
    } catch (fault) {
      this.#failed(fault);
    }
    this.#busy = false;
    this.#deliverLeaves();
    this.#output.release();
  }

  #guard(call: () => void): void {
    try {
      call();
    } catch (fault) {
      this.#failed(fault);
    }
  }

  /** The one place where what an engine throws becomes wire text, a log line and a metric. */
  #failed(fault: unknown): void {
    if (fault instanceof ConnectionEnded) {
      this.#stop('client');
      return;
    }
    this.#options.log.error('listener.fault', fault);
    this.#options.onFault();
    if (this.#end === undefined) this.#output.write(Buffer.from(this.#options.faultText));
    this.#stop('fault');
  }

  /** No more input: the session ends as soon as the engine's call under way has settled. */
  #stop(why: SessionEnd): void {
    this.#end ??= why;
    this.#input.stop();
  }

  /** Sends what is left and the end, then lets the client take it: closing over unread input would take it back. */
  #finish(): void {
    this.#end ??= 'client';
    this.#input.detach();
    this.#output.end(() => this.#linger());
    this.#socket.resume();
  }

  #linger(): void {
    clearTimeout(this.#lingerTimer);
    if (this.#socket.destroyed) return;
    const { lingerMs, drainLingerMs } = this.#options.limits;
    const ms = this.#draining ? Math.min(lingerMs, drainLingerMs) : lingerMs;
    this.#lingerTimer = setTimeout(() => this.#socket.destroy(), ms);
  }

  #untilGone(socket: Socket): Promise<void> {
    return new Promise((resolve) => {
      const onClose = () => {
        clearTimeout(this.#lingerTimer);
        clearTimeout(this.#idleTimer);
        this.#output.close();
        this.#input.stop();
        void this.#closeEngine();
        resolve();
      };
      if (socket.destroyed) queueMicrotask(onClose);
      else socket.once('close', onClose);
    });
  }

  #closeEngine(): Promise<void> {
    this.#closed ??= Promise.resolve()
      .then(() => this.#engine.closed())
      .catch((fault: unknown) => {
        this.#options.log.error('listener.fault', fault);
        this.#options.onFault();
      });
    return this.#closed;
  }

  #engineOutput(): Output {
    return {
      write: (bytes) => {
        if (this.#end === undefined)
          this.#output.write(typeof bytes === 'string' ? Buffer.from(bytes) : bytes);
      },
      ready: () => (this.#end === undefined ? this.#output.drained() : Promise.reject(new ConnectionEnded())),
      startTls: () => this.#startTls(),
      end: () => {
        this.#stop('engine');
        this.#output.flush();
      },
      setIdleTimeout: (ms) => {
        if (ms === this.#idleTimeoutMs) return;
        this.#idleTimeoutMs = ms;
        clearTimeout(this.#idleTimer);
        this.#idleTimer = undefined;
        if (this.#waiting) this.#armIdle();
      },
    };
  }

  async #startTls(): Promise<TlsSession> {
    const { contexts, limits, onHandshakeFailed } = this.#options;
    if (contexts === undefined || this.#tls !== undefined) throw new Error('TLS cannot be started here');
    // What came with or after the command came in clear: it must not be taken for what was said in secret
    // (CVE-2011-0411). What still comes before the handshake goes into it, and makes it fail.
    this.#input.discard();
    await this.#output.drained(0);
    this.#input.detach();
    try {
      const { socket, session } = await secure(this.#socket, {
        contexts,
        timeoutMs: limits.handshakeTimeoutMs,
      });
      this.#socket = socket;
      this.#input.use(socket);
      this.#output.use(socket);
      this.#tls = session;
      return session;
    } catch (fault) {
      if (!(fault instanceof HandshakeFailed)) throw fault;
      this.#end ??= 'handshakeFailed';
      onHandshakeFailed(fault);
      throw new ConnectionEnded(fault.message);
    }
  }
}
