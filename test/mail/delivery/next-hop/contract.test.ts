import { systemClock } from '../../../../drivers/system/clock.ts';
import { Secret } from '../../../../mail/auth/secret.ts';
import { createNextHops, type NextHopSettings } from '../../../../mail/delivery/next-hop/create-next-hops.ts';
import { nextHopContract, type NextHopUnderTest } from '../../../contracts/next-hop.ts';
import { FakeHost } from '../../smtp/fake-host.ts';
import { honestServer, hopKit } from './hop-kit.ts';

const zone = {
  'example.test': { mx: [{ preference: 10, exchange: 'mx.example.test' }] },
  'mx.example.test': { aaaa: ['2001:db8::25'], a: ['192.0.2.25'] },
  'smart.example': { a: ['192.0.2.25'] },
};

const sender = 'pepe@example.test';

/** The hop that the rules choose with these settings. */
function open(port: number, settings: NextHopSettings) {
  return async (): Promise<NextHopUnderTest> => {
    const kit = hopKit(zone, { clock: systemClock() });
    const host = new FakeHost();
    const role = settings.smartHost?.credentials === undefined ? 'mta' : 'msa';
    const place = { address: '192.0.2.25', port };
    kit.network.serve({ ...place, engine: honestServer(host, { role }), certificateFor: 'smart.example' });
    const hops = createNextHops(kit, settings);
    const destination = hops.destinationOf('example.test', { reversePath: 'pepe@example.org' });
    if (destination.kind !== 'send') throw new Error(destination.because);
    return {
      hop: destination.hop,
      domain: 'example.test',
      sender,
      host,
      async remove() {
        kit.network.remove(place.address, port);
        await kit.network.stopAll();
      },
      [Symbol.asyncDispose]: () => hops[Symbol.asyncDispose](),
    };
  };
}

const credentials = { user: sender, password: new Secret('secret') };

nextHopContract(
  'a route',
  open(2525, {
    routes: new Map([['example.test', { host: '192.0.2.25', port: 2525, implicitTls: false }]]),
  }),
);
nextHopContract(
  'a smart host by implicit TLS with a password',
  open(465, {
    routes: new Map(),
    smartHost: { host: 'smart.example', port: 465, implicitTls: true, credentials },
  }),
);
nextHopContract(
  'a smart host by STARTTLS with a password',
  open(587, {
    routes: new Map(),
    smartHost: { host: 'smart.example', port: 587, implicitTls: false, credentials },
  }),
);
nextHopContract('MX', open(25, { routes: new Map(), mx: { names: [], addresses: [] } }));
