/** swaks hands messages in on every port, with every AUTH and TLS mode; what must be refused is refused. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { TestPosta } from '../end-to-end/posta.ts';
import { emptyMaildrop, waitForMessages } from './mailbox.ts';
import { runClient } from './run.ts';

let posta: TestPosta;
before(async () => {
  posta = await TestPosta.start();
});
after(() => posta[Symbol.asyncDispose]());

const pepe = ['--auth-user', 'pepe@example.test', '--auth-password', 'pepe-password'];
const wrong = ['--auth-user', 'pepe@example.test', '--auth-password', 'wrong'];
const fromPepe = ['--from', 'pepe@example.test', '--to', 'paco@example.test'];
const fromOutside = ['--from', 'someone@elsewhere.test', '--to', 'paco@example.test'];

const smtp = () => ['--port', String(posta.ports.smtp)];
const submission = (...tls: string[]) => ['--port', String(posta.ports.submission), ...tls];
const submissions = (...tls: string[]) => [
  '--port',
  String(posta.ports.submissions),
  '--tls-on-connect',
  ...tls,
];
const as = (mechanism: string, login = pepe) => ['--auth', mechanism, ...login];

/** swaks's exit codes: 0 sent, 23 MAIL, 24 RCPT, 26 DATA refused, 28 authentication failed, 29 no TLS. */
const swaks = (...args: string[]) =>
  runClient('swaks', ['--server', '127.0.0.1', '--helo', 'client.test', '--timeout', '10', ...args]);

const accepted: Record<string, () => string[]> = {
  'port 25 in clear, without authentication': () => [...smtp(), ...fromOutside],
  'port 25 with STARTTLS': () => [...smtp(), '--tls', ...fromOutside],
  'port 25 with a null sender': () => [...smtp(), '--from', '<>', '--to', 'paco@example.test'],
  'port 25 with pipelining': () => [...smtp(), '--pipeline', ...fromOutside],
  'port 25 with HELO only': () => [...smtp(), '--protocol', 'SMTP', ...fromOutside],
  'port 25 with a subaddress': () => [
    ...smtp(),
    '--from',
    'someone@elsewhere.test',
    '--to',
    'paco+lists@example.test',
  ],
  'port 587 with STARTTLS and AUTH PLAIN': () => [...submission('--tls'), ...as('PLAIN'), ...fromPepe],
  'port 587 with STARTTLS and AUTH LOGIN': () => [...submission('--tls'), ...as('LOGIN'), ...fromPepe],
  'port 587 on loopback without TLS and AUTH PLAIN': () => [...submission(), ...as('PLAIN'), ...fromPepe],
  'port 587 on loopback without TLS and AUTH LOGIN': () => [...submission(), ...as('LOGIN'), ...fromPepe],
  'port 465 with implicit TLS and AUTH PLAIN': () => [...submissions(), ...as('PLAIN'), ...fromPepe],
  'port 465 with implicit TLS and AUTH LOGIN': () => [...submissions(), ...as('LOGIN'), ...fromPepe],
  'port 465 with TLS 1.2 only': () => [
    ...submissions('--tls-protocol', 'tlsv1_2'),
    ...as('PLAIN'),
    ...fromPepe,
  ],
};

for (const [how, args] of Object.entries(accepted))
  test(`swaks hands in a message: ${how}`, async () => {
    await emptyMaildrop(posta, 'paco@example.test', 'paco-password');
    const body = `Sent by swaks: ${how}.\\n.a line that begins with a dot\\n..and one with two`;
    const result = await swaks(...args(), '--header', 'Subject: swaks', '--body', body);
    assert.equal(result.code, 0, result.stdout + result.stderr);
    const [message] = await waitForMessages(posta, {
      user: 'paco@example.test',
      password: 'paco-password',
      count: 1,
    });
    const text = message?.toString('latin1') ?? '';
    assert.match(
      text,
      new RegExp(
        `^Return-Path: <[^>]*>\\r\\nReceived: from client\\.test \\((localhost )?\\[127\\.0\\.0\\.1\\]\\)`,
      ),
    );
    assert.ok(
      text.includes(`Sent by swaks: ${how}.\r\n.a line that begins with a dot\r\n..and one with two\r\n`),
      text,
    );
  });

const refused: Record<string, { args: () => string[]; code: number; reply: RegExp }> = {
  'an unknown recipient': {
    args: () => [...smtp(), '--from', 'a@elsewhere.test', '--to', 'nobody@example.test'],
    code: 24,
    reply: /550 5\.1\.1/,
  },
  'relay on port 25': {
    args: () => [...smtp(), '--from', 'a@elsewhere.test', '--to', 'b@other.test'],
    code: 24,
    reply: /550 5\.7\.1/,
  },
  'a wrong password': {
    args: () => [...submission('--tls'), ...as('PLAIN', wrong), ...fromPepe],
    code: 28,
    reply: /535 5\.7\.8/,
  },
  'a submission without authentication': {
    args: () => [...submission('--tls'), ...fromPepe],
    code: 23,
    reply: /530 5\.7\.0/,
  },
  "another's address in the envelope": {
    args: () => [
      ...submission('--tls'),
      ...as('PLAIN'),
      '--from',
      'paco@example.test',
      '--to',
      'paco@example.test',
    ],
    code: 23,
    reply: /553 5\.7\.1/,
  },
  "another's address in From": {
    args: () => [...submission('--tls'), ...as('PLAIN'), ...fromPepe, '--h-From', 'Paco <paco@example.test>'],
    code: 26,
    reply: /550 5\.7\.1/,
  },
};

for (const [what, { args, code, reply }] of Object.entries(refused))
  test(`swaks is refused: ${what}`, async () => {
    const result = await swaks(...args());
    assert.equal(result.code, code, result.stdout + result.stderr);
    assert.match(result.stdout, reply);
  });

test('swaks is offered no AUTH in clear where loopback passwords are off', async () => {
  await using strict = await TestPosta.start({ args: ['--no-loopback-passwords'] });
  const at = ['--port', String(strict.ports.submission)];
  const clear = await swaks(...at, ...as('PLAIN'), ...fromPepe);
  assert.equal(clear.code, 28, clear.stdout);
  const secured = await swaks(...at, '--tls', ...as('PLAIN'), ...fromPepe);
  assert.equal(secured.code, 0, secured.stdout);
});
