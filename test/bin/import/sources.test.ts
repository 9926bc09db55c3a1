/** What each kind of source yields: the messages' bytes, flags, dates and folders. */
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { withCrlf, withLf } from '../../../bin/import/crlf.ts';
import { openSource } from '../../../bin/import/open-source.ts';
import { NothingToImport } from '../../../bin/import/source.ts';
import { systemFlags } from '../../../mail/mailbox/flags.ts';
import { zipOf } from './zip-of.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'posta-import-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function put(name: string, content: string | Buffer): Promise<string> {
  const path = join(folder, name);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
  return path;
}

async function contents(bytes: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of bytes) chunks.push(chunk);
  return Buffer.concat(chunks).toString('latin1');
}

async function everything(path: string, into = 'INBOX') {
  const source = await openSource(path, into);
  const messages = [];
  for await (const message of source.messages())
    messages.push({
      folder: message.folder,
      system: message.flags.system,
      keywords: message.flags.keywords,
      receivedAt: message.receivedAt?.toISOString(),
      text: await contents(message.open()),
    });
  await source.close?.();
  return { kind: source.kind, messages };
}

test('an mbox is cut at its From lines, >From is unquoted, dates and Status fields are kept', async () => {
  const path = await put(
    'old.mbox',
    [
      'From pepe@example.test Tue Nov 24 10:11:12 2026',
      'Subject: one',
      'Status: RO',
      'X-Status: AF',
      '',
      '>From the first line, quoted',
      '>>From twice',
      'From here on: no separator, for no empty line stands before it',
      '',
      'From: not a separator either',
      '',
      'From MAILER-DAEMON Mon Jan  5 01:02:03 2026 +0000',
      'Subject: two',
      '',
      'last line',
      '',
    ].join('\n'),
  );
  const { kind, messages } = await everything(path);
  assert.equal(kind, 'an mbox');
  assert.deepEqual(messages, [
    {
      folder: 'INBOX',
      system: systemFlags.seen | systemFlags.answered | systemFlags.flagged,
      keywords: [],
      receivedAt: '2026-11-24T10:11:12.000Z',
      text:
        'Subject: one\nStatus: RO\nX-Status: AF\n\nFrom the first line, quoted\n>From twice\n' +
        'From here on: no separator, for no empty line stands before it\n\nFrom: not a separator either\n',
    },
    {
      folder: 'INBOX',
      system: 0,
      keywords: [],
      receivedAt: '2026-01-05T01:02:03.000Z',
      text: 'Subject: two\n\nlast line\n',
    },
  ]);
});

test('a Maildir gives flags from file names, dates from files, and folders in both layouts', async () => {
  const first = await put('Maildir/cur/1.host:2,FRS', 'Subject: a\n\nA\n');
  await utimes(first, new Date('2020-02-03T04:05:06Z'), new Date('2020-02-03T04:05:06Z'));
  await put('Maildir/new/2.host', 'Subject: b\n\nB\n');
  await put('Maildir/dovecot-keywords', '0 $Label1\n1 $Junk\n');
  await put('Maildir/cur/3.host:2,DPTb', 'Subject: c\n\nC\n');
  await put('Maildir/tmp/4.host', 'not delivered');
  await put('Maildir/.Lists.posta/cur/5.host:2,', 'Subject: d\n\nD\n');
  await put('Maildir/.Entw&APw-rfe/cur/6.host:2,', 'Subject: e\n\nE\n');
  await put('Maildir/Sent/2025/cur/7.host:2,S', 'Subject: f\n\nF\n');
  const { kind, messages } = await everything(join(folder, 'Maildir'));
  assert.equal(kind, 'a Maildir');
  assert.deepEqual(
    messages.map(({ folder: name, system, keywords, text }) => [name, system, keywords, text.slice(9, 10)]),
    [
      ['INBOX', systemFlags.flagged | systemFlags.answered | systemFlags.seen, [], 'a'],
      ['INBOX', systemFlags.draft | systemFlags.deleted, ['$Forwarded', '$Junk'], 'c'],
      ['INBOX', 0, [], 'b'],
      ['Entwürfe', 0, [], 'e'],
      ['Lists/posta', 0, [], 'd'],
      ['Sent/2025', systemFlags.seen, [], 'f'],
    ],
  );
  assert.equal(messages[0]?.receivedAt, '2020-02-03T04:05:06.000Z');
});

test('a folder of .eml files keeps its subfolders as mailboxes', async () => {
  await put('export/Inbox/1.eml', 'Subject: 1\r\n\r\n');
  await put('export/Sent Items/2.EML', 'Subject: 2\r\n\r\n');
  await put('export/readme.txt', 'no message');
  await put('export/3.eml', 'Subject: 3\r\n\r\n');
  const { kind, messages } = await everything(join(folder, 'export'));
  assert.equal(kind, 'a folder of messages');
  assert.deepEqual(
    messages.map(({ folder: name, text }) => [name, text]),
    [
      ['INBOX', 'Subject: 3\r\n\r\n'],
      ['INBOX', 'Subject: 1\r\n\r\n'],
      ['Sent Items', 'Subject: 2\r\n\r\n'],
    ],
  );
  const below = await everything(join(folder, 'export'), 'Old mail');
  assert.deepEqual(
    below.messages.map(({ folder: name }) => name),
    ['Old mail', 'Old mail/Inbox', 'Old mail/Sent Items'],
  );
});

test('a zip of .eml files is read entry by entry', async () => {
  const path = await put(
    'export.zip',
    zipOf({ 'Inbox/a.eml': 'Subject: a\r\n\r\n', 'Sent/b.eml': 'Subject: b\r\n\r\n', 'index.html': 'no' }),
  );
  const { kind, messages } = await everything(path);
  assert.equal(kind, 'a zip of messages');
  assert.deepEqual(
    messages.map(({ folder: name, text }) => [name, text]),
    [
      ['INBOX', 'Subject: a\r\n\r\n'],
      ['Sent', 'Subject: b\r\n\r\n'],
    ],
  );
});

test('a single .eml file is one message', async () => {
  const { messages } = await everything(await put('a.eml', 'Subject: a\n\n'));
  assert.deepEqual(
    messages.map(({ text }) => text),
    ['Subject: a\n\n'],
  );
});

test('what holds no message says what was looked for', async () => {
  await put('empty/readme.txt', 'nothing');
  for (const path of [
    join(folder, 'missing'),
    join(folder, 'empty'),
    await put('picture.png', '\x89PNG\r\n\x1a\n'),
    await put('other.zip', zipOf({ 'a.txt': 'no' })),
  ])
    await assert.rejects(openSource(path, 'INBOX'), NothingToImport);
});

test('line ends become CRLF wherever the chunks are cut, and LF again on the way out', async () => {
  const text = 'a\nb\r\n\nc\r\r\nd\n\r\n';
  const crlf = 'a\r\nb\r\n\r\nc\r\r\nd\r\n\r\n';
  for (let cut = 0; cut <= text.length; cut++) {
    async function* pieces(whole: string) {
      yield Buffer.from(whole.slice(0, cut));
      yield Buffer.from(whole.slice(cut));
    }
    assert.equal(await contents(withCrlf(pieces(text))), crlf);
    assert.equal(await contents(withLf(pieces(crlf))), 'a\nb\n\nc\r\nd\n\n');
  }
});
