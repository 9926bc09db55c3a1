/** The contract over sockets and real handshakes: connector, client, listener and engine, all of them ours. */
import { generate } from 'selfsigned';
import { Certificates } from '../../../../containers/listener/certificates.ts';
import { listenerLimits } from '../../../../containers/listener/limits.ts';
import { listen } from '../../../../containers/listener/listen.ts';
import { systemClock } from '../../../../drivers/system/clock.ts';
import { systemConnector } from '../../../../drivers/system/connector.ts';
import { Secret } from '../../../../mail/auth/secret.ts';
import { createNextHops } from '../../../../mail/delivery/next-hop/create-next-hops.ts';
import type { FixedServer } from '../../../../mail/delivery/next-hop/fixed-server.ts';
import { nextHopContract, type NextHopUnderTest } from '../../../contracts/next-hop.ts';
import { recordingLog } from '../../../contracts/recording-log.ts';
import { FakeHost } from '../../smtp/fake-host.ts';
import { honestServer, hopKit } from './hop-kit.ts';

const sender = 'pepe@example.test';
const quietMetrics = { count: () => {}, gauge: () => {}, timeMs: () => {} };

const pair = await generate([{ name: 'commonName', value: 'smart.example' }], {
  keyType: 'ec',
  algorithm: 'sha256',
  extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: 'smart.example' }] }],
});

function open(tls: 'starttls' | 'implicit', set: Partial<FixedServer> = {}) {
  return async (): Promise<NextHopUnderTest> => {
    const host = new FakeHost();
    const certificates = await Certificates.load({
      sources: [{ name: 'own', read: async () => ({ certificate: pair.cert, key: pair.private }) }],
      log: recordingLog(),
      metrics: quietMetrics,
    });
    const listening = await listen({
      hosts: ['127.0.0.1'],
      listeners: [
        {
          protocol: 'smtp',
          role: 'mta',
          port: 0,
          tls,
          proxy: 'off',
          engine: honestServer(host, { role: set.credentials === undefined ? 'mta' : 'msa' }),
          texts: { tooManyConnections: '421 4.7.0 Too many\r\n', fault: '421 4.3.0 Fault\r\n' },
        },
      ],
      limits: { ...listenerLimits, lingerMs: 200 },
      log: recordingLog(),
      metrics: quietMetrics,
      certificates,
    });
    const kit = hopKit(
      { 'smart.example': { a: ['127.0.0.1'] } },
      { clock: systemClock(), connector: systemConnector({ trusted: [pair.cert] }) },
    );
    const port = listening.addresses[0]?.port ?? 0;
    const smartHost = { host: 'smart.example', port, implicitTls: tls === 'implicit', ...set };
    const hops = createNextHops(kit, { routes: new Map(), smartHost });
    const destination = hops.destinationOf('example.test', { reversePath: 'pepe@example.org' });
    if (destination.kind !== 'send') throw new Error(destination.because);
    return {
      hop: destination.hop,
      domain: 'example.test',
      sender,
      host,
      async remove() {
        await listening.close({ graceMs: 100 });
      },
      async [Symbol.asyncDispose]() {
        await hops[Symbol.asyncDispose]();
        await listening.close({ graceMs: 0 });
        certificates[Symbol.dispose]();
      },
    };
  };
}

nextHopContract('a server over sockets with STARTTLS', open('starttls'));
nextHopContract(
  'a smart host over sockets with implicit TLS, its certificate looked at, and a password',
  open('implicit', { tls: 'verified', credentials: { user: sender, password: new Secret('secret') } }),
);
