import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { test } from 'node:test';
import { generate } from 'selfsigned';
import { Certificates } from '../../../containers/listener/certificates.ts';
import { listenerLimits } from '../../../containers/listener/limits.ts';
import { listen, type Listening } from '../../../containers/listener/listen.ts';
import { connectionFailure } from '../../../drivers/system/connection-failure.ts';
import { systemConnector } from '../../../drivers/system/connector.ts';
import { ConnectionFailed } from '../../../mail/ports/connector.ts';
import { connectorContract, type ConnectorUnderTest } from '../../contracts/connector.ts';
import { recordingLog } from '../../contracts/recording-log.ts';

const quietMetrics = { count: () => {}, gauge: () => {}, timeMs: () => {} };

/** A certificate of its own for `localhost` and loopback, made once. */
const pair = await generate([{ name: 'commonName', value: 'localhost' }], {
  keyType: 'ec',
  algorithm: 'sha256',
  extensions: [
    {
      name: 'subjectAltName',
      altNames: [
        { type: 2, value: 'localhost' },
        { type: 7, ip: '127.0.0.1' },
      ],
    },
  ],
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const port = portOf(server);
  server.close();
  await once(server, 'close');
  return port;
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

async function open(certificateName: string): Promise<ConnectorUnderTest> {
  const certificates = await Certificates.load({
    sources: [{ name: 'own', read: async () => ({ certificate: pair.cert, key: pair.private }) }],
    log: recordingLog(),
    metrics: quietMetrics,
  });
  const listening: Listening[] = [];
  return {
    connector: systemConnector({ trusted: [pair.cert] }),
    certificateName,
    async serve(engine, tls) {
      const opened = await listen({
        hosts: ['127.0.0.1'],
        listeners: [
          {
            protocol: 'test',
            role: 'test',
            port: 0,
            tls,
            proxy: 'off',
            engine,
            texts: { tooManyConnections: '', fault: '' },
          },
        ],
        limits: { ...listenerLimits, lingerMs: 200 },
        log: recordingLog(),
        metrics: quietMetrics,
        certificates,
      });
      listening.push(opened);
      return { address: '127.0.0.1', port: opened.addresses[0]?.port ?? 0 };
    },
    nobody: async () => ({ address: '127.0.0.1', port: await freePort() }),
    async [Symbol.asyncDispose]() {
      await Promise.all(listening.map((each) => each.close({ graceMs: 0 })));
      certificates[Symbol.dispose]();
    },
  };
}

test('what is being connected is given up by its signal', async () => {
  // Takes no connection from its queue: the handshake of TCP is done, and nothing else ever is.
  const silent = createServer({ pauseOnConnect: true }).listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const connector = systemConnector();
  const tls = { serverName: 'any.test', verify: 'none' } as const;
  const target = { address: '127.0.0.1', port: portOf(silent), implicitTls: tls, timeoutMs: 60_000 };
  const ending = new AbortController();
  const connecting = connector.connect({ ...target, signal: ending.signal });
  setTimeout(() => ending.abort(), 50);
  await assert.rejects(connecting, ConnectionFailed);
  await assert.rejects(connector.connect({ ...target, signal: ending.signal }), ConnectionFailed);
  silent.close();
});

connectorContract('the system, certificates for a name', () => open('localhost'));
connectorContract('the system, certificates for an address', () => open('127.0.0.1'));

test('a certificate by nobody who is trusted fails where it is looked at', async () => {
  await using under = await open('localhost');
  const place = await under.serve(
    () => ({
      start: async () => {},
      receive: async () => {},
      idle: () => {},
      leave: () => {},
      closed: async () => {},
    }),
    'implicit',
  );
  const connector = systemConnector();
  await assert.rejects(
    connector.connect({
      ...place,
      implicitTls: { serverName: 'localhost', verify: 'required' },
      timeoutMs: 5_000,
    }),
    { name: 'ConnectionFailed', kind: 'tls', message: /not one for localhost: DEPTH_ZERO_SELF_SIGNED_CERT/ },
  );
  const connection = await connector.connect({
    ...place,
    implicitTls: { serverName: 'localhost', verify: 'none' },
    timeoutMs: 5_000,
  });
  assert.equal(connection.tls?.verified, false);
  connection.close();
});

test('a handshake at the start counts to the time of connecting', async () => {
  const server = createServer(() => {}).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const port = portOf(server);
  const implicitTls = { serverName: 'localhost', verify: 'none' } as const;
  await assert.rejects(
    systemConnector().connect({ address: '127.0.0.1', port, implicitTls, timeoutMs: 200 }),
    { kind: 'timeout' },
  );
  server.close();
});

test('a reset is told as a broken connection', async () => {
  const server = createServer((socket) => socket.once('data', () => socket.resetAndDestroy()));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const connection = await systemConnector().connect({
    address: '127.0.0.1',
    port: portOf(server),
    timeoutMs: 5_000,
  });
  await connection.write(Buffer.from('x'), { timeoutMs: 5_000 });
  await assert.rejects(connection.read({ timeoutMs: 5_000 }), { kind: 'closed' });
  await assert.rejects(connection.write(Buffer.from('x'), { timeoutMs: 5_000 }), { kind: 'closed' });
  connection.close();
  server.close();
});

test('only addresses are connected to: names are the resolver’s', async () => {
  await assert.rejects(
    systemConnector().connect({ address: 'localhost', port: 25, timeoutMs: 100 }),
    TypeError,
  );
});

test('what the system says is told apart, and what this machine lacks is a fault of ours', () => {
  const failed = (code: string) =>
    connectionFailure(Object.assign(new Error('x'), { code }), '192.0.2.1 port 25');
  for (const [code, kind] of [
    ['ECONNREFUSED', 'refused'],
    ['ENETUNREACH', 'unreachable'],
    ['EHOSTUNREACH', 'unreachable'],
    ['EACCES', 'unreachable'],
    ['ETIMEDOUT', 'timeout'],
    ['ECONNRESET', 'closed'],
    ['EPIPE', 'closed'],
  ] as const) {
    const failure = failed(code);
    assert.ok(failure instanceof ConnectionFailed);
    assert.equal(failure.kind, kind);
    assert.match(failure.message, /192\.0\.2\.1 port 25/);
  }
  assert.ok(!(failed('EMFILE') instanceof ConnectionFailed));
});
