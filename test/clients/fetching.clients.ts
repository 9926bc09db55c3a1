/** mpop and fetchmail fetch mail into files, by POP3 and IMAP: in clear at first, over TLS, and only once. */
import assert from 'node:assert/strict';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { ImapDialog } from '../end-to-end/imap-dialog.ts';
import { LineClient } from '../end-to-end/line-client.ts';
import { TestPosta } from '../end-to-end/posta.ts';
import { emptyMaildrop, openMaildrop, waitForMessages } from './mailbox.ts';
import { runClient } from './run.ts';

const paco = { user: 'paco@example.test', password: 'paco-password' };

let posta: TestPosta;
let scratch: string;
before(async () => {
  posta = await TestPosta.start();
});
after(() => posta[Symbol.asyncDispose]());
beforeEach(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'posta-fetch-'));
  await emptyMaildrop(posta, paco.user, paco.password);
  for (const number of [1, 2, 3])
    await deliver(`Subject: number ${number}\r\n\r\nFrom the tests.\r\n.dot\r\n`);
  await waitForMessages(posta, { ...paco, count: 3 });
});
afterEach(() => rm(scratch, { recursive: true, force: true }));

async function deliver(message: string): Promise<void> {
  const client = await LineClient.connect(posta.ports.smtp);
  await client.reply();
  await client.command('EHLO client.test');
  await client.command('MAIL FROM:<someone@elsewhere.test>');
  await client.command(`RCPT TO:<${paco.user}>`);
  await client.command('DATA');
  assert.match(await client.command(`${message.replace(/^\./gm, '..')}.`), /^250 /);
  client.close();
}

const certificate = () => join(posta.dataDir, 'tls', 'certificate.pem');

async function remaining(): Promise<number> {
  const client = await openMaildrop(posta, paco.user, paco.password);
  const count = Number((await client.pop3('STAT')).split(' ')[1]);
  await client.pop3('QUIT');
  client.close();
  return count;
}

function checkMbox(mbox: string): void {
  for (const number of [1, 2, 3])
    assert.equal(mbox.split(`Subject: number ${number}\n`).length, 2, `message ${number} once:\n${mbox}`);
  assert.equal(mbox.split('From the tests.\n.dot\n').length, 4, mbox);
}

async function mpop(lines: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const config = join(scratch, 'mpoprc');
  await writeFile(
    config,
    [
      'account test',
      'host localhost',
      `user ${paco.user}`,
      `password ${paco.password}`,
      `uidls_file ${join(scratch, 'uidls')}`,
      `delivery mbox ${join(scratch, 'mbox')}`,
      ...lines,
      'account default : test',
      '',
    ].join('\n'),
  );
  await chmod(config, 0o600);
  return runClient('mpop', [`--file=${config}`]);
}

for (const auth of ['user', 'plain'])
  for (const [how, lines] of Object.entries({
    'over TLS on 995': () => [`port ${posta.ports.pop3s}`, 'tls on', 'tls_starttls off'],
    'with STLS on 110': () => [`port ${posta.ports.pop3}`, 'tls on', 'tls_starttls on'],
  }))
    test(`mpop fetches ${how}, AUTH ${auth}, and keeps nothing on the server`, async () => {
      const result = await mpop([...lines(), `auth ${auth}`, `tls_trust_file ${certificate()}`, 'keep off']);
      assert.equal(result.code, 0, result.stderr + result.stdout);
      checkMbox((await readFile(join(scratch, 'mbox'), 'latin1')).replaceAll('\r', ''));
      assert.equal(await remaining(), 0);
    });

test('mpop leaves mail on the server and by UIDL fetches only what is new the second time', async () => {
  const lines = [
    `port ${posta.ports.pop3s}`,
    'tls on',
    'tls_starttls off',
    'auth plain',
    `tls_trust_file ${certificate()}`,
    'keep on',
  ];
  assert.equal((await mpop(lines)).code, 0);
  assert.equal(await remaining(), 3);
  const second = await mpop(lines);
  assert.equal(second.code, 0, second.stderr);
  checkMbox((await readFile(join(scratch, 'mbox'), 'latin1')).replaceAll('\r', ''));
});

/** `options` go into the server's part of the poll, `userOptions` into the user's. */
async function fetchmail({
  protocol,
  options,
  userOptions = '',
}: Fetching): Promise<{ code: number; stdout: string; stderr: string }> {
  const config = join(scratch, 'fetchmailrc');
  await writeFile(
    config,
    `poll localhost protocol ${protocol} ${options}
  username "${paco.user}" password "${paco.password}" ${userOptions}
  sslcertck sslcertfile ${certificate()} mda "cat >>${join(scratch, 'mbox')}"
`,
  );
  await chmod(config, 0o600);
  return runClient('fetchmail', ['--fetchmailrc', config, '--pidfile', join(scratch, 'pid'), '--nosyslog'], {
    env: { FETCHMAILHOME: scratch },
  });
}

interface Fetching {
  readonly protocol: 'POP3' | 'IMAP';
  readonly options: string;
  readonly userOptions?: string;
}

const fetchings: Record<string, () => Fetching> = {
  'by POP3 with STLS': () => ({ protocol: 'POP3', options: `port ${posta.ports.pop3}` }),
  'by POP3 over TLS': () => ({
    protocol: 'POP3',
    options: `port ${posta.ports.pop3s}`,
    userOptions: 'ssl',
  }),
  'by IMAP with STARTTLS': () => ({ protocol: 'IMAP', options: `port ${posta.ports.imap}` }),
  'by IMAP over TLS': () => ({
    protocol: 'IMAP',
    options: `port ${posta.ports.imaps}`,
    userOptions: 'ssl',
  }),
};

const mbox = async () => (await readFile(join(scratch, 'mbox'), 'latin1')).replaceAll('\r', '');

for (const [how, fetching] of Object.entries(fetchings))
  test(`fetchmail fetches ${how}, and finds nothing the second time`, async () => {
    const first = await fetchmail(fetching());
    assert.equal(first.code, 0, first.stderr + first.stdout);
    checkMbox(await mbox());
    assert.equal(await remaining(), 0);
    assert.equal((await fetchmail(fetching())).code, 1, 'fetchmail exits 1 when there is no mail');
  });

test('fetchmail leaves mail where it is by IMAP, seen, and takes only what is not seen the next time', async () => {
  const keeping = () => ({
    protocol: 'IMAP' as const,
    options: `port ${posta.ports.imaps}`,
    userOptions: 'ssl keep',
  });
  assert.equal((await fetchmail(keeping())).code, 0);
  using dialog = await ImapDialog.logIn(posta, paco, { mailbox: 'INBOX' });
  assert.deepEqual(
    (await dialog.messages()).map(({ flags }) => flags),
    [['\\Seen'], ['\\Seen'], ['\\Seen']],
  );
  assert.equal((await fetchmail(keeping())).code, 1);
  await dialog.ok('STORE 2 -FLAGS (\\Seen)');
  assert.equal((await fetchmail(keeping())).code, 0);
  assert.equal((await mbox()).split('Subject: number 1\n').length, 2);
  assert.equal((await mbox()).split('Subject: number 2\n').length, 3);
  assert.equal(await remaining(), 3);
});
