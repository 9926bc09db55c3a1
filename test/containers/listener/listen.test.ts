import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { test } from 'node:test';
import { PortInUse, ListenFailed } from '../../../containers/listener/listen-failure.ts';
import { listen } from '../../../containers/listener/listen.ts';
import type { Listener } from '../../../containers/listener/service.ts';
import { Client } from './client.ts';
import { rememberingLog, rememberingMetrics } from './fakes.ts';
import { lineEngines } from './line-engine.ts';
import { startServer, until } from './server.ts';

const options = { timeout: 20_000 };

const lineListener = (port: number): Listener => ({
  protocol: 'line',
  role: 'test',
  port,
  tls: 'none',
  proxy: 'off',
  engine: lineEngines().engine,
  texts: { tooManyConnections: 'too many\r\n', fault: 'went wrong\r\n' },
});
const quiet = { log: rememberingLog([]), metrics: rememberingMetrics(new Map()) };

test('A port in use is named, and what was opened before it is closed', options, async (t) => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  t.after(() => other.close());
  const taken = (other.address() as AddressInfo).port;
  const free = createServer().listen(0, '127.0.0.1');
  await once(free, 'listening');
  const first = (free.address() as AddressInfo).port;
  await new Promise((resolve) => free.close(resolve));
  await assert.rejects(
    listen({ hosts: ['127.0.0.1'], listeners: [lineListener(first), lineListener(taken)], ...quiet }),
    (fault) => fault instanceof PortInUse && fault.message.startsWith(`127.0.0.1:${taken} is in use`),
  );
  const again = await listen({ hosts: ['127.0.0.1'], listeners: [lineListener(first)], ...quiet });
  await again.close({ graceMs: 0 });
});

test('A host that is not this machine is named', options, async () => {
  await assert.rejects(
    listen({ hosts: ['192.0.2.1'], listeners: [lineListener(0)], ...quiet }),
    (fault) => fault instanceof ListenFailed && fault.message === '192.0.2.1:0 is no address of this machine',
  );
});

test('TLS without a certificate is refused at the start', options, async () => {
  await assert.rejects(
    listen({ hosts: ['127.0.0.1'], listeners: [{ ...lineListener(0), tls: 'implicit' }], ...quiet }),
    /offers TLS, but there is no certificate/,
  );
});

test(':: takes IPv4 and IPv6, and an IPv4 client is seen as such', options, async (t) => {
  const { port, seen } = await startServer(t, { hosts: ['::'] });
  for (const host of ['127.0.0.1', '::1']) {
    const client = await Client.open(port, host);
    assert.equal(await client.line(), 'hello');
    client.close();
  }
  assert.deepEqual(
    seen.map(({ connection: { remoteAddress, localAddress, loopback } }) => ({
      remoteAddress,
      localAddress,
      loopback,
    })),
    [
      { remoteAddress: '127.0.0.1', localAddress: '127.0.0.1', loopback: true },
      { remoteAddress: '::1', localAddress: '::1', loopback: true },
    ],
  );
});

test(':: stands beside an IPv4 address on one port', options, async (t) => {
  const first = await startServer(t, { hosts: ['127.0.0.1'] });
  await first.listening.close({ graceMs: 0 });
  const both = await listen({
    hosts: ['127.0.0.1', '::'],
    listeners: [lineListener(first.port)],
    ...quiet,
  });
  assert.equal(both.addresses.length, 2);
  await both.close({ graceMs: 0 });
});

test(
  'Connections past the cap are told so in the protocol’s words, and the rest go on',
  options,
  async (t) => {
    const { port, counts, listening } = await startServer(t, { limits: { maxConnections: 2 } });
    const first = await Client.open(port);
    const second = await Client.open(port);
    assert.deepEqual([await first.line(), await second.line()], ['hello', 'hello']);
    const third = await Client.open(port);
    assert.deepEqual(await third.lines(2), ['too many', undefined]);
    third.close();
    assert.equal(counts.get('listener.refused tooManyConnections'), 1);
    first.close();
    await until(() => listening.health().openConnections === 1);
    const fourth = await Client.open(port);
    assert.equal(await fourth.line(), 'hello');
    second.send('still here\r\n');
    assert.equal(await second.line(), 'echo still here');
    second.close();
    fourth.close();
  },
);

test('One client’s connections past its cap are refused, and another’s are not', options, async (t) => {
  const { port, counts, listening } = await startServer(t, {
    listener: { proxy: 'required' },
    limits: { maxConnectionsPerClient: 1 },
  });
  const from = async (address: string) => {
    const client = await Client.open(port);
    client.send(`PROXY TCP6 ${address} 2001:db8::9 4000 587\r\n`);
    return { client, greeting: await client.line() };
  };
  const first = await from('2001:db8:0:1::1');
  const sameNetwork = await from('2001:db8:0:1::2');
  const another = await from('2001:db8:0:2::1');
  assert.deepEqual([first.greeting, sameNetwork.greeting, another.greeting], ['hello', 'too many', 'hello']);
  assert.equal(counts.get('listener.refused tooManyFromClient'), 1);
  sameNetwork.client.close();
  first.client.close();
  await until(() => listening.health().openConnections === 1);
  const again = await from('2001:db8:0:1::3');
  assert.equal(again.greeting, 'hello');
  again.client.close();
  another.client.close();
});

test('A drain lets a command end, takes leave of all and counts them', options, async (t) => {
  const { port, listening, seen } = await startServer(t);
  const waiting = await Client.open(port);
  const busy = await Client.open(port);
  assert.deepEqual([await waiting.line(), await busy.line()], ['hello', 'hello']);
  busy.send('WAIT\r\n');
  await until(() => seen.some(({ events }) => events.includes('WAIT')));
  const closed = listening.close({ graceMs: 10_000 });
  assert.equal(listening.health().status, 'draining');
  assert.deepEqual(await waiting.lines(2), ['bye shutdown', undefined]);
  await assert.rejects(Client.open(port), /ECONNREFUSED/);
  const worker = seen.find(({ events }) => events.includes('WAIT'));
  assert.equal(worker?.events.at(-1), 'WAIT');
  worker?.gate.resolve();
  assert.deepEqual(await busy.lines(4), ['waiting', 'waited', 'bye shutdown', undefined]);
  waiting.close();
  busy.close();
  assert.deepEqual(await closed, { left: 2, destroyed: 0 });
});

test('A drain does not wait long for clients that keep their side open', options, async (t) => {
  const { port, listening } = await startServer(t, { limits: { lingerMs: 60_000, drainLingerMs: 20 } });
  const gone = await Client.open(port);
  const open = await Client.open(port);
  gone.send('QUIT\r\n');
  assert.deepEqual(await gone.lines(3), ['hello', 'bye', undefined]);
  assert.equal(await open.line(), 'hello');
  assert.deepEqual(await listening.close({ graceMs: 10_000 }), { left: 2, destroyed: 0 });
  gone.close();
  open.close();
});

test('What has not left at the grace’s end is destroyed and counted', options, async (t) => {
  const { port, listening, seen } = await startServer(t);
  const busy = await Client.open(port);
  busy.send('WAIT\r\n');
  await until(() => seen.some(({ events }) => events.includes('WAIT')));
  const closed = listening.close({ graceMs: 20 });
  await busy.rest();
  await until(() => seen[0]?.events.at(-1) === 'closed');
  seen[0]?.gate.resolve();
  assert.deepEqual(await closed, { left: 0, destroyed: 1 });
});

test(
  'What has not left at the grace’s end is asked once more, and counted as destroyed',
  options,
  async (t) => {
    const { port, listening, seen } = await startServer(t);
    const holding = await Client.open(port);
    holding.send('HOLD\r\n');
    assert.deepEqual(await holding.lines(2), ['hello', 'holding on']);
    const closed = listening.close({ graceMs: 20 });
    assert.deepEqual(await holding.lines(2), ['bye shutdown', undefined]);
    holding.close();
    assert.deepEqual(await closed, { left: 0, destroyed: 1 });
    assert.deepEqual(seen[0]?.events, ['start clear', 'HOLD', 'leave shutdown', 'leave shutdown', 'closed']);
  },
);

test(
  'A drain keeps accepting for a while where that is asked, and says that it drains',
  options,
  async (t) => {
    const { port, listening } = await startServer(t);
    const closed = listening.close({ graceMs: 1000, acceptMs: 1000 });
    assert.equal(listening.health().status, 'draining');
    const client = await Client.open(port);
    assert.deepEqual(await client.lines(3), ['hello', 'bye shutdown', undefined]);
    client.close();
    assert.deepEqual(await closed, { left: 1, destroyed: 0 });
  },
);

test('Sessions of an account that lost access take leave, and others stay', options, async (t) => {
  const { port, listening } = await startServer(t);
  const login = async (account: string) => {
    const client = await Client.open(port);
    client.send(`LOGIN ${account}\r\n`);
    assert.deepEqual(await client.lines(2), ['hello', 'ok']);
    return client;
  };
  const [one, two, other] = [await login('a1'), await login('a1'), await login('a2')];
  assert.equal(listening.leaveAccount('a1'), 2);
  assert.deepEqual(await one.lines(2), ['bye access', undefined]);
  assert.deepEqual(await two.lines(2), ['bye access', undefined]);
  other.send('still here\r\n');
  assert.equal(await other.line(), 'echo still here');
  assert.equal(listening.leaveAccount('nobody'), 0);
  for (const client of [one, two, other]) client.close();
});

test(
  'Who may not stay when they are looked at again take leave, and each is asked once',
  options,
  async (t) => {
    const { port, listening } = await startServer(t);
    const clients = await Promise.all(Array.from({ length: 3 }, () => Client.open(port)));
    const [one, two, other] = clients as [Client, Client, Client];
    for (const [client, account] of [
      [one, 'a1'],
      [two, 'a1'],
      [other, 'a2'],
    ] as const) {
      client.send(`LOGIN ${account}\r\n`);
      assert.deepEqual(await client.lines(2), ['hello', 'ok']);
    }
    const stranger = await Client.open(port);
    const asked: string[] = [];
    const left = await listening.leaveUnless(async ({ accountId }) => {
      asked.push(accountId);
      return accountId !== 'a1';
    });
    assert.equal(left, 2);
    assert.deepEqual(asked.toSorted(), ['a1', 'a2']);
    for (const client of [one, two]) assert.deepEqual(await client.lines(2), ['bye access', undefined]);
    other.send('still here\r\n');
    assert.equal(await other.line(), 'echo still here');
    for (const client of [...clients, stranger]) client.close();
  },
);

test('Many sessions at once come to their end and leave nothing behind', options, async (t) => {
  const { port, listening, seen } = await startServer(t, { limits: { maxConnectionsPerClient: 1000 } });
  const clients = await Promise.all(Array.from({ length: 200 }, () => Client.open(port)));
  for (const [n, client] of clients.entries()) client.send(`n ${n}\r\nQUIT\r\n`);
  for (const [n, client] of clients.entries()) {
    assert.deepEqual(await client.lines(4), ['hello', `echo n ${n}`, 'bye', undefined]);
    client.close();
  }
  await until(() => listening.health().openConnections === 0);
  assert.equal(listening.health().sessions, 0);
  assert.equal(seen.filter(({ events }) => events.at(-1) === 'closed').length, 200);
});
