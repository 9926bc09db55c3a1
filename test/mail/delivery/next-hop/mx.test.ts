/** From one exchanger to the next: what is tried elsewhere, and what must not be. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { nextHopLimits } from '../../../../mail/delivery/next-hop/limits.ts';
import { mxHop } from '../../../../mail/delivery/next-hop/mx.ts';
import { smtpClientLimits } from '../../../../mail/smtp/client/limits.ts';
import { FakeHost } from '../../smtp/fake-host.ts';
import { honestServer, hopKit, inShort, letter, type HopKit } from './hop-kit.ts';
import { oddServer, type OddServer } from './odd-server.ts';

const zone = {
  'example.test': {
    mx: [1, 2, 3].map((number) => ({ preference: 10 * number, exchange: `mx${number}.example.test` })),
  },
  'mx1.example.test': { a: ['192.0.2.1'] },
  'mx2.example.test': { aaaa: ['2001:db8::2'], a: ['192.0.2.2'] },
  'mx3.example.test': { a: ['192.0.2.3'] },
};

const addresses = ['192.0.2.1', '2001:db8::2', '192.0.2.2', '192.0.2.3'];

function serve(kit: HopKit, servers: Readonly<Record<string, OddServer>>): void {
  for (const [address, { engine }] of Object.entries(servers))
    kit.network.serve({ address, port: 25, engine });
}

function send(kit: HopKit, transmission = letter()) {
  return mxHop(kit, { own: { names: [], addresses: [] } }).transmit(transmission, { domain: 'example.test' });
}

test('the best exchanger gets the message, and no other is asked', async () => {
  const kit = hopKit(zone);
  const [first, third] = [oddServer(), oddServer()];
  serve(kit, { '192.0.2.1': first, '192.0.2.3': third });
  assert.deepEqual(inShort(await send(kit)), ['sent 2.0.0']);
  assert.deepEqual(kit.network.asked, ['192.0.2.1:25']);
  assert.equal(first.messages.length, 1);
  const [connected] = kit.log.lines.filter(({ event }) => event === 'relay.connected');
  assert.equal(connected?.fields['messageId'], 'm1');
  assert.equal(connected?.fields['remote'], 'mx1.example.test [192.0.2.1]');
  const [transmitted] = kit.log.lines.filter(({ event }) => event === 'relay.transmitted');
  assert.deepEqual([transmitted?.fields['messageId'], transmitted?.fields['sent']], ['m1', 1]);
});

test('exchangers that are away are passed over, address by address', async () => {
  const kit = hopKit(zone);
  kit.network.remove('192.0.2.1', 25, 'unreachable');
  const third = oddServer();
  serve(kit, { '192.0.2.3': third });
  assert.deepEqual(inShort(await send(kit)), ['sent 2.0.0']);
  assert.deepEqual(
    kit.network.asked,
    addresses.map((address) => `${address}:25`),
  );
});

test('where all are away, the message is put off, and so may others for the domain be', async () => {
  const kit = hopKit(zone);
  assert.deepEqual(inShort(await send(kit)), ['deferred 4.4.1', 'unavailable']);
});

test('servers that refuse the session are passed over', async () => {
  for (const [at, said] of [
    ['GREETING', '554 5.7.1 go away\r\n'],
    ['GREETING', '421 4.3.2 too busy\r\n'],
    ['GREETING', 'hang up'],
    ['GREETING', 'SSH-2.0-OpenSSH\r\n'],
    ['EHLO client.example', '450 4.3.2 later\r\n'],
    ['EHLO client.example', 'hang up'],
    ['MAIL FROM:<pepe@example.org> SIZE=21', '421 4.3.2 going\r\n'],
    ['MAIL FROM:<pepe@example.org> SIZE=21', 'hang up'],
    ['RCPT TO:<paco@example.test>', 'hang up'],
    ['DATA', 'hang up'],
  ] as const) {
    const kit = hopKit(zone);
    const [first, second] = [oddServer((command) => (command === at ? said : undefined)), oddServer()];
    serve(kit, { '192.0.2.1': first, '2001:db8::2': second });
    assert.deepEqual(inShort(await send(kit)), ['sent 2.0.0'], `${at}: ${said}`);
    assert.equal(first.messages.length, 0);
    assert.equal(second.messages.length, 1);
  }
});

test('a message that is broken off before its end goes elsewhere', async () => {
  const kit = hopKit(zone);
  const [first, second] = [oddServer((command) => (command === 'LINE' ? 'hang up' : undefined)), oddServer()];
  serve(kit, { '192.0.2.1': first, '2001:db8::2': second });
  const transmission = letter({
    async *read() {
      for (const piece of ['Subject: x\r\n', '\r\n', 'hello\r\n']) {
        yield Buffer.from(piece);
        for (let turns = 0; turns < 10; turns++) await turn();
      }
    },
  });
  const sending = send(kit, transmission);
  for (let turns = 0; turns < 60; turns++) await turn();
  await kit.manual.advance(smtpClientLimits.lastWordsMs);
  assert.deepEqual(inShort(await sending), ['sent 2.0.0']);
  assert.deepEqual(second.messages, ['Subject: x\r\n\r\nhello']);
});

test('a message that was sent to its end goes nowhere else, though no reply came', async () => {
  for (const said of ['hang up', '421 4.3.0 no disk\r\n'] as const) {
    const kit = hopKit(zone);
    const [first, second] = [oddServer((command) => (command === '.' ? said : undefined)), oddServer()];
    serve(kit, { '192.0.2.1': first, '2001:db8::2': second });
    const outcome = await send(kit);
    // 421 says that the server does not have it.
    const elsewhere = said !== 'hang up';
    assert.deepEqual(inShort(outcome), elsewhere ? ['sent 2.0.0'] : ['deferred 4.4.2', 'unavailable']);
    assert.equal(second.messages.length, elsewhere ? 1 : 0);
  }
});

test('each recipient’s reply counts: what is refused or put off is not tried elsewhere', async () => {
  const kit = hopKit(zone);
  const first = oddServer((command) => {
    if (command.includes('<greylisted')) return '451 4.7.1 come back\r\n';
    return command.includes('<unknown') ? '550 5.1.1 no\r\n' : undefined;
  });
  serve(kit, { '192.0.2.1': first });
  const recipients = ['unknown', 'paco', 'greylisted'].map((name) => ({ address: `${name}@example.test` }));
  assert.deepEqual(inShort(await send(kit, letter({ recipients }))), [
    'failed 5.1.1',
    'sent 2.0.0',
    'deferred 4.7.1',
  ]);
  assert.deepEqual(kit.network.asked, ['192.0.2.1:25']);
});

test('where a server goes away in the middle, the next one gets those whom it has not refused for good', async () => {
  const kit = hopKit(zone);
  const first = oddServer((command) => {
    if (command.includes('<unknown')) return '550 5.1.1 no\r\n';
    return command.includes('<last') ? '421 4.3.2 going\r\n' : undefined;
  });
  const second = oddServer();
  serve(kit, { '192.0.2.1': first, '2001:db8::2': second });
  const recipients = ['unknown', 'paco', 'last'].map((name) => ({ address: `${name}@example.test` }));
  assert.deepEqual(inShort(await send(kit, letter({ recipients }))), [
    'failed 5.1.1',
    'sent 2.0.0',
    'sent 2.0.0',
  ]);
  assert.deepEqual(
    second.commands.filter((command) => command.startsWith('RCPT')),
    ['RCPT TO:<paco@example.test>', 'RCPT TO:<last@example.test>'],
  );
});

test('servers that all take no mail at all fail it (RFC 7504), and one that does not say so keeps it waiting', async () => {
  const none = oddServer((command) => (command === 'GREETING' ? '521 no mail here\r\n' : undefined));
  const kit = hopKit(zone);
  serve(kit, Object.fromEntries(addresses.map((address) => [address, none])));
  assert.deepEqual(inShort(await send(kit)), ['failed 5.3.2', 'unavailable']);
  kit.network.remove('192.0.2.2', 25);
  assert.deepEqual(inShort(await send(kit)), ['deferred 4.3.2', 'unavailable']);
});

test('TLS that is offered and does not work is done without', async () => {
  const kit = hopKit(zone);
  const first = oddServer(undefined, { extensions: ['STARTTLS'] });
  kit.network.serve({ address: '192.0.2.1', port: 25, engine: first.engine, tls: false });
  assert.deepEqual(inShort(await send(kit)), ['sent 2.0.0']);
  assert.deepEqual(kit.network.asked, ['192.0.2.1:25', '192.0.2.1:25']);
  assert.equal(first.commands.filter((command) => command === 'STARTTLS').length, 1);
  assert.equal(kit.metrics.total('relay.tlsFailed'), 1);
});

test('TLS is used where it is offered, whatever the certificate', async () => {
  const kit = hopKit(zone);
  const host = new FakeHost();
  kit.network.serve({ address: '192.0.2.1', port: 25, engine: honestServer(host) });
  assert.deepEqual(inShort(await send(kit)), ['sent 2.0.0']);
  assert.equal(host.received[0]?.client.tls?.version, 'TLSv1.3');
  const [connected] = kit.log.lines.filter(({ event }) => event === 'relay.connected');
  assert.deepEqual([connected?.fields['tls'], connected?.fields['verified']], ['TLSv1.3', false]);
});

test('the DNS’s word counts without asking anybody', async () => {
  const kit = hopKit({
    'null.test': { mx: [{ preference: 0, exchange: '' }] },
    'away.test': { fails: 'SERVFAIL' },
  });
  const hop = mxHop(kit, { own: { names: [], addresses: [] } });
  const to = (domain: string) =>
    hop.transmit(letter({ recipients: [{ address: `a@${domain}` }] }), { domain });
  assert.deepEqual(inShort(await to('null.test')), ['failed 5.1.10']);
  assert.deepEqual(inShort(await to('no.test')), ['failed 5.1.2']);
  assert.deepEqual(inShort(await to('away.test')), ['deferred 4.4.3', 'unavailable']);
  assert.deepEqual(kit.network.asked, []);
});

test('no other server is begun after so long, and not too many in all', async () => {
  const kit = hopKit(zone);
  const silent = oddServer((command) => (command === 'GREETING' ? 'silence' : undefined));
  serve(kit, { '192.0.2.1': silent, '2001:db8::2': silent, '192.0.2.2': silent });
  const sending = send(kit);
  await kit.manual.advance(smtpClientLimits.waitMs.greeting);
  await kit.manual.advance(smtpClientLimits.waitMs.greeting);
  assert.deepEqual(inShort(await sending), ['deferred 4.4.2', 'unavailable']);
  assert.deepEqual(kit.network.asked, ['192.0.2.1:25', '2001:db8::2:25']);
});

test('an attempt is over after so long, whatever is under way', async () => {
  const kit = hopKit(zone);
  const slow = oddServer((command) => (command === 'DATA' ? 'silence' : undefined));
  serve(kit, { '192.0.2.1': slow });
  const limits = { ...nextHopLimits, transmitMs: 60_000, tryMs: 30_000 };
  const hop = mxHop({ ...kit, limits }, { own: { names: [], addresses: [] } });
  const sending = hop.transmit(letter(), { domain: 'example.test' });
  await kit.manual.advance(60_000);
  assert.deepEqual(inShort(await sending), ['deferred 4.4.2', 'unavailable']);
});
