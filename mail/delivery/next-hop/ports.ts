/** What next hops by SMTP stand on. */
import type { Clock } from '../../ports/clock.ts';
import type { Connector } from '../../ports/connector.ts';
import type { Log } from '../../ports/log.ts';
import type { Metrics } from '../../ports/metrics.ts';
import type { Resolver } from '../../ports/resolver.ts';
import type { SmtpClientLimits } from '../../smtp/client/limits.ts';
import type { NextHopLimits } from './limits.ts';

export interface NextHopPorts {
  readonly connector: Connector;
  readonly resolver: Resolver;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  /** 0 or more and less than 1: in which order servers of the same preference are tried. */
  readonly random: () => number;
  /** What this server calls itself in EHLO. */
  readonly hostname: string;
  /** `nextHopLimits` where absent. */
  readonly limits?: NextHopLimits;
  /** `smtpClientLimits` where absent. */
  readonly smtpLimits?: SmtpClientLimits;
}
