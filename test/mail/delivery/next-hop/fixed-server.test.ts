import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Secret } from '../../../../mail/auth/secret.ts';
import {
  fixedServerHop,
  serverName,
  type FixedServer,
} from '../../../../mail/delivery/next-hop/fixed-server.ts';
import { FakeHost } from '../../smtp/fake-host.ts';
import { honestServer, hopKit, inShort, letter, type HopKit } from './hop-kit.ts';
import { oddServer } from './odd-server.ts';

const domain = 'example.test';
const sender = 'pepe@example.test';
const credentials = { user: sender, password: new Secret('secret') };
const zone = { 'smart.example': { aaaa: ['2001:db8::25'], a: ['192.0.2.25'] } };
const server: FixedServer = { host: 'smart.example', port: 587, implicitTls: false };

function send(kit: HopKit, set: Partial<FixedServer>) {
  return fixedServerHop(kit, { ...server, ...set }).transmit(letter({ reversePath: sender }), { domain });
}

/** Kit with an honest server that takes passwords, at this address. */
function submission({
  address = '192.0.2.25',
  port = 587,
  certificateFor,
}: { address?: string; port?: number; certificateFor?: string } = {}) {
  const kit = hopKit(zone);
  const host = new FakeHost();
  const engine = honestServer(host, { role: 'msa' });
  kit.network.serve({ address, port, engine, ...(certificateFor === undefined ? {} : { certificateFor }) });
  return { kit, host };
}

test('each address of the server is tried in turn', async () => {
  const kit = hopKit(zone);
  const host = new FakeHost();
  kit.network.serve({ address: '192.0.2.25', port: 587, engine: honestServer(host) });
  assert.deepEqual(inShort(await send(kit, {})), ['sent 2.0.0']);
  assert.deepEqual(kit.network.asked, ['2001:db8::25:587', '192.0.2.25:587']);
});

test('a password goes only over TLS with the right certificate', async () => {
  const right = submission({ certificateFor: 'smart.example' });
  assert.deepEqual(inShort(await send(right.kit, { credentials })), ['sent 2.0.0']);
  assert.equal(right.host.received[0]?.client.principal?.accountId, 'a1');
  const wrong = submission({ certificateFor: 'other.example' });
  assert.deepEqual(inShort(await send(wrong.kit, { credentials })), ['deferred 4.7.5', 'unavailable']);
  const none = hopKit(zone);
  const odd = oddServer(undefined, { extensions: ['AUTH PLAIN'] });
  none.network.serve({ address: '192.0.2.25', port: 587, engine: odd.engine });
  assert.deepEqual(inShort(await send(none, { credentials })), ['deferred 4.7.4', 'unavailable']);
  assert.deepEqual(odd.commands, ['EHLO client.example']);
});

test('a password that may go without a certificate goes over TLS all the same', async () => {
  const unverified = submission();
  assert.deepEqual(inShort(await send(unverified.kit, { credentials, tls: 'unverified' })), ['sent 2.0.0']);
  const none = hopKit(zone);
  const odd = oddServer(undefined, { extensions: ['AUTH PLAIN'] });
  none.network.serve({ address: '192.0.2.25', port: 587, engine: odd.engine });
  assert.deepEqual(inShort(await send(none, { credentials, tls: 'optional' })), [
    'deferred 4.7.11',
    'unavailable',
  ]);
  assert.deepEqual(odd.commands, ['EHLO client.example']);
});

test('on loopback a password needs neither certificate nor TLS', async () => {
  const loopback = { host: '127.0.0.1', credentials };
  const secured = submission({ address: '127.0.0.1' });
  assert.deepEqual(inShort(await send(secured.kit, loopback)), ['sent 2.0.0']);
  assert.equal(secured.host.received[0]?.client.tls?.version, 'TLSv1.3');
  const implicit = submission({ address: '127.0.0.1', port: 465 });
  assert.deepEqual(inShort(await send(implicit.kit, { ...loopback, port: 465, implicitTls: true })), [
    'sent 2.0.0',
  ]);
  const clear = hopKit({});
  const odd = oddServer(undefined, { extensions: ['AUTH PLAIN'] });
  clear.network.serve({ address: '127.0.0.1', port: 587, engine: odd.engine });
  assert.deepEqual(inShort(await send(clear, loopback)), ['sent 2.0.0']);
  assert.match(odd.commands[1] ?? '', /^AUTH PLAIN /);
});

test('implicit TLS asks for the right certificate, unless it is told not to', async () => {
  const wrong = submission({ port: 465 });
  const implicit = { port: 465, implicitTls: true, credentials };
  assert.deepEqual(inShort(await send(wrong.kit, implicit)), ['deferred 4.7.5', 'unavailable']);
  assert.deepEqual(inShort(await send(wrong.kit, { ...implicit, tls: 'unverified' })), ['sent 2.0.0']);
});

test('a wrong password puts mail off, and is in no log and no outcome', async () => {
  const { kit } = submission({ certificateFor: 'smart.example' });
  const outcome = await send(kit, { credentials: { user: sender, password: new Secret('hunter22') } });
  assert.deepEqual(inShort(outcome), ['deferred 4.7.8', 'unavailable']);
  const all = JSON.stringify([outcome, kit.log.lines, kit.metrics.readings()]);
  assert.doesNotMatch(all, /hunter22/);
  assert.ok(!all.includes(Buffer.from(`\0${sender}\0hunter22`).toString('base64')));
});

test('a server whose name is not in the DNS keeps mail waiting: an admin can mend it', async () => {
  for (const [host, dns] of [
    ['typo.example', {}],
    ['empty.example', { 'empty.example': {} }],
    ['away.example', { 'away.example': { fails: 'SERVFAIL' } }],
  ] as const) {
    const outcome = await send(hopKit(dns), { host });
    assert.deepEqual(inShort(outcome), ['deferred 4.4.3', 'unavailable'], host);
    assert.equal(outcome.outcomes[0]?.said.remote, host);
  }
});

test('a server has a name for logs, without its password', () => {
  assert.equal(serverName({ ...server, credentials }), 'smtp://smart.example:587');
  assert.equal(
    serverName({ host: '2001:db8::25', port: 465, implicitTls: true }),
    'smtps://[2001:db8::25]:465',
  );
});
