/**
 * The seam between a protocol and its connection. An engine is a protocol's server side without sockets: it is given
 * bytes and events, and an output that can push back. `containers/listener` joins it to a socket, a test to a transcript.
 */
/** The server's side of an accepted connection, as the client really reached it (after PROXY). */
export interface Connection {
  /** Short, unique in the process; in every log line. */
  readonly id: string;
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly localAddress: string;
  readonly localPort: number;
  /** Whether the true client is on this machine's loopback. */
  readonly loopback: boolean;
}

/** A finished TLS handshake, for the Received field and the log. */
export interface TlsSession {
  /** `TLSv1.3` … */
  readonly version: string;
  /** The standard (IANA) name of the cipher suite. */
  readonly cipher: string;
  readonly serverName?: string;
}

/**
 * Where an engine writes. What is written is held until the engine's call settles, so that the answers to a pipelined
 * group are one write; it leaves sooner at `ready`, `startTls` and `end`, when much is waiting, or after 0.1 s. What is
 * written between calls (IDLE) leaves at the end of the turn.
 */
export interface Output {
  /** Strings are written as UTF-8. The array is the output's to keep. Never throws: after the end it drops. */
  write(bytes: Uint8Array | string): void;
  /**
   * Resolves when the client has taken enough that more may be written; rejects with `ConnectionEnded`. To be awaited
   * at least once for each 64 KB written: an engine that lets output grow past the runtime's limit loses the client.
   */
  ready(): Promise<void>;
  /**
   * Sends what was written, throws away what the client sent before the handshake, and answers with the secured
   * session; rejects with `ConnectionEnded` when the handshake fails. Input that follows comes to `receive`. Bytes
   * that came to `receive` together with the command are the engine's to forget (RFC 3207 section 4.2).
   */
  startTls(): Promise<TlsSession>;
  /** Sends what was written, then ends the connection: nothing more comes to `receive`, and what is written is dropped. */
  end(): void;
  /** The idle time-out from now on, in milliseconds: 5 minutes for SMTP commands, 30 for IMAP, 10 for POP3. */
  setIdleTimeout(ms: number): void;
}

/**
 * One session of a protocol. The runtime calls nothing else before a returned promise has settled, but `closed`. A
 * promise that rejects is a fault, which ends the connection, but for `ConnectionEnded`.
 */
export interface Engine {
  /** Who has logged in: the session hears of the account's `access`. */
  readonly principal?: LoggedIn | undefined;
  /** The connection stands (and is secured, where `tls` is given: implicit TLS): greet. */
  start(tls: TlsSession | undefined): Promise<void>;
  /** The next bytes, never none; the runtime reads no more until it resolves. The array is the engine's to keep. */
  receive(bytes: Uint8Array): Promise<void>;
  /** Nothing came for the idle time-out: say so (`421`, `* BYE`, `-ERR`); the runtime then ends the connection. */
  idle(): void;
  /**
   * The server stops or the session's account lost access: take leave as soon as no command is under way. A second
   * `shutdown` says that the grace is over: whatever was being waited for, take leave now.
   */
  leave(reason: LeaveReason): void;
  /** The connection is gone; whatever the session holds is given back. Called exactly once, last, at any moment. */
  closed(): Promise<void>;
}

/** Whose session it is, and by which password: by that it is known whether they may stay. */
export interface LoggedIn {
  readonly accountId: string;
  /** The app password that was used, if it was one. */
  readonly credential?: string;
  /** When that password was made (ISO 8601). */
  readonly passwordSince: string;
}

/** `shutdown`: the process drains. `access`: the account was removed, suspended, or its password changed. */
export type LeaveReason = 'shutdown' | 'access';

/** Thrown by `Output.ready` and `startTls` when the client has gone: no fault, only the end of the session. */
export class ConnectionEnded extends Error {
  constructor(why = 'the connection ended') {
    super(why);
    this.name = 'ConnectionEnded';
  }
}

/** Makes the engine of a new session. */
export type EngineFactory = (connection: Connection, output: Output) => Engine;
