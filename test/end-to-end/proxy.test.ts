/** Behind a load balancer: who the client is stands in the PROXY header, where one is required, and nowhere else. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, before, test } from 'node:test';
import { LineClient } from './line-client.ts';
import { countOf, traceBefore, type User } from './maildrop.ts';
import { TestPosta } from './posta.ts';
import { authenticate, sendByData } from './smtp-dialog.ts';

const pepe: User = { user: 'pepe@example.test', password: 'pepe-password' };
const paco: User = { user: 'paco@example.test', password: 'paco-password' };

let posta: TestPosta;
before(async () => {
  posta = await TestPosta.start({
    args: ['--proxy-protocol', '25=required,995=required'],
  });
});
after(() => posta[Symbol.asyncDispose]());

function version1(source: string): string {
  const family = source.includes(':') ? 'TCP6' : 'TCP4';
  const destination = source.includes(':') ? '2001:db8::25' : '192.0.2.25';
  return `PROXY ${family} ${source} ${destination} 40000 25\r\n`;
}

const signature2 = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1');

/** Version 2 for TCP over IPv4, with an extension (TLV) that a load balancer of AWS adds. */
function version2(source: string): Buffer {
  const octets = (address: string) => Buffer.from(address.split('.').map(Number));
  const ports = Buffer.from([40_000 >> 8, 40_000 & 0xff, 0, 25]);
  const tlv = Buffer.concat([Buffer.from([0xea, 0, 4]), Buffer.from('vpce')]);
  const addresses = Buffer.concat([octets(source), octets('192.0.2.25'), ports, tlv]);
  return Buffer.concat([signature2, Buffer.from([0x21, 0x11, 0, addresses.length]), addresses]);
}

/** PROXY LOCAL: the load balancer's own, such as a health check. */
const local = Buffer.concat([signature2, Buffer.from([0x20, 0, 0, 0])]);

/** A connection whose first octets are the header. */
async function connectWith(port: number, header: string | Uint8Array): Promise<LineClient> {
  const client = await LineClient.connect(port);
  client.send(header);
  return client;
}

async function receivedFrom(header: string | Uint8Array): Promise<string> {
  using client = await connectWith(posta.ports.smtp, header);
  assert.match(await client.reply(), /^220 /);
  assert.match(await client.command('EHLO client.test'), /^250-/);
  const message = 'Subject: proxied\r\n\r\nx\r\n';
  const sending = { from: 'a@elsewhere.test', to: [paco.user], message };
  assert.match(await sendByData(client, sending), /^250 /);
  const stored = await takeOverTls();
  return traceBefore(stored, message)[1] ?? '';
}

/** The one message in paco's maildrop, read and deleted on 995: the header, then TLS. */
async function takeOverTls(): Promise<Buffer> {
  for (const deadline = Date.now() + 10_000; Date.now() < deadline;) {
    using client = await connectWith(posta.ports.pop3s, version2('203.0.113.9'));
    await client.upgrade();
    assert.match(await client.line(), /^\+OK /);
    await client.pop3(`USER ${paco.user}`);
    await client.pop3(`PASS ${paco.password}`);
    const there = await countOf(client);
    const stored = there === 1 ? await client.pop3Body('RETR 1') : undefined;
    if (there === 1) await client.pop3('DELE 1');
    await client.pop3('QUIT');
    if (stored !== undefined) return stored;
  }
  return assert.fail('the message did not come');
}

for (const [name, header, shown] of [
  ['version 1 and IPv4', version1('203.0.113.7'), '[203.0.113.7]'],
  ['version 1 and IPv6', version1('2001:db8::7'), '[IPv6:2001:db8::7]'],
  ['version 2 and an extension', version2('198.51.100.20'), '[198.51.100.20]'],
  ['a health check of the load balancer', local, '[127.0.0.1]'],
  ['an unknown client', 'PROXY UNKNOWN\r\n', '[127.0.0.1]'],
] as const)
  test(`the client in Received is the one of the header: ${name}`, async () => {
    const received = await receivedFrom(header);
    assert.ok(received.startsWith(`Received: from client.test (${shown}) by `), received);
  });

test('a header that comes octet by octet is read, and what follows it in the same segment', async () => {
  using slow = await LineClient.connect(posta.ports.smtp);
  for (const octet of version1('203.0.113.7')) {
    slow.send(octet);
    await sleep(1);
  }
  assert.match(await slow.reply(), /^220 /);
  using joined = await connectWith(posta.ports.smtp, `${version1('203.0.113.7')}NOOP\r\n`);
  assert.match(await joined.reply(), /^220 /);
  assert.match(await joined.reply(), /^250 2\.0\.0 /);
});

test('a connection without a header, or with a broken one, is closed without a word', async () => {
  for (const first of [
    'EHLO client.test\r\n',
    'PROXY TCP4 1.2.3.4\r\n',
    version2('1.2.3.4').fill(0xff, 12, 14),
  ]) {
    using client = await connectWith(posta.ports.smtp, first);
    assert.equal(await client.rest(), '');
  }
  using tls = await LineClient.connect(posta.ports.pop3s);
  await assert.rejects(tls.upgrade());
});

test('on a port that asks for none, a header is not believed', async () => {
  using smtp = await connectWith(posta.ports.submission, version1('203.0.113.7'));
  assert.match(await smtp.reply(), /^220 /);
  assert.match(await smtp.reply(), /^500 5\.5\.1 /);
  await smtp.command('EHLO client.test');
  assert.match(await authenticate(smtp, pepe.user, pepe.password), /^235 /);
  const message = `From: ${pepe.user}\r\nDate: Tue, 24 Nov 2026 10:00:00 +0000\r\nMessage-ID: <1@client.test>\r\n\r\nx\r\n`;
  assert.match(await sendByData(smtp, { from: pepe.user, to: [paco.user], message }), /^250 /);
  assert.match(
    traceBefore(await takeOverTls(), message)[1] ?? '',
    /^Received: from client\.test \(\[127\.0\.0\.1\]\)/,
  );
  using pop3 = await connectWith(posta.ports.pop3, version1('203.0.113.7'));
  assert.match(await pop3.line(), /^\+OK /);
  assert.match(await pop3.line(), /^-ERR /);
  using tls = await connectWith(posta.ports.submissions, version1('203.0.113.7'));
  await assert.rejects(tls.upgrade());
});

test('a client elsewhere gives no password before TLS; one on this machine may', async () => {
  await using all = await TestPosta.start({ args: ['--proxy-protocol', 'required'] });
  for (const [source, allowed] of [
    ['203.0.113.7', false],
    ['127.0.0.1', true],
  ] as const) {
    using smtp = await connectWith(all.ports.submission, version1(source));
    await smtp.reply();
    assert.equal(/^250[- ]AUTH/m.test(await smtp.command('EHLO client.test')), allowed);
    const answer = await authenticate(smtp, pepe.user, pepe.password);
    assert.match(answer, allowed ? /^235 / : /^538 5\.7\.11 /);
    using pop3 = await connectWith(all.ports.pop3, version1(source));
    await pop3.line();
    assert.equal(/^(?:USER|SASL)/m.test((await pop3.pop3Body('CAPA')).toString()), allowed);
    if (allowed) continue;
    await assert.rejects(pop3.pop3(`USER ${pepe.user}`), /-ERR \[AUTH\]/);
    assert.match(await smtp.command('STARTTLS'), /^220 /);
    await smtp.upgrade();
    assert.match(await smtp.command('EHLO client.test'), /^250[- ]AUTH/m);
    assert.match(await authenticate(smtp, pepe.user, pepe.password), /^235 /);
  }
});
