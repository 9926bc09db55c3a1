/** curl sends by smtp and smtps, and reads by pop3 and pop3s, byte for byte. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { TestPosta } from '../end-to-end/posta.ts';
import { emptyMaildrop, waitForMessages } from './mailbox.ts';
import { runClient } from './run.ts';

let posta: TestPosta;
let scratch: string;
before(async () => {
  posta = await TestPosta.start();
  scratch = await mkdtemp(join(tmpdir(), 'posta-curl-'));
});
after(async () => {
  await posta[Symbol.asyncDispose]();
  await rm(scratch, { recursive: true, force: true });
});

const curl = (...args: string[]) => runClient('curl', ['--silent', '--show-error', '--insecure', ...args]);

const message = Buffer.from(
  `From: Pepe <pepe@example.test>\r\nTo: paco@example.test\r\nSubject: from curl\r\nDate: Tue, 24 Nov 2026 10:00:00 +0000\r\nMessage-ID: <curl@client.test>\r\n\r\n` +
    `.dot\r\n..\r\n${randomBytes(60_000)
      .toString('base64')
      .replace(/(.{76})/g, '$1\r\n')}\r\n`,
);

const ways: Record<string, { send: () => string[]; read: () => string[] }> = {
  'smtp on 25 in clear, pop3 in clear': {
    send: () => [`smtp://127.0.0.1:${posta.ports.smtp}/client.test`],
    read: () => [`pop3://127.0.0.1:${posta.ports.pop3}/1`],
  },
  'smtp on 587 with STARTTLS, pop3 with STLS': {
    send: () => [
      '--ssl-reqd',
      '--user',
      'pepe@example.test:pepe-password',
      `smtp://localhost:${posta.ports.submission}/client.test`,
    ],
    read: () => ['--ssl-reqd', `pop3://localhost:${posta.ports.pop3}/1`],
  },
  'smtps on 465, pop3s': {
    send: () => [
      '--user',
      'pepe@example.test:pepe-password',
      `smtps://localhost:${posta.ports.submissions}/client.test`,
    ],
    read: () => [`pop3s://localhost:${posta.ports.pop3s}/1`],
  },
  'smtps on 465 with AUTH LOGIN and AUTH= in MAIL, pop3s with SASL PLAIN': {
    send: () => [
      '--mail-auth',
      'pepe@example.test',
      '--login-options',
      'AUTH=LOGIN',
      '--user',
      'pepe@example.test:pepe-password',
      `smtps://localhost:${posta.ports.submissions}/client.test`,
    ],
    read: () => ['--login-options', 'AUTH=PLAIN', `pop3s://localhost:${posta.ports.pop3s}/1`],
  },
};

for (const [how, { send, read }] of Object.entries(ways))
  test(`curl sends and reads: ${how}`, async () => {
    await emptyMaildrop(posta, 'paco@example.test', 'paco-password');
    const file = join(scratch, 'message.eml');
    await writeFile(file, message);
    const sent = await curl(
      '--mail-from',
      'pepe@example.test',
      '--mail-rcpt',
      'paco@example.test',
      '--upload-file',
      file,
      ...send(),
    );
    assert.equal(sent.code, 0, sent.stderr);
    await waitForMessages(posta, { user: 'paco@example.test', password: 'paco-password', count: 1 });
    const got = await curl('--user', 'paco@example.test:paco-password', ...read());
    assert.equal(got.code, 0, got.stderr);
    const bytes = Buffer.from(got.stdout, 'latin1');
    assert.ok(bytes.includes(message), 'the message came back changed');
    assert.ok(bytes.subarray(bytes.indexOf(message)).equals(message), 'something follows the message');
  });

test('curl lists, and deletes with DELE', async () => {
  const listing = await curl(
    '--user',
    'paco@example.test:paco-password',
    `pop3s://localhost:${posta.ports.pop3s}/`,
  );
  assert.match(listing.stdout, /^1 \d+\r\n$/);
  const deleted = await curl(
    '--user',
    'paco@example.test:paco-password',
    '--request',
    'DELE',
    '--head',
    `pop3s://localhost:${posta.ports.pop3s}/1`,
  );
  assert.equal(deleted.code, 0, deleted.stderr);
  const rest = await curl(
    '--user',
    'paco@example.test:paco-password',
    `pop3s://localhost:${posta.ports.pop3s}/`,
  );
  assert.equal(rest.stdout.trim(), '');
});

test('curl with a wrong password is refused, code 67', async () => {
  const result = await curl('--user', 'paco@example.test:wrong', `pop3s://localhost:${posta.ports.pop3s}/`);
  assert.equal(result.code, 67, result.stderr);
});
