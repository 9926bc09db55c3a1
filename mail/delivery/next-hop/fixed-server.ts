/** A server that settings name: the smart host, and the server of a route. */
import type { NextHop, TransmitOutcome, Transmission } from '../../ports/next-hop.ts';
import { isLoopback } from '../../smtp/client/loopback.ts';
import type { Credentials } from '../../smtp/client/options.ts';
import { nobodyIsAsked } from './nobody.ts';
import { remoteName, type Place } from './place.ts';
import { transmitToFirst, type TransmitPorts } from './transmit.ts';

/** Where a server stands, and how it is spoken to. */
export interface FixedServer {
  /** A name, or an IP address. */
  readonly host: string;
  readonly port: number;
  /** TLS from the first octet on (RFC 8314 section 3.3); else STARTTLS. */
  readonly implicitTls: boolean;
  readonly credentials?: Credentials;
  /**
   * What TLS must be. `verified`: there, with a certificate for `host`. `unverified`: there. `optional`: where it is
   * offered (only STARTTLS). Where absent: `verified` with implicit TLS or a password, but on loopback, where nobody
   * can listen and no certificate is for the name, nothing is asked.
   */
  readonly tls?: 'verified' | 'unverified' | 'optional';
}

/** For logs and for the queue's back-off: `smtps://smtp.example.org:465`. */
export function serverName({ host, port, implicitTls }: FixedServer): string {
  return `${implicitTls ? 'smtps' : 'smtp'}://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** All its addresses are tried in turn. What is wrong with its name is for an admin to mend: no mail fails by it. */
export function fixedServerHop(ports: TransmitPorts, server: FixedServer): NextHop {
  return {
    async transmit(transmission: Transmission): Promise<TransmitOutcome> {
      const { host } = server;
      const answer = await ports.resolver.resolveAddresses(host);
      if (answer.kind === 'found')
        return transmitToFirst(ports, { places: placesOf(server, answer.records), transmission });
      const why = answer.kind === 'failed' ? answer.why : 'the DNS has no address of it';
      const said = { status: '4.4.3', text: `The next server cannot be found: ${why}`, remote: host };
      return nobodyIsAsked(transmission, { outcome: { kind: 'deferred', said }, unavailable: true });
    },
  };
}

function placesOf(server: FixedServer, addresses: readonly string[]): readonly Place[] {
  return addresses.map((address) => placeAt(server, address));
}

function placeAt(server: FixedServer, address: string): Place {
  const { host, port, implicitTls, credentials } = server;
  const tls = server.tls ?? (needsTls(server) && !isLoopback(address) ? 'verified' : 'optional');
  const target = { serverName: host, verify: tls === 'verified' ? 'required' : 'none' } as const;
  const place = { remote: remoteName({ host, address, port }), address, port, preference: 0 };
  return {
    ...place,
    ...(credentials === undefined ? {} : { credentials }),
    ...(implicitTls
      ? { implicitTls: target, startTls: { kind: 'never' } }
      : {
          startTls:
            tls === 'optional'
              ? { kind: 'opportunistic', serverName: host }
              : { kind: 'required', ...target },
        }),
  };
}

function needsTls({ implicitTls, credentials }: FixedServer): boolean {
  return implicitTls || credentials !== undefined;
}
