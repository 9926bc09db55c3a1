/**
 * Connector: connections that this server opens to others. TCP and TLS sockets of the system, or a server's engine in
 * the same process in a test. Contract: test/contracts/connector.ts.
 */

/** Where a connection goes. */
export interface ConnectTarget {
  /** An IP address, never a name: which one is taken is the caller's decision. */
  readonly address: string;
  readonly port: number;
  /** TLS from the first octet on (port 465). */
  readonly implicitTls?: TlsTarget;
  /** Until the connection (and its TLS) stands. */
  readonly timeoutMs: number;
  /** Aborted, it ends the connection, whether that stands already or not: as `close` does. */
  readonly signal?: AbortSignal;
}

/** Whom a TLS handshake is to reach. */
export interface TlsTarget {
  /** For SNI, and for the certificate where that is verified. */
  readonly serverName: string;
  /** `required`: a certificate that is not for this name, or not trusted, fails the handshake (RFC 8314). */
  readonly verify: 'required' | 'none';
}

/** How the secured connection stands, for the log. */
export interface TlsFacts {
  readonly version: string;
  readonly cipher: string;
  /** Whether the certificate would have been accepted. */
  readonly verified: boolean;
}

export interface OutboundConnection {
  readonly remoteAddress: string;
  readonly tls: TlsFacts | undefined;
  /** Resolves when more may be written; rejects with `ConnectionFailed` when the other side takes nothing for so long. */
  write(bytes: Uint8Array, options: { readonly timeoutMs: number }): Promise<void>;
  /** The next octets; undefined at the end. Rejects with `ConnectionFailed` when none come for so long. */
  read(options: { readonly timeoutMs: number }): Promise<Uint8Array | undefined>;
  /** STARTTLS: what was read before is forgotten by the caller, nothing may be unread. Rejects with `ConnectionFailed`. */
  startTls(target: TlsTarget, options: { readonly timeoutMs: number }): Promise<TlsFacts>;
  /** Ends it at once; safe to call again. */
  close(): void;
}

export interface Connector {
  /** Rejects with `ConnectionFailed`. */
  connect(target: ConnectTarget): Promise<OutboundConnection>;
}

/** The other server, or the way to it, failed: no fault of this program. */
export class ConnectionFailed extends Error {
  /**
   * `refused`: nobody listens there; `unreachable`: no way there; `timeout`; `tls`: the handshake failed; `closed`: it
   * ended the connection.
   */
  readonly kind: 'refused' | 'unreachable' | 'timeout' | 'tls' | 'closed';
  constructor(kind: ConnectionFailed['kind'], message: string) {
    super(message);
    this.name = 'ConnectionFailed';
    this.kind = kind;
  }
}
