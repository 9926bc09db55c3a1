/** From an accepted socket to a session: caps, PROXY header, TLS, engine; or a refusal. */
import type { Socket } from 'node:net';
import { randomInt } from 'node:crypto';
import type { Connection, TlsSession } from '../../mail/wire/engine.ts';
import type { Log } from '../../mail/ports/log.ts';
import type { Metrics } from '../../mail/ports/metrics.ts';
import { alpnProtocol, asksForChallenge, type AlpnChallenges } from './alpn-challenges.ts';
import { ConnectionCaps } from './connection-caps.ts';
import { HandshakeFailed, secure, type SecureContexts } from './handshake.ts';
import { canonicalIp, isLoopback } from './ip-address.ts';
import type { ListenerLimits } from './limits.ts';
import { readProxyHeader } from './proxy-header.ts';
import type { ProxiedAddresses } from './proxy-protocol.ts';
import { RefusalLog, type RefusalReason } from './refusal-log.ts';
import type { Listener, Service } from './service.ts';
import { Session } from './session.ts';
import { Sessions } from './sessions.ts';

export interface AcceptorOptions {
  readonly limits: ListenerLimits;
  /** Given where any service offers TLS. */
  readonly contexts: SecureContexts | undefined;
  /** What proves our names to a certificate authority, on the port for HTTPS. */
  readonly challenges: AlpnChallenges | undefined;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** The two ends of a connection as the client made it. */
interface Introduction extends ProxiedAddresses {
  readonly loopback: boolean;
  /** Whether `source` is a client, and not a load balancer that speaks for itself. */
  readonly counted: boolean;
}

/** A connection on its way to a session. */
interface Arrival {
  readonly socket: Socket;
  readonly service: Service;
  readonly connection: Connection;
  readonly log: Log;
  /** Nobody's client: a health check, which would fill the log. */
  readonly quiet: boolean;
}

export class Acceptor {
  readonly sessions = new Sessions();
  readonly #options: AcceptorOptions;
  readonly #caps: ConnectionCaps;
  readonly #refusals: RefusalLog;
  /** Open, and not yet a session: they hold nothing that could be lost. */
  readonly #arriving = new Set<Socket>();
  readonly #idPrefix = randomInt(36 ** 3, 36 ** 4).toString(36);
  #nextId = 0;

  constructor(options: AcceptorOptions) {
    this.#options = options;
    this.#caps = new ConnectionCaps(options.limits);
    this.#refusals = new RefusalLog(options.log, options.metrics);
  }

  /** Connections that are open, sessions or not. */
  get open(): number {
    return this.#caps.open;
  }

  /** Takes the socket over, to its end. Never rejects. */
  async accept(socket: Socket, listener: Listener): Promise<void> {
    const { metrics, log } = this.#options;
    const { protocol, role } = listener;
    // What goes wrong with a socket ends in `close`; a listener is needed so that it does not end the process.
    socket.on('error', () => {});
    metrics.count('listener.accepted', { protocol, role });
    if (!this.#caps.enter()) {
      this.#refuse(socket, listener, { reason: 'tooManyConnections' });
      return;
    }
    this.#arriving.add(socket);
    socket.once('close', () => {
      this.#arriving.delete(socket);
      this.#caps.leave();
      metrics.gauge('listener.open', this.#caps.open);
    });
    metrics.gauge('listener.open', this.#caps.open);
    return this.#introduce(socket, listener).catch((fault: unknown) => {
      log.error('listener.fault', fault, { protocol, role });
      metrics.count('listener.faults', { protocol, role });
      socket.destroy();
    });
  }

  /** Ends the connections that are not sessions yet. */
  destroyArriving(): void {
    for (const socket of this.#arriving) socket.destroy();
  }

  /** Finds out who the client is and what it wants. */
  async #introduce(socket: Socket, listener: Listener): Promise<void> {
    const peer = { address: canonicalIp(socket.remoteAddress ?? ''), port: socket.remotePort ?? 0 };
    // Without an address it is gone already.
    if (peer.address === undefined) {
      socket.destroy();
      return;
    }
    const own = { address: canonicalIp(socket.localAddress ?? '') ?? '', port: socket.localPort ?? 0 };
    const direct = { source: { address: peer.address, port: peer.port }, destination: own };
    if (listener.proxy === 'off') {
      return this.#admit(socket, listener, {
        ...direct,
        loopback: isLoopback(peer.address),
        counted: true,
      });
    }
    const header = await readProxyHeader(socket, this.#options.limits.proxyHeaderTimeoutMs);
    if (header.kind === 'refused') {
      this.#refusals.tell(header.reason, listener, { remoteAddress: peer.address, why: header.why });
      socket.destroy();
      return;
    }
    const service = serviceOf(listener, header.addresses);
    const ends = header.addresses ?? direct;
    // The client is on this machine's loopback only if the proxy is here as well, and said so.
    const loopback =
      header.addresses !== undefined && isLoopback(ends.source.address) && isLoopback(peer.address);
    return this.#admit(socket, service, { ...ends, loopback, counted: header.addresses !== undefined });
  }

  /** Checks the client's cap, and lets it in. */
  async #admit(
    socket: Socket,
    service: Service,
    { source, destination, loopback, counted }: Introduction,
  ): Promise<void> {
    if (counted) {
      if (!this.#caps.enterClient(source.address)) {
        this.#refuse(socket, service, { reason: 'tooManyFromClient', remoteAddress: source.address });
        return;
      }
      socket.once('close', () => this.#caps.leaveClient(source.address));
    }
    const connection: Connection = {
      id: `${this.#idPrefix}${(this.#nextId++).toString(36)}`,
      remoteAddress: source.address,
      remotePort: source.port,
      localAddress: destination.address,
      localPort: destination.port,
      loopback,
    };
    const { protocol, role } = service;
    const log = this.#options.log.with({
      connection: connection.id,
      protocol,
      role,
      remoteAddress: source.address,
    });
    const arrival = { socket, service, connection, log, quiet: !counted };
    const secured = await this.#secure(arrival);
    return secured && this.#serve(arrival, secured);
  }

  /** The handshake where the service begins with one; undefined when it failed. */
  async #secure(arrival: Arrival): Promise<{ socket: Socket; tls: TlsSession | undefined } | undefined> {
    const { socket, service } = arrival;
    const { contexts, limits } = this.#options;
    if (service.tls !== 'implicit') return { socket, tls: undefined };
    if (contexts === undefined) throw new Error('there is no certificate for implicit TLS');
    if (await this.#isChallenge(arrival)) {
      await this.#answerChallenge(arrival);
      return undefined;
    }
    try {
      const secured = await secure(socket, { contexts, timeoutMs: limits.handshakeTimeoutMs });
      return { socket: secured.socket, tls: secured.session };
    } catch (failure) {
      if (!(failure instanceof HandshakeFailed)) throw failure;
      this.#handshakeFailed(arrival, failure);
      return undefined;
    }
  }

  /** Looked at only while there is something to prove. */
  async #isChallenge({ socket, service }: Arrival): Promise<boolean> {
    const { challenges, limits } = this.#options;
    if (challenges?.pending !== true || service.role !== 'web') return false;
    return asksForChallenge(socket, limits.handshakeTimeoutMs);
  }

  /** The handshake is all that there is to it (RFC 8737 section 3). */
  async #answerChallenge({ socket, log }: Arrival): Promise<void> {
    const { challenges: contexts, limits } = this.#options;
    if (contexts === undefined) return;
    try {
      const secured = await secure(socket, {
        contexts,
        timeoutMs: limits.handshakeTimeoutMs,
        alpn: alpnProtocol,
      });
      log.info('certificate.challengeAnswered', { name: secured.session.serverName });
      secured.socket.end();
      secured.socket.setTimeout(limits.handshakeTimeoutMs, () => socket.destroy());
      secured.socket.resume();
    } catch (failure) {
      if (!(failure instanceof HandshakeFailed)) throw failure;
      log.warn('certificate.challengeFailed', { reason: failure.reason, code: failure.code });
    }
  }

  async #serve(
    { socket: rawSocket, service, connection, log, quiet }: Arrival,
    { socket, tls }: { socket: Socket; tls: TlsSession | undefined },
  ): Promise<void> {
    const { limits, metrics, contexts } = this.#options;
    const { protocol, role } = service;
    const startedAt = performance.now();
    const session = new Session({
      socket,
      connection,
      engine: service.engine,
      limits,
      log,
      tls,
      contexts: service.tls === 'starttls' ? contexts : undefined,
      faultText: service.texts.fault,
      onFault: () => metrics.count('listener.faults', { protocol, role }),
      onHandshakeFailed: (failure) =>
        this.#handshakeFailed({ socket, service, connection, log, quiet }, failure),
    });
    this.#arriving.delete(rawSocket);
    this.sessions.add(session);
    log.debug('listener.opened', { remotePort: connection.remotePort, localPort: connection.localPort });
    try {
      const summary = await session.run();
      const ms = Math.round(performance.now() - startedAt);
      metrics.count('listener.ended', { protocol, role, end: summary.end });
      metrics.timeMs('listener.sessionMs', ms, { protocol, role });
      const { end, bytesIn, bytesOut } = summary;
      const fields = { end, ms, bytesIn, bytesOut, tls: summary.tls?.version, cipher: summary.tls?.cipher };
      if (quiet) log.debug('listener.closed', fields);
      else log.info('listener.closed', fields);
    } finally {
      this.sessions.delete(session);
    }
  }

  #handshakeFailed({ service, log, quiet }: Arrival, { reason, code }: HandshakeFailed): void {
    const { protocol, role } = service;
    this.#options.metrics.count('listener.tlsFailed', { protocol, role, reason });
    // A load balancer's check of an implicit TLS port connects and goes.
    if (quiet) log.debug('listener.tlsFailed', { reason, code });
    else log.info('listener.tlsFailed', { reason, code });
  }

  /** Says why, in the protocol's words where they would be understood: not before a TLS handshake. */
  #refuse(
    socket: Socket,
    service: Service,
    { reason, remoteAddress }: { readonly reason: RefusalReason; readonly remoteAddress?: string },
  ): void {
    this.#refusals.tell(reason, service, { remoteAddress });
    if (service.tls === 'implicit') {
      socket.destroy();
      return;
    }
    socket.end(service.texts.tooManyConnections);
    socket.resume();
    const timer = setTimeout(() => socket.destroy(), refusedLingerMs);
    socket.once('close', () => clearTimeout(timer));
  }
}

/** Shorter than for sessions: refused connections are past the cap. */
const refusedLingerMs = 1000;

/** The destination port that the client reached says which service it wanted. */
function serviceOf(listener: Listener, addresses: ProxiedAddresses | undefined): Service {
  if (addresses === undefined) return listener;
  return listener.byDestinationPort?.get(addresses.destination.port) ?? listener;
}
