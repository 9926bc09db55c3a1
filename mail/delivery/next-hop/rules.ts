/** The rules by which a next hop is chosen, in order: a route of the domain's own, the smart host, MX, else none. */
import type { Destination, NextHop, NextHops } from '../../ports/next-hop.ts';

/** A place by its name. */
export interface NamedHop {
  readonly name: string;
  readonly hop: NextHop;
}

export interface Rules {
  /** By canonical domain. */
  readonly routes: ReadonlyMap<string, NamedHop>;
  readonly smartHost?: NamedHop;
  /** Each domain is a place of its own. */
  readonly mx?: NextHop;
}

/** For the admin who looks at held mail. */
const noNextHop =
  'this server has no next hop for mail elsewhere: start it with --smart-host, --mx, or a --route for the domain';

/** Never throws. */
export function nextHopsBy({ routes, smartHost, mx }: Rules): NextHops {
  return {
    destinationOf(domain): Destination {
      const fixed = routes.get(domain) ?? smartHost;
      if (fixed !== undefined) return { kind: 'send', ...fixed };
      if (mx !== undefined) return { kind: 'send', name: domain, hop: mx };
      return { kind: 'hold', because: noNextHop };
    },
  };
}
