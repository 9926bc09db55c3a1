/** Direct delivery: to the mail exchangers of the recipients' domain, by port 25, TLS where they offer it. */
import type { NextHop, RecipientOutcome, TransmitOutcome, Transmission } from '../../ports/next-hop.ts';
import { findExchangers, type ExchangerAddress, type OwnNames } from './exchangers.ts';
import { nextHopLimits } from './limits.ts';
import { nobodyIsAsked } from './nobody.ts';
import { remoteName, type Place } from './place.ts';
import { transmitToFirst, type TransmitPorts } from './transmit.ts';

const smtpPort = 25;

export interface MxOptions {
  /** The names and addresses at which this server itself takes mail. */
  readonly own: OwnNames;
  /** 25 where absent. */
  readonly port?: number;
}

/** One hop for all domains. */
export function mxHop(ports: TransmitPorts, { own, port = smtpPort }: MxOptions): NextHop {
  return {
    async transmit(transmission: Transmission, { domain }): Promise<TransmitOutcome> {
      const { resolver, random, limits = nextHopLimits } = ports;
      const exchangers = await findExchangers(domain, { resolver, own, random, limits });
      if (exchangers.kind === 'found')
        return transmitToFirst(ports, {
          places: exchangers.addresses.map((address) => placeOf(address, port)),
          transmission,
        });
      const { kind, text } = exchangers;
      const outcome: RecipientOutcome =
        kind === 'later'
          ? { kind: 'deferred', said: { status: '4.4.3', text } }
          : { kind: 'failed', said: { status: exchangers.status, text } };
      return nobodyIsAsked(transmission, { outcome, unavailable: kind === 'later' });
    },
  };
}

function placeOf({ exchange, preference, address }: ExchangerAddress, port: number): Place {
  return {
    remote: remoteName({ host: exchange, address, port }),
    address,
    port,
    startTls: { kind: 'opportunistic', serverName: exchange },
    preference,
  };
}
