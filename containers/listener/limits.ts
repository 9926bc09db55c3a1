/** What the listeners put up with: one table for all protocols. */

export interface ListenerLimits {
  /** Connections open at once, whatever their protocol. */
  readonly maxConnections: number;
  /** Connections open at once from one client: an IPv4 address, or an IPv6 /64. Thunderbird alone opens 5 for IMAP. */
  readonly maxConnectionsPerClient: number;
  /** From the first byte waited for until the PROXY header is whole; a load balancer sends it at once. */
  readonly proxyHeaderTimeoutMs: number;
  readonly handshakeTimeoutMs: number;
  /** The idle time-out until an engine sets its own. */
  readonly idleTimeoutMs: number;
  /** How long a client may take nothing of what is written to it (RFC 5321 section 4.5.3.2 asks for minutes). */
  readonly slowClientTimeoutMs: number;
  /** How long a client may take to close its side after the server closed its own. */
  readonly lingerMs: number;
  /** The same while the process drains. */
  readonly drainLingerMs: number;
  /** Output that waits above this many bytes pushes back: `ready` waits, and nothing more is read. */
  readonly outputHighWaterBytes: number;
  /** Output that waits above this many bytes ends the connection: an engine did not wait for `ready`. */
  readonly maxOutputBytes: number;
  /** How long written output may be held back so that a pipelined group's answers leave together. */
  readonly corkMs: number;
}

export const listenerLimits: ListenerLimits = {
  maxConnections: 4000,
  maxConnectionsPerClient: 100,
  proxyHeaderTimeoutMs: 10_000,
  handshakeTimeoutMs: 30_000,
  idleTimeoutMs: 5 * 60_000,
  slowClientTimeoutMs: 5 * 60_000,
  lingerMs: 5_000,
  drainLingerMs: 1_000,
  outputHighWaterBytes: 64 * 1024,
  maxOutputBytes: 8 * 1024 * 1024,
  corkMs: 100,
};
