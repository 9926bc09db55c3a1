/** The client against our own listener's engine: both of ours must agree, and no octet may be lost between them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock } from '../../../../drivers/system/clock.ts';
import { loginMechanism } from '../../../../mail/auth/sasl/login.ts';
import { plainMechanism } from '../../../../mail/auth/sasl/plain.ts';
import { Secret } from '../../../../mail/auth/secret.ts';
import type { Transmission } from '../../../../mail/ports/next-hop.ts';
import { smtpClientLimits } from '../../../../mail/smtp/client/limits.ts';
import type { SmtpClientOptions } from '../../../../mail/smtp/client/options.ts';
import { openSmtpSession, type SmtpSession } from '../../../../mail/smtp/client/session.ts';
import { smtpEngine } from '../../../../mail/smtp/engine.ts';
import { smtpLimits, type SmtpLimits } from '../../../../mail/smtp/limits.ts';
import type { SmtpOptions } from '../../../../mail/smtp/options.ts';
import { recordingLog } from '../../../contracts/recording-log.ts';
import { seededRandom } from '../../../seeded-random.ts';
import { randomText } from '../../wire/splits.ts';
import { fakeAuthenticator, FakeHost } from '../fake-host.ts';
import { EngineConnection } from './engine-connection.ts';

const clock = systemClock();

async function open(
  {
    host = new FakeHost(),
    limits = {},
    ...server
  }: Partial<Omit<SmtpOptions, 'limits'>> & {
    readonly host?: FakeHost;
    readonly limits?: Partial<SmtpLimits>;
  },
  client: Partial<SmtpClientOptions> = {},
): Promise<SmtpSession> {
  const engine = smtpEngine({
    role: 'mta',
    hostname: 'mx.example.test',
    host,
    authenticator: fakeAuthenticator,
    mechanisms: [plainMechanism, loginMechanism],
    tlsAvailable: true,
    loopbackPasswords: true,
    clock,
    log: recordingLog(),
    metrics: { count: () => {}, gauge: () => {}, timeMs: () => {} },
    ...server,
    limits: { ...smtpLimits, ...limits },
  });
  const connection = EngineConnection.open(
    { engine, address: '192.0.2.25', port: 25, certificateFor: 'mx.example.test' },
    { clock, id: 's1' },
  );
  const opening = await openSmtpSession(connection, {
    hostname: 'client.example',
    remote: 'mx.example.test [192.0.2.25]',
    startTls: { kind: 'opportunistic', serverName: 'mx.example.test' },
    limits: smtpClientLimits,
    clock,
    ...client,
  });
  assert.equal(opening.kind, 'open', JSON.stringify(opening));
  if (opening.kind !== 'open') throw new Error('not open');
  return opening.session;
}

function message(pieces: readonly Uint8Array[], set: Partial<Transmission> = {}): Transmission {
  return {
    messageId: 'm1',
    reversePath: 'pepe@example.org',
    recipients: [{ address: 'paco@example.test' }],
    sizeBytes: pieces.reduce((sum, { length }) => sum + length, 0),
    body: '8BITMIME',
    smtpUtf8: false,
    async *read() {
      yield* pieces;
    },
    ...set,
  };
}

test('a message arrives over STARTTLS with its envelope', async () => {
  const host = new FakeHost();
  const session = await open({ host });
  const report = await session.send(
    message([Buffer.from('Subject: x\r\n\r\n.\r\n..\r\n')], {
      recipients: [
        {
          address: 'paco@example.test',
          notify: ['SUCCESS'],
          orcpt: { addressType: 'rfc822', address: 'a+b@c' },
        },
        { address: 'nobody@example.test' },
        { address: 'full@example.test' },
      ],
      ret: 'HDRS',
      envid: 'a b',
    }),
  );
  assert.deepEqual(
    report.outcomes.map(({ kind, said }) => [kind, said.status]),
    [
      ['sent', '2.0.0'],
      ['failed', '5.1.1'],
      ['deferred', '4.2.2'],
    ],
  );
  const [received] = host.received;
  assert.ok(received);
  assert.equal(received.bytes.toString(), 'Subject: x\r\n\r\n.\r\n..\r\n');
  assert.equal(received.client.tls?.version, 'TLSv1.3');
  const { envelope } = received;
  assert.equal(envelope.body, '8BITMIME');
  assert.equal(envelope.declaredBytes, received.bytes.length);
  assert.deepEqual([envelope.ret, envelope.envid], ['HDRS', 'a b']);
  assert.deepEqual(envelope.recipients[0]?.orcpt, { addressType: 'rfc822', address: 'a+b@c' });
  await session.quit();
});

test('internationalized addresses arrive', async () => {
  const host = new FakeHost();
  const session = await open({ host });
  const report = await session.send(
    message([Buffer.from('Subject: ö\r\n')], {
      reversePath: 'jöran@bücher.example',
      recipients: [
        { address: '"k ä"@example.test', orcpt: { addressType: 'utf-8', address: 'k+ä@example.test' } },
      ],
      smtpUtf8: true,
    }),
  );
  assert.equal(report.outcomes[0]?.kind, 'sent');
  const envelope = host.received[0]?.envelope;
  assert.deepEqual(envelope?.reversePath, { localPart: 'jöran', domain: 'xn--bcher-kva.example' });
  assert.equal(envelope?.recipients[0]?.address.localPart, 'k ä');
  assert.deepEqual(envelope?.recipients[0]?.orcpt, { addressType: 'utf-8', address: 'k+ä@example.test' });
});

test('a user submits with a password, by both mechanisms', async () => {
  for (const mechanism of [plainMechanism, loginMechanism]) {
    const host = new FakeHost();
    const session = await open(
      { host, role: 'msa', mechanisms: [mechanism] },
      {
        startTls: { kind: 'required', serverName: 'mx.example.test', verify: 'required' },
        credentials: { user: 'pepe@example.test', password: new Secret('secret') },
      },
    );
    const report = await session.send(message([Buffer.from('x\r\n')], { reversePath: 'pepe@example.test' }));
    assert.equal(report.outcomes[0]?.kind, 'sent', mechanism.name);
    assert.equal(host.received[0]?.client.principal?.accountId, 'a1');
  }
});

test('a hundred messages go over one session, some of them to nobody', async () => {
  const host = new FakeHost();
  const session = await open({ host });
  for (let sent = 0; sent < 100; sent++) {
    const refused = sent % 10 === 0;
    const recipients = [{ address: refused ? 'full@example.test' : 'paco@example.test' }];
    const report = await session.send(message([Buffer.from(`Subject: ${sent}\r\n`)], { recipients }));
    assert.equal(report.outcomes[0]?.kind, refused ? 'deferred' : 'sent', JSON.stringify(report));
    assert.equal(report.over, false);
  }
  assert.equal(host.received.length, 90);
  assert.equal(session.sent, 100);
});

test('more recipients than the server takes at once all get the message', async () => {
  const host = new FakeHost();
  const session = await open({ host, limits: { recipients: 30 } });
  const recipients = Array.from({ length: 100 }, (_, at) => ({ address: `user${at}@example.test` }));
  const report = await session.send(message([Buffer.from('x\r\n')], { recipients }));
  assert.ok(report.outcomes.every(({ kind }) => kind === 'sent'));
  const envelopes = host.received.flatMap((received) => FakeHost.envelopeOf(received).to);
  assert.deepEqual(
    envelopes,
    recipients.map(({ address }) => address),
  );
});

test('any message arrives octet for octet, by DATA and by BDAT, its bare CR and LF mended', async () => {
  const random = seededRandom(3030);
  const alphabet = ['\r\n', '\r\n.', '.', '..', '\n', '\r', 'a', 'QUIT', '\xe9', '\0', 'x'.repeat(70)];
  const host = new FakeHost();
  for (const chunkOctets of [1, 7, 64, 100_000]) {
    const session = await open({ host }, { limits: { ...smtpClientLimits, chunkOctets } });
    for (let round = 0; round < 60; round++) {
      const whole = randomText(alphabet, Math.floor(random() * 60), random);
      const pieces: Uint8Array[] = [];
      for (let at = 0; at < whole.length;) {
        const end = at + 1 + Math.floor(random() * 40);
        pieces.push(whole.subarray(at, end));
        at = end;
      }
      const report = await session.send(message(pieces));
      assert.deepEqual([report.outcomes[0]?.kind, report.over], ['sent', false], JSON.stringify(report));
      const mended = whole.toString('latin1').replace(/\r\n|[\r\n]/g, (end) => (end === '\r' ? ' ' : '\r\n'));
      const byData = whole.length <= chunkOctets && mended !== '' && !mended.endsWith('\r\n');
      assert.equal(host.received.at(-1)?.bytes.toString('latin1'), byData ? `${mended}\r\n` : mended);
    }
    await session.quit();
  }
});

test('a message of 20 MB goes through in pieces', async () => {
  for (const chunkOctets of [smtpClientLimits.chunkOctets, Number.MAX_SAFE_INTEGER]) {
    const host = new FakeHost();
    const session = await open({ host }, { limits: { ...smtpClientLimits, chunkOctets } });
    const piece = Buffer.from('0123456789abcd\r\n'.repeat(4096));
    const report = await session.send(message(Array.from({ length: 320 }, () => piece)));
    assert.equal(report.outcomes[0]?.kind, 'sent');
    assert.equal(host.received[0]?.bytes.length, 320 * piece.length);
  }
});

test('a chunk that is refused spares the rest', async () => {
  const host = new FakeHost();
  host.faulty = 'write';
  const session = await open({ host }, { limits: { ...smtpClientLimits, chunkOctets: 16 } });
  let read = 0;
  const report = await session.send(
    message([], {
      sizeBytes: 1600,
      async *read() {
        for (; read < 100; read++) yield Buffer.from('0123456789abcd\r\n');
      },
    }),
  );
  assert.equal(report.outcomes[0]?.kind, 'deferred');
  assert.ok(read < 5, `it read ${read} pieces`);
  host.faulty = undefined;
  assert.equal((await session.send(message([Buffer.from('x\r\n')]))).outcomes[0]?.kind, 'sent');
});

test('a message larger than the server takes fails before it is sent', async () => {
  const session = await open({ limits: { messageBytes: 1000 } });
  const report = await session.send(message([Buffer.alloc(1001, 'x')]));
  assert.deepEqual(
    report.outcomes.map(({ kind, said }) => [kind, said.status]),
    [['failed', '5.3.4']],
  );
});
