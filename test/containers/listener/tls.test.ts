import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  Certificates,
  certificateFiles,
  type CertificateSource,
} from '../../../containers/listener/certificates.ts';
import type { CertificatePair } from '../../../mail/ports/certificates.ts';
import { Client } from './client.ts';
import { rememberingLog, rememberingMetrics, selfSigned, type Line } from './fakes.ts';
import { startServer, until } from './server.ts';

const options = { timeout: 20_000 };
const localhost = await selfSigned('localhost');
const other = await selfSigned('mail.example.test');

function fixed(pair: CertificatePair, name = 'fixed'): CertificateSource {
  return { name, read: () => Promise.resolve(pair) };
}

async function certificates(
  t: TestContext,
  sources: readonly [CertificateSource, ...CertificateSource[]] = [fixed(localhost), fixed(other)],
  checkEveryMs = 60_000,
): Promise<{ readonly held: Certificates; readonly log: Line[] }> {
  const log: Line[] = [];
  const metrics = rememberingMetrics(new Map());
  const held = await Certificates.load({ sources, log: rememberingLog(log), metrics, checkEveryMs });
  t.after(() => held[Symbol.dispose]());
  return { held, log };
}

const commonName = (client: Client) => client.secured.getPeerCertificate().subject?.CN;

test('Implicit TLS greets inside TLS, with the certificate of the name asked for', options, async (t) => {
  const { held } = await certificates(t);
  const { port, seen } = await startServer(t, { listener: { tls: 'implicit' }, certificates: held });
  const client = await Client.openTls(port);
  client.send('one\r\nQUIT\r\n');
  assert.deepEqual(await client.lines(4), ['hello', 'echo one', 'bye', undefined]);
  assert.equal(commonName(client), 'localhost');
  client.close();
  const named = await Client.openTls(port, { servername: 'mail.example.test' });
  assert.equal(commonName(named), 'mail.example.test');
  named.close();
  const unknown = await Client.openTls(port, { servername: 'nobody.example' });
  assert.equal(commonName(unknown), 'localhost');
  unknown.close();
  assert.equal(seen[0]?.events[0], 'start TLSv1.3');
});

test('TLS 1.2 is spoken and TLS 1.1 is not', options, async (t) => {
  const { held } = await certificates(t);
  const { port, counts } = await startServer(t, { listener: { tls: 'implicit' }, certificates: held });
  const client = await Client.openTls(port, { maxVersion: 'TLSv1.2' });
  assert.equal(client.secured.getProtocol(), 'TLSv1.2');
  client.close();
  const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT:@SECLEVEL=0' } as const;
  await assert.rejects(Client.openTls(port, old));
  await until(() => counts.get('listener.tlsFailed protocolVersion') === 1);
});

test('What is no TLS at all is refused and told', options, async (t) => {
  const { held } = await certificates(t);
  const { port, counts, seen } = await startServer(t, { listener: { tls: 'implicit' }, certificates: held });
  const client = await Client.open(port);
  client.send('EHLO example.test\r\nNOOP\r\n');
  await client.rest();
  await until(() => counts.get('listener.tlsFailed notTls') === 1);
  assert.equal(seen.length, 0);
});

test('A handshake that does not come about in time ends the connection', options, async (t) => {
  const { held } = await certificates(t);
  const { port, counts } = await startServer(t, {
    listener: { tls: 'implicit' },
    certificates: held,
    limits: { handshakeTimeoutMs: 30 },
  });
  const client = await Client.open(port);
  await client.rest();
  await until(() => counts.get('listener.tlsFailed timeout') === 1);
});

test('A client that goes before the handshake is not waited for', options, async (t) => {
  const { held } = await certificates(t);
  const { port, counts } = await startServer(t, { listener: { tls: 'implicit' }, certificates: held });
  for (let half = 0; half < 2; half++) {
    const client = await Client.open(port);
    if (half === 1) client.send(Buffer.from('1603010200', 'hex'));
    client.socket.end();
    await client.rest();
  }
  await until(() => counts.get('listener.tlsFailed disconnected') === 2);
});

test('STARTTLS: the answer comes in clear, and the session goes on in TLS', options, async (t) => {
  const { held } = await certificates(t);
  const { port, seen, log } = await startServer(t, { listener: { tls: 'starttls' }, certificates: held });
  const client = await Client.open(port);
  client.send('one\r\nSTARTTLS\r\n');
  assert.deepEqual(await client.lines(3), ['hello', 'echo one', 'go ahead']);
  await client.startTls({ servername: 'mail.example.test' });
  assert.equal(commonName(client), 'mail.example.test');
  client.send(`two\r\n${'three\r\n'.repeat(10_000)}QUIT\r\n`);
  const lines = await client.lines(10_003);
  assert.deepEqual([lines[0], lines[10_000], lines[10_001]], ['echo two', 'echo three', 'bye']);
  client.close();
  await until(() => log.some(({ event }) => event === 'listener.closed'));
  assert.equal(seen[0]?.events[3], 'secured TLSv1.3 mail.example.test');
  assert.equal(log.find(({ event }) => event === 'listener.closed')?.fields['tls'], 'TLSv1.3');
});

test('Commands sent together with STARTTLS are never obeyed', options, async (t) => {
  const { held } = await certificates(t);
  const { port, seen } = await startServer(t, { listener: { tls: 'starttls' }, certificates: held });
  const client = await Client.open(port);
  assert.equal(await client.line(), 'hello');
  client.send('STARTTLS\r\nEVIL one\r\nEVIL two\r\n');
  assert.equal(await client.line(), 'go ahead');
  await client.startTls();
  client.send('after\r\nQUIT\r\n');
  assert.deepEqual(await client.lines(2), ['echo after', 'bye']);
  client.close();
  await until(() => seen[0]?.events.includes('closed') === true);
  assert.equal(seen[0]?.events.includes('EVIL'), false);
});

test('Commands that wait in the socket behind STARTTLS are never obeyed', options, async (t) => {
  const { held } = await certificates(t);
  const { port, seen } = await startServer(t, { listener: { tls: 'starttls' }, certificates: held });
  const client = await Client.open(port);
  assert.equal(await client.line(), 'hello');
  // While the engine waits, STARTTLS has come to it and the rest waits where only the runtime can see it.
  client.send('WAIT\r\nSTARTTLS\r\n');
  assert.equal(await client.line(), 'waiting');
  client.send('EVIL one\r\nEVIL two\r\n');
  await sleep(50);
  seen[0]?.gate.resolve();
  assert.deepEqual(await client.lines(2), ['waited', 'go ahead']);
  await client.startTls();
  client.send('after\r\nQUIT\r\n');
  assert.deepEqual(await client.lines(2), ['echo after', 'bye']);
  client.close();
  await until(() => seen[0]?.events.includes('closed') === true);
  assert.equal(seen[0]?.events.includes('EVIL'), false);
});

test('Commands in clear after the go-ahead break the handshake', options, async (t) => {
  const { held } = await certificates(t);
  const { port, seen, counts } = await startServer(t, {
    listener: { tls: 'starttls' },
    certificates: held,
  });
  const client = await Client.open(port);
  client.send('STARTTLS\r\n');
  assert.deepEqual(await client.lines(2), ['hello', 'go ahead']);
  client.send('EVIL one\r\nEVIL two\r\n');
  await client.rest();
  await until(() => counts.get('listener.tlsFailed notTls') === 1);
  await until(() => counts.get('listener.ended handshakeFailed') === 1);
  assert.equal(seen[0]?.events.includes('EVIL'), false);
  assert.equal(counts.get('listener.faults'), undefined);
});

test('A renewed certificate is shown to new connections, and old ones go on', options, async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'posta-tls-'));
  t.after(() => rm(folder, { recursive: true }));
  const files = { certificate: join(folder, 'cert.pem'), key: join(folder, 'key.pem') };
  const put = async (pair: { certificate: string; key: string }) => {
    await writeFile(files.certificate, pair.certificate);
    await writeFile(files.key, pair.key);
  };
  await put(localhost);
  const { held, log } = await certificates(t, [certificateFiles(files)], 10);
  const { port } = await startServer(t, { listener: { tls: 'implicit' }, certificates: held });
  const before = await Client.openTls(port);
  assert.equal(commonName(before), 'localhost');

  await put({ certificate: other.certificate, key: localhost.key });
  await until(() => log.some(({ event }) => event === 'tls.certificateRefused'));
  const meanwhile = await Client.openTls(port);
  assert.equal(commonName(meanwhile), 'localhost');
  meanwhile.close();

  await put(other);
  await until(() => log.some(({ event }) => event === 'tls.certificateReloaded'));
  const after = await Client.openTls(port);
  assert.equal(commonName(after), 'mail.example.test');
  after.close();
  before.send('still here\r\n');
  assert.deepEqual(await before.lines(2), ['hello', 'echo still here']);
  before.close();
});

test('A broken or half-written certificate is logged once and never shown', options, async (t) => {
  let pair = localhost;
  const { held, log } = await certificates(t, [{ name: 'changing', read: () => Promise.resolve(pair) }]);
  const before = held.context();
  const broken = [
    { certificate: 'not a certificate', key: localhost.key },
    { certificate: '', key: localhost.key },
    { certificate: other.certificate, key: '' },
    { certificate: other.certificate, key: localhost.key },
  ];
  for (const [count, each] of broken.entries()) {
    pair = each;
    await held.reload();
    await held.reload();
    assert.equal(log.filter(({ event }) => event === 'tls.certificateRefused').length, count + 1);
    assert.equal(held.context(), before);
  }
  pair = other;
  await held.reload();
  assert.notEqual(held.context(), before);
});

test('A certificate that cannot be read at the start is named', options, async (t) => {
  const files = { certificate: '/nowhere/cert.pem', key: '/nowhere/key.pem' };
  await assert.rejects(certificates(t, [certificateFiles(files)]), /\/nowhere\/cert\.pem cannot be used/);
  await assert.rejects(
    certificates(t, [fixed({ certificate: other.certificate, key: localhost.key }, 'mixed')]),
    /mixed/,
  );
});
