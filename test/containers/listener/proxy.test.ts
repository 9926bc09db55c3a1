import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';
import { once } from 'node:events';
import { Certificates } from '../../../containers/listener/certificates.ts';
import { randomSplits } from '../../mail/wire/splits.ts';
import { seededRandom } from '../../seeded-random.ts';
import { Client } from './client.ts';
import { rememberingLog, rememberingMetrics, selfSigned } from './fakes.ts';
import { lineEngines } from './line-engine.ts';
import { ipv6, version2, withChecksum } from './proxy-headers.ts';
import { startServer, until } from './server.ts';

const options = { timeout: 20_000 };
const required = { proxy: 'required' } as const;
const version1 = 'PROXY TCP4 192.0.2.7 198.51.100.9 4000 587\r\n';

test('The client and the port it reached are those of the header', options, async (t) => {
  const { port, seen } = await startServer(t, { listener: required });
  const local = version2({ command: 0x20, family: 0, addresses: Buffer.alloc(0) });
  const headers = [Buffer.from(version1), withChecksum(), version2({ family: 0x21, addresses: ipv6 }), local];
  for (const header of headers) {
    const client = await Client.open(port);
    client.send(Buffer.concat([header, Buffer.from('one\r\n')]));
    assert.deepEqual(await client.lines(2), ['hello', 'echo one']);
    client.close();
  }
  const [ipv4Client, checked, ipv6Client, health] = seen.map(({ connection }) => connection);
  assert.deepEqual(
    { ...ipv4Client, id: '' },
    {
      id: '',
      remoteAddress: '192.0.2.7',
      remotePort: 4000,
      localAddress: '198.51.100.9',
      localPort: 587,
      loopback: false,
    },
  );
  assert.equal(checked?.remoteAddress, '192.0.2.7');
  assert.equal(ipv6Client?.remoteAddress, '2001:db8::7');
  assert.equal(health?.remoteAddress, '127.0.0.1');
  assert.equal(health?.localPort, port);
  assert.equal(health?.loopback, false, 'a health check is nobody on this machine');
  assert.equal(new Set(seen.map(({ connection }) => connection.id)).size, 4);
});

test('Loopback is the true client, not the load balancer', options, async (t) => {
  const { port, seen } = await startServer(t, { listener: required });
  const client = await Client.open(port);
  client.send('PROXY TCP6 ::ffff:127.0.0.1 ::ffff:127.0.0.1 4000 587\r\n');
  assert.equal(await client.line(), 'hello');
  client.close();
  assert.equal(seen[0]?.connection.loopback, true);
});

test('A header may come in any pieces, with the first commands in them', options, async (t) => {
  const { port, seen } = await startServer(t, { listener: required });
  const random = seededRandom(7);
  for (const header of [Buffer.from(version1), withChecksum()]) {
    const client = await Client.open(port);
    client.socket.setNoDelay(true);
    for (const piece of randomSplits(Buffer.concat([header, Buffer.from('one\r\n')]), random)) {
      client.send(piece);
      await sleep(1);
    }
    assert.deepEqual(await client.lines(2), ['hello', 'echo one']);
    client.close();
  }
  assert.deepEqual(
    seen.map(({ connection }) => connection.remoteAddress),
    ['192.0.2.7', '192.0.2.7'],
  );
});

test('A connection without a header is refused where one is required', options, async (t) => {
  const { port, seen, counts } = await startServer(t, { listener: required });
  const client = await Client.open(port);
  client.send('EHLO example.test\r\n');
  assert.equal(await client.rest(), '');
  await until(() => counts.get('listener.refused badProxyHeader') === 1);
  assert.equal(seen.length, 0);
});

test('A header that does not come in time is not waited for', options, async (t) => {
  const { port, counts } = await startServer(t, {
    listener: required,
    limits: { proxyHeaderTimeoutMs: 20 },
  });
  const client = await Client.open(port);
  client.send('PROXY TCP4 192');
  assert.equal(await client.rest(), '');
  await until(() => counts.get('listener.refused proxyTimeout') === 1);
});

test('A header is never believed where none is expected', options, async (t) => {
  const { port, seen } = await startServer(t);
  const client = await Client.open(port);
  client.send(version1);
  assert.deepEqual(await client.lines(2), ['hello', `echo ${version1.trim()}`]);
  client.close();
  assert.equal(seen[0]?.connection.remoteAddress, '127.0.0.1');
  assert.equal(seen[0]?.connection.loopback, true);
});

test('The destination port of the header chooses the service', options, async (t) => {
  const localhost = await selfSigned('localhost');
  const certificates = await Certificates.load({
    sources: [{ name: 'test', read: () => Promise.resolve(localhost) }],
    log: rememberingLog([]),
    metrics: rememberingMetrics(new Map()),
  });
  t.after(() => certificates[Symbol.dispose]());
  const secure = lineEngines();
  const service = {
    protocol: 'secure line',
    role: 'test',
    tls: 'implicit',
    engine: secure.engine,
    texts: { tooManyConnections: '', fault: '' },
  } as const;
  const { port, seen } = await startServer(t, {
    listener: { ...required, byDestinationPort: new Map([[465, service]]) },
    certificates,
  });
  const plain = await Client.open(port);
  plain.send(version1);
  assert.equal(await plain.line(), 'hello');
  plain.close();

  // The header and the ClientHello come from one socket, perhaps in one segment.
  const client = await Client.open(port);
  client.socket.removeAllListeners('data');
  client.socket.cork();
  client.send(version1.replace('587', '465'));
  const secured = connectTls({ socket: client.socket, rejectUnauthorized: false });
  client.socket.uncork();
  await once(secured, 'secureConnect');
  const [greeting] = (await once(secured, 'data')) as [Buffer];
  assert.equal(greeting.toString(), 'hello\r\n');
  secured.destroy();
  assert.equal(seen.length, 1);
  assert.equal(secure.seen[0]?.connection.remoteAddress, '192.0.2.7');
  assert.equal(secure.seen[0]?.connection.localPort, 465);
});

test(
  'Random bytes in place of a header never reach an engine and never stop the listener',
  options,
  async (t) => {
    const { port, seen } = await startServer(t, {
      listener: required,
    });
    const random = seededRandom(8);
    const base = withChecksum();
    for (let round = 0; round < 60; round++) {
      const bytes = round % 2 === 0 ? Buffer.from(base) : Buffer.alloc(20);
      const at = Math.floor(random() * bytes.length);
      bytes[at] = (bytes[at] ?? 0) ^ (1 + Math.floor(random() * 255));
      const client = await Client.open(port);
      client.socket.end(bytes);
      await client.rest();
      client.close();
    }
    const client = await Client.open(port);
    client.send(version1);
    assert.equal(await client.line(), 'hello');
    client.close();
    // A changed octet may make it LOCAL or UNSPEC, without addresses, or hide the checksum: no address can be changed.
    for (const { connection } of seen)
      assert.ok(['127.0.0.1', '192.0.2.7'].includes(connection.remoteAddress), connection.remoteAddress);
  },
);
