/** What imapflow sees and does in one account: flags, copies, moves, expunges, searches, folders. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import type { ImapFlow } from 'imapflow';
import { emptyMailbox, fetchedMessages, imapFlow } from './imap-client.ts';
import { ImapDialog } from './imap-dialog.ts';
import { traceBefore, type User } from './maildrop.ts';
import { TestPosta } from './posta.ts';
import { deliver } from './smtp-dialog.ts';

const pepe: User = { user: 'pepe@example.test', password: 'pepe-password' };
const paco: User = { user: 'paco@example.test', password: 'paco-password' };

let posta: TestPosta;
let client: ImapFlow;
before(async () => {
  posta = await TestPosta.start();
});
after(() => posta[Symbol.asyncDispose]());

const subjects = ['one', 'two', 'three'];
const letter = (name: string) =>
  `From: Ana Belén <ana@elsewhere.test>\r\nTo: ${paco.user}\r\nSubject: ${name}\r\n\r\nThe letter ${name}.\r\n`;

/** Each test begins with these three in INBOX, and no other folder. */
beforeEach(async () => {
  client = await imapFlow(posta, paco);
  for (const { path } of (await client.list()).toReversed())
    if (path !== 'INBOX') await client.mailboxDelete(path);
  await client.mailboxOpen('INBOX');
  await emptyMailbox(client);
  for (const [index, subject] of subjects.entries()) {
    await deliver(posta.ports.smtp, {
      from: 'ana@elsewhere.test',
      to: [paco.user],
      message: letter(subject),
    });
    await fetchedMessages(client, index + 1);
  }
  return () => client.close();
});

/** The subjects of a folder's messages, in its order, as a session of its own sees them. */
async function subjectsIn(path: string): Promise<string[]> {
  const other = await imapFlow(posta, paco);
  const { exists } = await other.mailboxOpen(path, { readOnly: true });
  const all = exists === 0 ? [] : await other.fetchAll('1:*', { envelope: true });
  await other.logout();
  return all.map(({ envelope }) => envelope?.subject ?? '');
}

async function flagsOf(uid: number): Promise<string[]> {
  const other = await imapFlow(posta, paco);
  await other.mailboxOpen('INBOX', { readOnly: true });
  const message = await other.fetchOne(String(uid), { flags: true }, { uid: true });
  await other.logout();
  return message ? [...(message.flags ?? [])].filter((flag) => flag !== '\\Recent').toSorted() : [];
}

async function uids(): Promise<number[]> {
  const found = await client.search({ all: true }, { uid: true });
  return found || [];
}

test('a message shows its envelope, size, uid and structure', async () => {
  const [message] = await client.fetchAll('1', {
    envelope: true,
    bodyStructure: true,
    source: true,
    size: true,
  });
  traceBefore(message?.source ?? Buffer.alloc(0), letter('one'));
  assert.equal(message?.size, message?.source?.length);
  assert.equal(message?.envelope?.subject, 'one');
  assert.deepEqual(message.envelope.from, [{ name: 'Ana Belén', address: 'ana@elsewhere.test' }]);
  assert.deepEqual(message.envelope.to, [{ name: '', address: paco.user }]);
  assert.equal(message.bodyStructure?.type, 'text/plain');
  assert.equal(message.bodyStructure.size, 'The letter one.\r\n'.length);
});

test('reading makes a message seen; peeking does not', async () => {
  const [first = 0, second = 0] = await uids();
  using dialog = await ImapDialog.logIn(posta, paco, { mailbox: 'INBOX' });
  await dialog.messages();
  assert.deepEqual(await flagsOf(first), []);
  await dialog.ok(`UID FETCH ${first} BODY[TEXT]`);
  assert.deepEqual([await flagsOf(first), await flagsOf(second)], [['\\Seen'], []]);
});

test('flags are set, added and taken away, keywords among them, and are there after a restart', async () => {
  const [first = 0, second = 0] = await uids();
  await client.messageFlagsSet(String(first), ['\\Flagged', '$Forwarded'], { uid: true });
  await client.messageFlagsAdd('1:2', ['\\Seen', 'NonJunk']);
  await client.messageFlagsRemove('1', ['\\Flagged']);
  const expected = [
    ['$Forwarded', 'NonJunk', '\\Seen'],
    ['NonJunk', '\\Seen'],
  ];
  assert.deepEqual([await flagsOf(first), await flagsOf(second)], expected);
  await client.logout();
  await posta.stop('SIGTERM');
  await posta.serve();
  assert.deepEqual([await flagsOf(first), await flagsOf(second)], expected);
});

test('STATUS counts what is there, unseen and next', async () => {
  await client.messageFlagsAdd('2', ['\\Seen']);
  const status = await client.status('INBOX', {
    messages: true,
    unseen: true,
    uidNext: true,
    uidValidity: true,
    highestModseq: true,
  });
  assert.ok(status && client.mailbox);
  const all = await uids();
  assert.deepEqual(
    { messages: status.messages, unseen: status.unseen, uidNext: status.uidNext },
    { messages: 3, unseen: 2, uidNext: (all.at(-1) ?? 0) + 1 },
  );
  assert.equal(status.uidValidity, client.mailbox.uidValidity);
  assert.ok((status.highestModseq ?? 0n) > 0n);
});

test('a copy is in both folders, byte for byte, with its flags, and goes its own way', async () => {
  await client.mailboxCreate('Archive');
  await client.messageFlagsAdd('2', ['\\Flagged', 'kept']);
  const originals = await client.fetchAll('2:3', { source: true, internalDate: true });
  const copied = await client.messageCopy('2:3', 'Archive');
  assert.ok(copied && copied.uidMap?.size === 2);
  await client.messageFlagsRemove('2', ['\\Flagged']);
  assert.deepEqual(await subjectsIn('INBOX'), subjects);
  assert.deepEqual(await subjectsIn('Archive'), ['two', 'three']);
  await client.mailboxOpen('Archive');
  const copies = await client.fetchAll('1:*', { uid: true, source: true, flags: true, internalDate: true });
  assert.deepEqual(
    copies.map(({ uid }) => uid),
    [...copied.uidMap.values()],
  );
  assert.deepEqual(
    copies.map(({ source, internalDate }) => ({ source, internalDate })),
    originals.map(({ source, internalDate }) => ({ source, internalDate })),
  );
  assert.ok(copies[0]?.flags?.has('\\Flagged') && copies[0].flags.has('kept'));
  await client.messageDelete('1:*');
  assert.deepEqual(await subjectsIn('INBOX'), subjects);
});

test('a move leaves the message in one folder', async () => {
  await client.mailboxCreate('Archive');
  const moved = await client.messageMove('1,3', 'Archive');
  assert.ok(moved && moved.uidMap?.size === 2);
  assert.equal(client.mailbox && client.mailbox.exists, 1);
  assert.deepEqual(await subjectsIn('INBOX'), ['two']);
  assert.deepEqual(await subjectsIn('Archive'), ['one', 'three']);
});

test('a copy or move to a folder that is not there says so, and nothing is changed', async () => {
  using dialog = await ImapDialog.logIn(posta, paco, { mailbox: 'INBOX' });
  for (const command of ['COPY', 'MOVE'])
    assert.match((await dialog.command(`${command} 1 Nowhere`)).tagged, /^NO \[TRYCREATE\] /);
  assert.match((await dialog.command('APPEND Nowhere {3}')).tagged, /^NO \[TRYCREATE\] /);
  assert.deepEqual(await subjectsIn('INBOX'), subjects);
});

test('only what is \\Deleted is expunged, and with UID EXPUNGE only what is named', async () => {
  const [first = 0, second = 0, third = 0] = await uids();
  using dialog = await ImapDialog.logIn(posta, paco, { mailbox: 'INBOX' });
  await dialog.ok(`UID STORE ${first},${second} +FLAGS.SILENT (\\Deleted)`);
  const { untagged } = await dialog.ok(`UID EXPUNGE ${second}:${third}`);
  assert.deepEqual(
    untagged.map(({ text }) => text),
    ['2 EXPUNGE'],
  );
  assert.deepEqual(await subjectsIn('INBOX'), ['one', 'three']);
  await dialog.ok('EXPUNGE');
  assert.deepEqual(await subjectsIn('INBOX'), ['three']);
});

test('search finds by flags, text, header, date, size and uid', async () => {
  const all = await uids();
  await client.messageFlagsAdd('2', ['\\Seen', 'work']);
  const found = async (query: Parameters<ImapFlow['search']>[0]) => client.search(query);
  assert.deepEqual(await found({ seen: true }), [2]);
  assert.deepEqual(await found({ seen: false }), [1, 3]);
  assert.deepEqual(await found({ keyword: 'work' }), [2]);
  assert.deepEqual(await found({ subject: 'thr' }), [3]);
  assert.deepEqual(await found({ from: 'Belén' }), [1, 2, 3]);
  assert.deepEqual(await found({ body: 'LETTER TWO' }), [2]);
  assert.deepEqual(await found({ text: 'nothing like it' }), []);
  assert.deepEqual(await found({ header: { subject: 'one' } }), [1]);
  assert.deepEqual(await found({ or: [{ subject: 'one' }, { subject: 'two' }], not: { seen: true } }), [1]);
  assert.deepEqual(await found({ uid: `${all[1]}:*` }), [2, 3]);
  assert.deepEqual(await found({ since: new Date(Date.now() - 2 * 86_400_000) }), [1, 2, 3]);
  assert.deepEqual(await found({ before: new Date(Date.now() - 2 * 86_400_000) }), []);
  assert.deepEqual(await found({ larger: 100_000 }), []);
});

test('folders are made, listed, renamed with what is below them, subscribed and deleted', async () => {
  const names = ['Ärger & Größe', 'Ärger & Größe/日本語', 'Ελληνικά', '📎 clip', 'With "quotes" and \\'];
  for (const name of names) assert.equal((await client.mailboxCreate(name)).created, true);
  assert.equal((await client.mailboxCreate('Ελληνικά')).created, false);
  const listed = async () => (await client.list()).map(({ path }) => path).toSorted();
  assert.deepEqual(await listed(), ['INBOX', ...names].toSorted());
  await client.append('Ärger & Größe/日本語', 'Subject: tief\r\n\r\n');
  await client.mailboxRename('Ärger & Größe', 'Ruhe');
  assert.deepEqual(await subjectsIn('Ruhe/日本語'), ['tief']);
  await client.mailboxSubscribe('Ελληνικά');
  const subscribed = (await client.list()).filter((folder) => folder.subscribed).map(({ path }) => path);
  assert.ok(subscribed.includes('Ελληνικά'));
  await client.mailboxUnsubscribe('Ελληνικά');
  assert.ok(!(await client.list()).some((folder) => folder.path === 'Ελληνικά' && folder.subscribed));
  await client.mailboxDelete('Ruhe/日本語');
  await client.mailboxDelete('Ruhe');
  await assert.rejects(client.mailboxOpen('Ruhe'));
  assert.deepEqual(await listed(), ['INBOX', ...names.slice(2)].toSorted());
});

test('a folder that is made again is another one: its UIDVALIDITY is larger', async () => {
  await client.mailboxCreate('Again');
  const first = await client.mailboxOpen('Again');
  await client.mailboxClose();
  await client.mailboxDelete('Again');
  await client.mailboxCreate('Again');
  const second = await client.mailboxOpen('Again');
  assert.ok(second.uidValidity > first.uidValidity);
});

test('one account never reaches the mail of another', async () => {
  await client.mailboxCreate('Private');
  const other = await imapFlow(posta, pepe);
  assert.ok((await other.list()).every(({ path }) => path !== 'Private'));
  await assert.rejects(other.mailboxOpen('Private'));
  const { exists } = await other.mailboxOpen('INBOX');
  assert.equal(exists, 0);
  assert.equal(await other.fetchOne('*', { uid: true }), false);
  await other.logout();
});

test('a mailbox that is full takes no APPEND and no COPY, and says so', async () => {
  await posta.run('account', 'quota', paco.user, '10K');
  using dialog = await ImapDialog.logIn(posta, paco, { mailbox: 'INBOX' });
  assert.match((await dialog.command('APPEND INBOX {10240}')).tagged, /^NO \[OVERQUOTA\] /);
  assert.match((await dialog.append('INBOX', 'x'.repeat(8000))).tagged, /^OK /);
  assert.match((await dialog.command('COPY 4 INBOX')).tagged, /^NO \[OVERQUOTA\] /);
  await posta.run('account', 'quota', paco.user, 'none');
  assert.match((await dialog.command('COPY 4 INBOX')).tagged, /^OK \[COPYUID /);
});
