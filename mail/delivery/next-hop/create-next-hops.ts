/** The next hops of a server, put together from its settings. */
import type { NextHops } from '../../ports/next-hop.ts';
import type { OwnNames } from './exchangers.ts';
import { fixedServerHop, serverName, type FixedServer } from './fixed-server.ts';
import { mxHop } from './mx.ts';
import type { NextHopPorts } from './ports.ts';
import { nextHopsBy, type NamedHop } from './rules.ts';
import { SessionPool } from './session-pool.ts';

export interface NextHopSettings {
  /** The server for a domain, by its canonical name. */
  readonly routes: ReadonlyMap<string, FixedServer>;
  /** Takes all other mail. */
  readonly smartHost?: FixedServer;
  /** Takes all other mail that has a sender. */
  readonly ses?: NamedHop;
  /** Mail goes to its domain's own exchangers; given are this server's own names and addresses. */
  readonly mx?: OwnNames;
}

/** They share their open sessions. Disposing takes leave of all of them, within some seconds. */
export function createNextHops(
  ports: NextHopPorts,
  { routes, smartHost, ses, mx }: NextHopSettings,
): NextHops & AsyncDisposable {
  const pool = new SessionPool(ports);
  const shared = { ...ports, pool };
  const named = (server: FixedServer): NamedHop => ({
    name: serverName(server),
    hop: fixedServerHop(shared, server),
  });
  const hops = nextHopsBy({
    routes: new Map([...routes].map(([domain, server]) => [domain, named(server)])),
    ...(smartHost === undefined ? {} : { smartHost: named(smartHost) }),
    ...(ses === undefined ? {} : { ses }),
    ...(mx === undefined ? {} : { mx: mxHop(shared, { own: mx }) }),
  });
  return {
    destinationOf: (domain, message) => hops.destinationOf(domain, message),
    [Symbol.asyncDispose]: () => pool[Symbol.asyncDispose](),
  };
}
