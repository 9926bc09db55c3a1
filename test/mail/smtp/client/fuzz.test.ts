/** Servers that say anything: the client never throws, gives each recipient its outcome, and sends nothing it must not. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { Secret } from '../../../../mail/auth/secret.ts';
import { smtpClientLimits } from '../../../../mail/smtp/client/limits.ts';
import { openSmtpSession, type SmtpOpening } from '../../../../mail/smtp/client/session.ts';
import { ManualClock } from '../../../contracts/manual-clock.ts';
import { seededRandom } from '../../../seeded-random.ts';
import { randomSplits } from '../../wire/splits.ts';
import { ScriptedConnection } from './scripted-connection.ts';

const rounds = Number(process.env['POSTA_FUZZ_ROUNDS'] ?? 150);

const said = [
  '220 hi\r\n',
  '250 ok\r\n',
  '250 2.1.0 ok\r\n',
  '250-mx\r\n250-PIPELINING\r\n250-CHUNKING\r\n250-DSN\r\n250-8BITMIME\r\n250 SIZE 1000\r\n',
  '250-mx\r\n250-STARTTLS\r\n250-SMTPUTF8\r\n250 AUTH PLAIN LOGIN\r\n',
  '235 ok\r\n',
  '334 VXNlcm5hbWU6\r\n',
  '354 go on\r\n',
  '421 bye\r\n',
  '450 later\r\n',
  '452 4.5.3 too many\r\n',
  '503 what\r\n',
  '550 5.1.1 no\r\n',
  '552 full\r\n',
  '220',
  '250-',
  '\r\n',
  'x',
  '\xff\0\r\n',
  `250 ${'x'.repeat(3000)}\r\n`,
];

test('whatever a server says, each recipient has one outcome, and the password is in no reply', async () => {
  const random = seededRandom(2920);
  const kinds = new Set<string>();
  for (let round = 0; round < rounds; round++) {
    const clock = new ManualClock();
    const connection = new ScriptedConnection(clock, { remoteAddress: '127.0.0.1' });
    const chunkOctets = random() < 0.5 ? 4 : 1000;
    let opening: SmtpOpening | undefined;
    const open = openSmtpSession(connection, {
      hostname: 'client.example',
      remote: 'mx',
      startTls: { kind: random() < 0.5 ? 'opportunistic' : 'never', serverName: 'mx' },
      ...(random() < 0.3 ? { credentials: { user: 'user', password: new Secret('pa55word') } } : {}),
      limits: { ...smtpClientLimits, chunkOctets },
      clock,
    }).then((done) => void (opening = done));
    const likely = [
      '220 hi\r\n',
      said[3] ?? '',
      ...(random() < 0.5 ? ['250 ok\r\n', '250 ok\r\n', '354 ok\r\n', '250 ok\r\n'] : []),
    ];
    const script = [
      ...(random() < 0.8 ? likely : []),
      ...Array.from({ length: 12 }, () => said[Math.floor(random() * said.length)] ?? ''),
    ];
    const sent = (async () => {
      await open;
      if (opening?.kind !== 'open') return [opening?.said.reply ?? ''];
      const { outcomes } = await opening.session.send({
        messageId: 'm1',
        reversePath: 'pepe@example.org',
        recipients: [{ address: 'a@example.test' }, { address: 'b@example.test' }],
        sizeBytes: 12,
        body: '7BIT',
        smtpUtf8: false,
        async *read() {
          yield Buffer.from('.abc\r\n');
          yield Buffer.from('.def\r\n');
        },
      });
      assert.equal(outcomes.length, 2);
      for (const {
        kind,
        said: { status, text },
      } of outcomes) {
        kinds.add(kind);
        assert.match(
          status,
          { sent: /^2\.\d+\.\d+$/, deferred: /^4\.\d+\.\d+$/, failed: /^5\.\d+\.\d+$/ }[kind],
        );
        assert.notEqual(text, '');
      }
      return outcomes.map((outcome) => outcome.said.reply ?? '');
    })();
    for (const reply of script) {
      if (connection.awaitsHandshake) connection.shakeHands(random() < 0.7);
      for (const piece of randomSplits(Buffer.from(reply, 'latin1'), random)) connection.say(piece);
      if (random() < 0.5) await turn();
    }
    if (connection.awaitsHandshake) connection.shakeHands(true);
    connection.end('ended');
    for (let turns = 0; turns < 10; turns++) {
      if (connection.awaitsHandshake) connection.shakeHands(true);
      await turn();
    }
    await clock.advance(smtpClientLimits.messageMs);
    for (const reply of await sent) assert.doesNotMatch(reply, /pa55word/);
  }
  assert.deepEqual([...kinds].toSorted(), ['deferred', 'failed', 'sent']);
});

test('octets that came in clear before the handshake are not taken for what the server says in secret', async () => {
  const clock = new ManualClock();
  const connection = new ScriptedConnection(clock, { remoteAddress: '192.0.2.25' });
  const opening = openSmtpSession(connection, {
    hostname: 'client.example',
    remote: 'mx',
    startTls: { kind: 'opportunistic', serverName: 'mx' },
    limits: smtpClientLimits,
    clock,
  });
  connection.say(Buffer.from('220 hi\r\n'));
  await turn();
  connection.say(Buffer.from('250-mx\r\n250 STARTTLS\r\n'));
  await turn();
  connection.say(Buffer.from('220 go ahead\r\n250-evil\r\n250 AUTH PLAIN\r\n'));
  const { kind, ...rest } = await opening;
  assert.equal(kind, 'failed');
  assert.ok('byTls' in rest && rest.byTls && rest.said.status === '4.7.5');
  assert.equal(connection.tlsTarget, undefined);
  assert.ok(connection.closed);
});
