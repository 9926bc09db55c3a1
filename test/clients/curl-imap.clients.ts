/** curl lists, reads, searches and appends by imap, with STARTTLS and by imaps, byte for byte. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { ImapDialog } from '../end-to-end/imap-dialog.ts';
import { TestPosta } from '../end-to-end/posta.ts';
import { runClient } from './run.ts';

const paco = { user: 'paco@example.test', password: 'paco-password' };

let posta: TestPosta;
let scratch: string;
before(async () => {
  posta = await TestPosta.start();
  scratch = await mkdtemp(join(tmpdir(), 'posta-curl-imap-'));
});
after(async () => {
  await posta[Symbol.asyncDispose]();
  await rm(scratch, { recursive: true, force: true });
});

const message = (subject: string) =>
  Buffer.from(
    `From: Pepe <pepe@example.test>\r\nTo: ${paco.user}\r\nSubject: ${subject}\r\n\r\n.dot\r\n${randomBytes(
      60_000,
    )
      .toString('base64')
      .replace(/(.{76})/g, '$1\r\n')}\r\n`,
  );

const curl = (...args: string[]) =>
  runClient('curl', ['--silent', '--show-error', '--insecure', ...args], { timeoutMs: 20_000 });

/** What stands before the path, and the options. */
const ways: Record<string, () => { readonly base: string; readonly options: string[] }> = {
  'in clear': () => ({ base: `imap://127.0.0.1:${posta.ports.imap}`, options: [] }),
  'with STARTTLS': () => ({ base: `imap://localhost:${posta.ports.imap}`, options: ['--ssl-reqd'] }),
  'over TLS': () => ({ base: `imaps://localhost:${posta.ports.imaps}`, options: [] }),
  'over TLS with SASL LOGIN': () => ({
    base: `imaps://localhost:${posta.ports.imaps}`,
    options: ['--login-options', 'AUTH=LOGIN'],
  }),
};

for (const [how, way] of Object.entries(ways))
  suite(`curl ${how}`, () => {
    async function at(path: string, ...more: string[]): Promise<Buffer> {
      const { base, options } = way();
      const result = await curl(...options, '--user', `${paco.user}:${paco.password}`, ...more, base + path);
      assert.equal(result.code, 0, result.stderr);
      return Buffer.from(result.stdout, 'latin1');
    }

    const sent = [message('first'), message('second')];
    before(async () => {
      using dialog = await ImapDialog.logIn(posta, paco, { mailbox: 'INBOX' });
      await dialog.ok('STORE 1:* +FLAGS.SILENT (\\Deleted)');
      await dialog.ok('EXPUNGE');
    });

    test('appends with -T, which Posta then has, seen', async () => {
      const file = join(scratch, 'message.eml');
      for (const each of sent) {
        await writeFile(file, each);
        await at('/INBOX', '--upload-file', file);
      }
      using dialog = await ImapDialog.logIn(posta, paco, { mailbox: 'INBOX' });
      const messages = await dialog.messages();
      assert.deepEqual(
        messages.map((each) => each.message),
        sent,
      );
      assert.deepEqual(
        messages.map(({ flags }) => flags),
        [['\\Seen'], ['\\Seen']],
      );
    });

    test('lists folders', async () => {
      assert.match((await at('/')).toString(), /^\* LIST \([^)]*\) "\/" "?INBOX"?\r\n/m);
    });

    test('reads by number, by uid and in sections', async () => {
      using dialog = await ImapDialog.logIn(posta, paco, { mailbox: 'INBOX' });
      const [, second] = await dialog.messages();
      assert.deepEqual(await at('/INBOX;MAILINDEX=1'), sent[0]);
      assert.deepEqual(await at(`/INBOX;UID=${second?.uid}`), sent[1]);
      const header = await at('/INBOX;MAILINDEX=1;SECTION=HEADER.FIELDS%20(SUBJECT)');
      assert.equal(header.toString(), 'Subject: first\r\n\r\n');
      const text = await at('/INBOX;MAILINDEX=2;SECTION=TEXT');
      assert.ok(sent[1]?.subarray(-text.length).equals(text) && text.subarray(0, 4).toString() === '.dot');
    });

    test('searches, with a query and with a command of its own', async () => {
      assert.match((await at('/INBOX?SUBJECT%20second')).toString(), /^\* SEARCH 2\r\n/m);
      assert.match(
        (await at('/INBOX', '--request', 'FETCH 1:2 (FLAGS RFC822.SIZE)')).toString(),
        new RegExp(
          `^\\* 1 FETCH \\(.*RFC822\\.SIZE ${sent[0]?.length}.*\\)\r\n\\* 2 FETCH \\(.*RFC822\\.SIZE ${sent[1]?.length}.*\\)\r\n$`,
        ),
      );
      const status = await at('/', '--request', 'STATUS INBOX (MESSAGES)');
      assert.equal(status.toString().replaceAll('"', ''), '* STATUS INBOX (MESSAGES 2)\r\n');
    });

    test('deletes with STORE and EXPUNGE, and Posta has it no longer', async () => {
      await at('/INBOX', '--request', 'STORE 1 +FLAGS (\\Deleted)');
      assert.match((await at('/INBOX', '--request', 'EXPUNGE')).toString(), /^\* 1 EXPUNGE\r\n/m);
      using dialog = await ImapDialog.logIn(posta, paco, { mailbox: 'INBOX' });
      assert.deepEqual(
        (await dialog.messages()).map((each) => each.message),
        sent.slice(1),
      );
    });
  });

test('curl with a wrong password is refused, code 67', async () => {
  const result = await curl('--user', `${paco.user}:wrong`, `imaps://localhost:${posta.ports.imaps}/INBOX`);
  assert.equal(result.code, 67, result.stderr);
});

test('curl is told of a folder and a message that are not there', async () => {
  for (const path of ['/Nowhere;UID=1', '/INBOX;UID=999', '/INBOX;MAILINDEX=99']) {
    const result = await curl(
      '--user',
      `${paco.user}:${paco.password}`,
      `imaps://localhost:${posta.ports.imaps}${path}`,
    );
    assert.notEqual(result.code, 0, path);
    assert.equal(result.stdout, '');
  }
});
