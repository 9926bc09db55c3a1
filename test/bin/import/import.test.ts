/** Import and export over a real store: each message once, with all that its source knew of it. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { chmod, readdir, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { systemFlags } from '../../../mail/mailbox/flags.ts';
import { AccountFixture, type FiledMessage } from './account-fixture.ts';
import { zipOf } from './zip-of.ts';

let fixture: AccountFixture;
before(async () => {
  fixture = await AccountFixture.open();
});
after(() => fixture[Symbol.asyncDispose]());

let accounts = 0;
async function newAccount(quotaBytes?: number): Promise<string> {
  const address = `account${++accounts}@example.test`;
  await fixture.add(address, quotaBytes);
  return address;
}

const message = (subject: string, body = 'Hello.') =>
  `From: pepe@example.test\nDate: Mon, 5 Jan 2026 01:02:03 +0100\nSubject: ${subject}\n\n${body}\n`;

const subjects = (messages: readonly FiledMessage[]) =>
  messages.map(({ folder, text }) => `${folder}: ${/^Subject: (.*)\r$/m.exec(text)?.[1] ?? ''}`);

const counts = (added: number, known: number) => ({ added, known, failed: [], full: false });

test('an mbox is filed with CRLF, its dates and flags, under the hash of its bytes, and only once', async () => {
  const address = await newAccount();
  const path = await fixture.put(
    'mail.mbox',
    `From a@b.test Tue Nov 24 10:11:12 2020\nStatus: RO\n${message('one', '>From the start')}\n` +
      `From a@b.test Tue Nov 24 10:11:13 2020\n${message('two')}\n`,
  );
  assert.deepEqual(await fixture.import(address, path, 'Archive/2020'), counts(2, 0));
  const filed = await fixture.everything(address);
  assert.deepEqual(subjects(filed), ['Archive/2020: one', 'Archive/2020: two']);
  const [one] = filed;
  assert.equal(one?.text, `Status: RO\n${message('one', 'From the start')}`.replaceAll('\n', '\r\n'));
  assert.equal(one.id, createHash('sha256').update(one.text).digest('hex'));
  assert.equal(one.receivedAt, '2020-11-24T10:11:12.000Z');
  assert.deepEqual(
    filed.map(({ system }) => system),
    [systemFlags.seen, 0],
  );
  assert.deepEqual(await fixture.import(address, path, 'Archive/2020'), counts(0, 2));
  assert.deepEqual(await fixture.everything(address), filed);
});

test('a Maildir keeps folders, flags, keywords and dates', async () => {
  const address = await newAccount();
  const first = await fixture.put('Maildir/cur/1.host:2,FRSa', message('inbox'));
  await utimes(first, new Date('2019-02-03T04:05:06Z'), new Date('2019-02-03T04:05:06Z'));
  await fixture.put('Maildir/dovecot-keywords', '0 $Label1\n');
  await fixture.put('Maildir/new/2.host', message('new'));
  await fixture.put('Maildir/.Sent/cur/3.host:2,S', message('sent'));
  await fixture.put('Maildir/.Entw&APw-rfe.alt/cur/4.host:2,DP', message('draft'));
  assert.deepEqual(await fixture.import(address, join(fixture.folder, 'Maildir')), counts(4, 0));
  const filed = await fixture.everything(address);
  assert.deepEqual(subjects(filed).toSorted(), [
    'Entwürfe/alt: draft',
    'INBOX: inbox',
    'INBOX: new',
    'Sent: sent',
  ]);
  const inbox = filed.find(({ text }) => text.includes('Subject: inbox'));
  assert.equal(inbox?.system, systemFlags.flagged | systemFlags.answered | systemFlags.seen);
  assert.deepEqual(inbox.keywords, ['$Label1']);
  assert.equal(inbox.receivedAt, '2019-02-03T04:05:06.000Z');
  const draft = filed.find(({ text }) => text.includes('Subject: draft'));
  assert.deepEqual([draft?.system, draft?.keywords], [systemFlags.draft, ['$Forwarded']]);
  assert.deepEqual(await fixture.import(address, join(fixture.folder, 'Maildir')), counts(0, 4));
});

test('.eml files take their date from the message, alone, in a folder and in a zip', async () => {
  const address = await newAccount();
  await fixture.put('eml/Sent Items/b.eml', message('b'));
  const single = await fixture.put('eml/a.eml', message('a'));
  // More than one batch, and read on after the zip's listing has ended.
  const many = Object.fromEntries(
    Array.from({ length: 40 }, (_, at) => [`Archive/${at}.eml`, message(`zipped ${at}`)]),
  );
  const zip = await fixture.put('mail.zip', zipOf({ ...many, 'a.eml': message('a') }));
  assert.deepEqual(await fixture.import(address, single), counts(1, 0));
  assert.deepEqual(await fixture.import(address, join(fixture.folder, 'eml')), counts(1, 1));
  assert.deepEqual(await fixture.import(address, zip), counts(40, 1));
  assert.deepEqual(await fixture.import(address, zip), counts(0, 41));
  const filed = await fixture.everything(address);
  assert.equal(filed.filter(({ folder }) => folder === 'Archive').length, 40);
  assert.deepEqual(subjects(filed.filter(({ folder }) => folder !== 'Archive')), [
    'INBOX: a',
    'Sent Items: b',
  ]);
  assert.ok(filed.every(({ receivedAt }) => receivedAt === '2026-01-05T00:02:03.000Z'));
});

test('the same message several times in one source is filed once, and stays readable', async () => {
  const address = await newAccount();
  for (let at = 0; at < 70; at++)
    await fixture.put(`twice/${String(at).padStart(2, '0')}.eml`, message(`number ${at % 20}`));
  assert.deepEqual(await fixture.import(address, join(fixture.folder, 'twice')), counts(20, 50));
  const filed = await fixture.everything(address);
  assert.equal(new Set(filed.map(({ text }) => text)).size, 20);
  assert.equal(filed.length, 20);
});

test('a message that cannot be read is named, and the others are filed', async () => {
  const address = await newAccount();
  await fixture.put('mixed/a.eml', message('a'));
  const empty = await fixture.put('mixed/b.eml', '');
  const unreadable = await fixture.put('mixed/c.eml', message('c'));
  await fixture.put('mixed/d.eml', '\0\xff not a header\n\n\x00');
  await fixture.put('mixed/\x01/e.eml', message('e'));
  await chmod(unreadable, 0);
  // Whoever may read everything reads that file too.
  const privileged = process.getuid?.() === 0;
  const result = await fixture.import(address, join(fixture.folder, 'mixed'));
  assert.equal(result.added, privileged ? 3 : 2);
  const failed = new Map(result.failed.map(({ name, why }) => [name, why]));
  assert.equal(failed.get(empty), 'it is empty');
  assert.match(failed.get(join(fixture.folder, 'mixed/\x01/e.eml')) ?? '', /cannot be the name of a folder/);
  assert.equal(failed.has(unreadable), !privileged);
});

test('an import into a full account ends there, and goes on when there is room', async () => {
  const address = await newAccount(6000);
  for (let at = 0; at < 40; at++)
    await fixture.put(`large/${String(at).padStart(2, '0')}.eml`, message(`large ${at}`, 'x'.repeat(900)));
  const path = join(fixture.folder, 'large');
  const result = await fixture.import(address, path);
  assert.equal(result.full, true);
  assert.ok(result.added > 0 && result.added <= 6);
  assert.equal(result.failed.length, 32 - result.added);
  assert.equal((await fixture.everything(address)).length, result.added);
  await fixture.account(address).setQuota(undefined);
  assert.deepEqual(await fixture.import(address, path), counts(40 - result.added, result.added));
  assert.equal((await fixture.everything(address)).length, 40);
});

test('what is exported and imported again is the same, but for the uids', async () => {
  const from = await newAccount();
  const to = await newAccount();
  await fixture.put('source/cur/1.host:2,FSab', message('one'));
  await fixture.put('source/dovecot-keywords', '0 $Label1\n1 work\n');
  await fixture.put('source/cur/2.host:2,DT', message('two', 'Line\n\n.\nFrom here'));
  await fixture.put('source/.Lists.Posta & co/cur/3.host:2,PR', message('three'));
  await fixture.put('source/.&ZeVnLIqe-/cur/4.host:2,', message('日本語'));
  await fixture.import(from, join(fixture.folder, 'source'));
  const target = join(fixture.folder, 'exported');
  assert.deepEqual(await fixture.export(from, target), { written: 4, known: 0 });
  const files = await readdir(target, { recursive: true });
  assert.deepEqual(await fixture.export(from, target), { written: 0, known: 4 });
  assert.deepEqual((await readdir(target, { recursive: true })).toSorted(), files.toSorted());
  assert.deepEqual(await fixture.import(to, target), counts(4, 0));
  const comparable = (messages: readonly FiledMessage[]) =>
    messages
      .map((each) => ({ ...each, keywords: each.keywords.toSorted() }))
      .toSorted((a, b) => (a.id < b.id ? -1 : 1));
  const filed = comparable(await fixture.everything(from));
  assert.equal(filed.length, 4);
  assert.deepEqual(comparable(await fixture.everything(to)), filed);
});

test('flags that changed since the last export are written on the next one', async () => {
  const from = await newAccount();
  const to = await newAccount();
  await fixture.import(from, await fixture.put('changing.eml', message('changing')));
  const target = join(fixture.folder, 'changing');
  await fixture.export(from, target);
  const account = fixture.account(from);
  const inbox = await account.findMailbox('INBOX');
  assert.equal(inbox.kind, 'found');
  const opened = inbox.kind === 'found' ? await account.open(inbox.mailbox) : inbox;
  assert.equal(opened.kind, 'open');
  if (opened.kind !== 'open') return;
  await account.storeFlags({
    mailbox: opened.mailbox,
    uids: [opened.view.uidAt(0)],
    action: 'add',
    flags: { system: systemFlags.seen, keywords: ['work'] },
  });
  opened.close();
  assert.deepEqual(await fixture.export(from, target), { written: 0, known: 1 });
  await fixture.import(to, target);
  assert.deepEqual(
    (await fixture.everything(to)).map(({ system, keywords }) => [system, keywords]),
    [[systemFlags.seen, ['work']]],
  );
});
