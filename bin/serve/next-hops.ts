/** Where mail for other servers goes, as the options say: put together, and said to whoever starts the server. */
import { networkInterfaces } from 'node:os';
import { systemConnector } from '../../drivers/system/connector.ts';
import { systemResolver } from '../../drivers/system/resolver.ts';
import { createNextHops } from '../../mail/delivery/next-hop/create-next-hops.ts';
import { serverName } from '../../mail/delivery/next-hop/fixed-server.ts';
import type { Clock } from '../../mail/ports/clock.ts';
import type { Log } from '../../mail/ports/log.ts';
import type { Metrics } from '../../mail/ports/metrics.ts';
import type { NextHops } from '../../mail/ports/next-hop.ts';
import type { NextServer } from '../next-server.ts';
import type { ServeOptions } from '../options.ts';

type Ways = Pick<ServeOptions, 'route' | 'smartHost' | 'mx' | 'dnsServer'>;

/** Disposing ends their questions to the DNS, and their connections within some seconds. */
export function nextHopsOf(
  { route, smartHost, mx, dnsServer: servers }: Ways,
  ports: {
    readonly hostname: string;
    readonly clock: Clock;
    readonly log: Log;
    readonly metrics: Metrics;
  },
): NextHops & AsyncDisposable {
  const ending = new AbortController();
  const resolver = systemResolver({ signal: ending.signal, ...(servers === undefined ? {} : { servers }) });
  const hops = createNextHops(
    { ...ports, connector: systemConnector(), resolver, random: Math.random },
    {
      routes: route,
      ...(smartHost === undefined ? {} : { smartHost }),
      ...(mx ? { mx: { names: [ports.hostname], addresses: ownAddresses() } } : {}),
    },
  );
  return {
    destinationOf: (domain, message) => hops.destinationOf(domain, message),
    async [Symbol.asyncDispose]() {
      ending.abort();
      await hops[Symbol.asyncDispose]();
    },
  };
}

/** An MX record that names one of them leads back here. */
function ownAddresses(): readonly string[] {
  return Object.values(networkInterfaces()).flatMap((all) => (all ?? []).map(({ address }) => address));
}

/** So many routes are named one by one. */
const namedRoutes = 5;

/** One sentence or two for the admin. */
export function whereMailGoes(ways: Ways): string {
  const routes = [...ways.route].map(([domain, server]) => `mail for ${domain} goes to ${nameOf(server)}`);
  const more = routes.length - namedRoutes;
  const named = more > 0 ? [...routes.slice(0, namedRoutes), `${more} more domains have a route`] : routes;
  return capital([...named, otherMail(ways)].join('; '));
}

function otherMail({ route, smartHost, mx }: Ways): string {
  const other = route.size > 0 ? 'all other mail for other servers' : 'mail for other servers';
  if (smartHost !== undefined) return `${other} goes to ${nameOf(smartHost)}.`;
  if (mx) return `${other} goes to its domain's own servers (MX), on port 25.`;
  return `${other} is held until you release it (npx posta queue list): start with --smart-host, --mx, or --route DOMAIN=HOST:PORT to send it.`;
}

/** Never with the password. */
function nameOf(server: NextServer): string {
  const name =
    server.implicitTls || server.credentials !== undefined ? serverName(server) : plainName(server);
  return server.credentials === undefined ? name : `${name} as ${server.credentials.user}`;
}

function plainName({ host, port }: NextServer): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

/** The same for the log. */
export function logWhereMailGoes({ route, smartHost, mx }: Ways, log: Log): void {
  const other = smartHost === undefined ? (mx ? 'mx' : 'held') : nameOf(smartHost);
  log.info('relay.destinations', {
    routes: [...route].map(([domain, server]) => `${domain}=${nameOf(server)}`),
    other,
  });
}
