/** The rules by which a next hop is chosen, in order: a route of the domain's own, the smart host, Amazon SES, MX, else none. */
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
  /** Takes what has a sender. */
  readonly ses?: NamedHop;
  /** Each domain is a place of its own. */
  readonly mx?: NextHop;
}

/** For the admin who looks at held mail. */
const noNextHop =
  'this server has no next hop for mail elsewhere: start it with --smart-host, --mx, or a --route for the domain';

const noNullSender =
  'Amazon SES takes no mail with a null sender, which notifications have: a smart host would. Send it by one, or remove it';

/** Never throws. */
export function nextHopsBy({ routes, smartHost, ses, mx }: Rules): NextHops {
  return {
    destinationOf(domain, { reversePath }): Destination {
      const fixed = routes.get(domain) ?? smartHost;
      if (fixed !== undefined) return { kind: 'send', ...fixed };
      if (ses !== undefined)
        return reversePath === null
          ? { kind: 'hold', because: noNullSender, alarm: true }
          : { kind: 'send', ...ses };
      if (mx !== undefined) return { kind: 'send', name: domain, hop: mx };
      return { kind: 'hold', because: noNextHop };
    },
  };
}
