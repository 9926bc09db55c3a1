/** Opens the listeners of a process, and closes them without cutting anyone off in the middle. */
import { createServer, isIPv4, type AddressInfo, type Server } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LoggedIn } from '../../mail/wire/engine.ts';
import type { Log } from '../../mail/ports/log.ts';
import type { Metrics } from '../../mail/ports/metrics.ts';
import type { AlpnChallenges } from './alpn-challenges.ts';
import { Acceptor } from './acceptor.ts';
import type { SecureContexts } from './handshake.ts';
import { listenerLimits, type ListenerLimits } from './limits.ts';
import { listenFailure } from './listen-failure.ts';
import type { Listener, Service } from './service.ts';

export interface ListenOptions {
  /** Addresses or names of this machine; `::` takes IPv4 as well, unless an IPv4 address stands beside it. */
  readonly hosts: readonly string[];
  readonly listeners: readonly Listener[];
  /** Needed as soon as one service offers TLS: a `Certificates`. */
  readonly certificates?: SecureContexts;
  readonly challenges?: AlpnChallenges;
  readonly limits?: Partial<ListenerLimits>;
  /**
   * Whether other processes of this server listen on the same ports, where the system spreads connections over them
   * (SO_REUSEPORT): the `first` makes sure that no other server has them, `more` join it. Default `alone`.
   */
  readonly sharing?: Sharing;
  readonly log: Log;
  readonly metrics: Metrics;
}

export type Sharing = 'alone' | 'first' | 'more';

/** Where a listener really stands. */
export interface ListeningAddress {
  readonly protocol: string;
  readonly role: string;
  readonly tls: Service['tls'];
  readonly host: string;
  readonly port: number;
}

/** `draining`: no new work should be sent here; what is under way goes on. */
export interface Health {
  readonly status: 'ready' | 'draining';
  readonly openConnections: number;
  readonly sessions: number;
}

export interface CloseOptions {
  /** How long sessions may take to take leave; then they are told once more that they must, and destroyed. */
  readonly graceMs: number;
  /** How long to keep accepting first, `draining` already: until a load balancer has seen it. Default 0. */
  readonly acceptMs?: number;
}

/** How the sessions that were open ended. */
export interface Closed {
  readonly left: number;
  /** At the grace's end, in the middle of something; those whose engine could still say so have said it. */
  readonly destroyed: number;
}

export interface Listening {
  readonly addresses: readonly ListeningAddress[];
  health(): Health;
  /** Tells the account's sessions to take leave (a Wake `access`); how many there were. */
  leaveAccount(accountId: string): number;
  /** Asks who is logged in whether they may stay; `mayStay` must not reject. How many sessions were told to take leave. */
  leaveUnless(mayStay: (principal: LoggedIn) => Promise<boolean>): Promise<number>;
  /**
   * Drains: says so in `health`, stops accepting, lets each engine take leave (`421`, `* BYE`, `-ERR`) when its command
   * is done, asks again after the grace, and destroys what is left then. A second call waits for the first.
   */
  close(options: CloseOptions): Promise<Closed>;
}

/** Opens every listener on every host, or none: rejects with `PortInUse` or `ListenFailed`. */
export async function listen(options: ListenOptions): Promise<Listening> {
  const { listeners, hosts, certificates, challenges, sharing = 'alone', log, metrics } = options;
  for (const listener of listeners)
    for (const { protocol, role, tls } of [listener, ...(listener.byDestinationPort?.values() ?? [])])
      if (tls !== 'none' && certificates === undefined)
        throw new Error(`${protocol} (${role}) offers TLS, but there is no certificate`);
  const limits = { ...listenerLimits, ...options.limits };
  const acceptor = new Acceptor({ limits, contexts: certificates, challenges, log, metrics });
  const opened: Opened[] = [];
  try {
    for (const listener of listeners)
      for (const host of hosts) opened.push(await open({ listener, host, hosts, sharing, acceptor, log }));
  } catch (fault) {
    await Promise.all(opened.map(({ server }) => stop(server)));
    throw fault;
  }
  return new Listeners(opened, acceptor, log);
}

interface Opened {
  readonly server: Server;
  readonly address: ListeningAddress;
}

interface OpenOptions {
  readonly listener: Listener;
  readonly host: string;
  readonly hosts: readonly string[];
  readonly sharing: Sharing;
  readonly acceptor: Acceptor;
  readonly log: Log;
}

const keepAliveDelayMs = 120_000;

async function open(options: OpenOptions): Promise<Opened> {
  if (options.sharing !== 'first') return bind(options);
  const { server, address } = await bind({ ...options, sharing: 'alone' });
  await stop(server);
  return bind({ ...options, listener: { ...options.listener, port: address.port } });
}

function bind({ listener, host, hosts, sharing, acceptor, log }: OpenOptions): Promise<Opened> {
  const { protocol, role, tls, port } = listener;
  // Half open: a client that has sent its last still gets its answers.
  const server = createServer(
    { allowHalfOpen: true, noDelay: true, keepAlive: true, keepAliveInitialDelay: keepAliveDelayMs },
    (socket) => void acceptor.accept(socket, listener),
  );
  return new Promise((resolve, reject) => {
    const onError = (fault: NodeJS.ErrnoException) => reject(listenFailure({ host, port }, fault));
    server.once('error', onError);
    const ipv6Only = host !== '::' || hosts.some(isIPv4);
    server.listen({ host, port, ipv6Only, reusePort: sharing !== 'alone', backlog: 511 }, () => {
      server.off('error', onError);
      server.on('error', (fault) =>
        log.error('listener.acceptFailed', fault, { protocol, role, host, port }),
      );
      const bound = (server.address() as AddressInfo).port;
      resolve({ server, address: { protocol, role, tls, host, port: bound } });
    });
  });
}

/** How long a farewell at the grace's end may take on its way. */
const farewellMs = 500;

/** How long the engines of destroyed sessions may take to give back what they hold. */
const givingBackMs = 5000;

async function atMost(ms: number, event: Promise<void>): Promise<void> {
  const done = new AbortController();
  await Promise.race([event, sleep(ms, undefined, { signal: done.signal }).catch(() => {})]);
  done.abort();
}

function stop(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
  });
}

class Listeners implements Listening {
  readonly #opened: readonly Opened[];
  readonly #acceptor: Acceptor;
  readonly #log: Log;
  #closing: Promise<Closed> | undefined;

  constructor(opened: readonly Opened[], acceptor: Acceptor, log: Log) {
    this.#opened = opened;
    this.#acceptor = acceptor;
    this.#log = log;
  }

  get addresses(): readonly ListeningAddress[] {
    return this.#opened.map(({ address }) => address);
  }

  health(): Health {
    return {
      status: this.#closing === undefined ? 'ready' : 'draining',
      openConnections: this.#acceptor.open,
      sessions: this.#acceptor.sessions.size,
    };
  }

  leaveAccount(accountId: string): number {
    return this.#acceptor.sessions.leaveAccount(accountId);
  }

  leaveUnless(mayStay: (principal: LoggedIn) => Promise<boolean>): Promise<number> {
    return this.#acceptor.sessions.leaveUnless(mayStay);
  }

  close(options: CloseOptions): Promise<Closed> {
    this.#closing ??= this.#close(options);
    return this.#closing;
  }

  async #close({ graceMs, acceptMs = 0 }: CloseOptions): Promise<Closed> {
    const { sessions } = this.#acceptor;
    this.#log.info('listener.draining', { sessions: sessions.size, graceMs, acceptMs });
    if (acceptMs > 0) await sleep(acceptMs);
    const stopped = Promise.all(this.#opened.map(({ server }) => stop(server)));
    this.#acceptor.destroyArriving();
    const all = sessions.leaveAll('shutdown');
    await atMost(graceMs, sessions.empty());
    const destroyed = sessions.leaveAll('shutdown');
    if (destroyed > 0) await atMost(farewellMs, sessions.empty());
    sessions.destroyAll();
    await stopped;
    await atMost(givingBackMs, sessions.empty());
    const closed = { left: all - destroyed, destroyed };
    this.#log.info('listener.drained', { ...closed });
    return closed;
  }
}
