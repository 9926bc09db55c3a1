import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AccountMail, Folder } from '../../../mail/mailbox/mail-store.ts';
import { deliverMany, idsIn, mailboxNamed, mailKit, newMessage, numbered } from './mail-kit.ts';

async function foldersOf(mail: AccountMail): Promise<readonly Folder[]> {
  const list = await mail.listFolders();
  assert.ok(list.kind === 'folders');
  return list.folders;
}

async function namesOf(mail: AccountMail): Promise<readonly string[]> {
  return (await foldersOf(mail)).map(({ name }) => name);
}

test('a new account has INBOX and the folders of special use, all subscribed', async () => {
  await using kit = await mailKit();
  assert.deepEqual(
    (await foldersOf(kit.mail)).map(({ name, specialUse, subscribed, hasChildren, status }) => [
      name,
      specialUse,
      subscribed,
      hasChildren,
      status?.messages,
      status?.highestModSeq,
    ]),
    [
      ['INBOX', undefined, true, false, 0, 1],
      ['Archive', 'Archive', true, false, 0, 1],
      ['Drafts', 'Drafts', true, false, 0, 1],
      ['Junk', 'Junk', true, false, 0, 1],
      ['Sent', 'Sent', true, false, 0, 1],
      ['Trash', 'Trash', true, false, 0, 1],
    ],
  );
  const validities = (await foldersOf(kit.mail)).map(({ status }) => status?.uidValidity);
  assert.equal(new Set(validities).size, 6);
});

test('CREATE makes the parents that are missing, and refuses what is there or is no name', async () => {
  await using kit = await mailKit();
  assert.equal((await kit.mail.createFolder({ name: 'a/b/c/' })).kind, 'done');
  assert.deepEqual(
    (await namesOf(kit.mail)).filter((name) => name.startsWith('a')),
    ['a', 'a/b', 'a/b/c'],
  );
  assert.equal((await kit.mail.createFolder({ name: 'a/b' })).kind, 'exists');
  assert.equal((await kit.mail.createFolder({ name: 'inbox' })).kind, 'exists');
  assert.equal((await kit.mail.createFolder({ name: 'a//d' })).kind, 'badName');
});

test('the same folder created twice at once is made once', async () => {
  await using kit = await mailKit();
  const outcomes = await Promise.all([1, 2].map(() => kit.mail.createFolder({ name: 'x/y' })));
  assert.deepEqual(
    outcomes.map(({ kind }) => kind),
    ['done', 'exists'],
  );
});

test('RENAME moves what is below with one item, and the messages stay where they are', async () => {
  await using kit = await mailKit();
  const { mail } = kit;
  await mail.createFolder({ name: 'a/b/c' });
  await mail.deliver([{ ...newMessage('m'), folder: 'a/b/c' }]);
  const mailbox = await mailboxNamed(mail, 'a/b/c');
  assert.equal((await mail.renameFolder({ from: 'a/b', to: 'z/y' })).kind, 'done');
  assert.deepEqual(
    (await namesOf(mail)).filter((name) => /^[az]/.test(name)),
    ['a', 'z', 'z/y', 'z/y/c'],
  );
  assert.equal(await mailboxNamed(mail, 'z/y/c'), mailbox);
  assert.deepEqual(await idsIn(mail, mailbox), ['m']);
});

test('RENAME refuses a name that is taken, a folder below itself, and what is not there', async () => {
  await using kit = await mailKit();
  const { mail } = kit;
  await mail.createFolder({ name: 'a/b' });
  assert.equal((await mail.renameFolder({ from: 'a', to: 'Junk' })).kind, 'exists');
  assert.equal((await mail.renameFolder({ from: 'a', to: 'a/b/c' })).kind, 'notAllowed');
  assert.equal((await mail.renameFolder({ from: 'no', to: 'c' })).kind, 'noSuchMailbox');
  assert.equal((await mail.renameFolder({ from: 'a', to: 'x/'.repeat(31) + 'x' })).kind, 'badName');
});

test('RENAME of INBOX takes its messages to the new name and leaves INBOX empty, with its children', async () => {
  await using kit = await mailKit();
  const { mail, inbox } = kit;
  await mail.createFolder({ name: 'INBOX/child' });
  await deliverMany(mail, ['a', 'b']);
  const validity = async () =>
    (await foldersOf(mail)).find(({ name }) => name === 'INBOX')?.status?.uidValidity;
  const before = await validity();
  assert.equal((await mail.renameFolder({ from: 'inbox', to: 'Old/2026' })).kind, 'done');
  assert.equal(await mailboxNamed(mail, 'Old/2026'), inbox);
  assert.deepEqual(await idsIn(mail, inbox), ['a', 'b']);
  assert.deepEqual(await idsIn(mail, await mailboxNamed(mail, 'INBOX')), []);
  assert.notEqual(await validity(), before);
  assert.deepEqual(
    (await namesOf(mail)).filter((name) => /^(INBOX|Old)/.test(name)),
    ['INBOX', 'INBOX/child', 'Old', 'Old/2026'],
  );
  await deliverMany(mail, ['c']);
  assert.deepEqual(await idsIn(mail, await mailboxNamed(mail, 'INBOX')), ['c']);
});

test('DELETE gives back the room, and a parent stays without a mailbox until its children go', async () => {
  await using kit = await mailKit();
  const { mail } = kit;
  await mail.createFolder({ name: 'a/b' });
  await mail.deliver(numbered('m', 3).map((id) => ({ ...newMessage(id), folder: 'a' })));
  const mailbox = await mailboxNamed(mail, 'a');
  assert.equal((await mail.deleteFolder('a')).kind, 'done');
  const usage = await mail.usage();
  assert.deepEqual(usage.kind === 'usage' && [usage.bytes, usage.messages], [0, 0]);
  assert.equal((await mail.findMailbox('a')).kind, 'noSuchMailbox');
  assert.equal((await foldersOf(mail)).find(({ name }) => name === 'a')?.mailbox, undefined);
  assert.equal((await mail.deleteFolder('a')).kind, 'hasChildren');
  assert.equal((await mail.createFolder({ name: 'a' })).kind, 'done');
  assert.notEqual(await mailboxNamed(mail, 'a'), mailbox);
  assert.equal((await mail.deleteFolder('a')).kind, 'done');
  assert.equal((await mail.deleteFolder('a/b')).kind, 'done');
  assert.equal((await mail.deleteFolder('a')).kind, 'done');
  assert.equal((await mail.deleteFolder('a')).kind, 'noSuchMailbox');
  assert.equal((await mail.deleteFolder('INBOX')).kind, 'notAllowed');
});

test('a mailbox made again under its old name has another uidValidity', async () => {
  await using kit = await mailKit();
  const validity = async () =>
    (await foldersOf(kit.mail)).find(({ name }) => name === 'Junk')?.status?.uidValidity;
  const before = await validity();
  await kit.mail.deleteFolder('Junk');
  await kit.mail.createFolder({ name: 'Junk', specialUse: 'Junk' });
  assert.notEqual(await validity(), before);
});

test("a special use is one folder's, until that folder is deleted", async () => {
  await using kit = await mailKit();
  const { mail } = kit;
  assert.equal((await mail.createFolder({ name: 'Gesendet', specialUse: 'Sent' })).kind, 'specialUseTaken');
  assert.equal((await mail.createFolder({ name: 'Sent', specialUse: 'Sent' })).kind, 'exists');
  await mail.deleteFolder('Sent');
  const twice = ['Gesendet', 'Enviados'].map((name) => mail.createFolder({ name, specialUse: 'Sent' }));
  assert.deepEqual(
    (await Promise.all(twice)).map(({ kind }) => kind),
    ['done', 'specialUseTaken'],
  );
  assert.equal((await foldersOf(mail)).find(({ name }) => name === 'Gesendet')?.specialUse, 'Sent');
});

test('a subscription outlives its folder, and can be made before it', async () => {
  await using kit = await mailKit();
  const { mail } = kit;
  await mail.deleteFolder('Junk');
  assert.equal((await mail.subscribe('Future/x')).kind, 'done');
  assert.equal((await mail.subscribe('Future/x')).kind, 'done');
  assert.equal((await mail.unsubscribe('Sent')).kind, 'done');
  const list = await mail.listFolders();
  assert.deepEqual(list.kind === 'folders' && list.subscriptions, [
    'Archive',
    'Drafts',
    'Future/x',
    'INBOX',
    'Junk',
    'Trash',
  ]);
});

test('an unchanged account lists its folders with one read, and a delivery shows in the next list', async () => {
  await using kit = await mailKit();
  await foldersOf(kit.mail);
  const { gets, queries } = kit.staged;
  await foldersOf(kit.mail);
  assert.deepEqual([kit.staged.gets - gets, kit.staged.queries - queries], [1, 0]);
  await deliverMany(kit.mail, ['a']);
  assert.equal((await foldersOf(kit.mail))[0]?.status?.unseen, 1);
});

test('folders are listed whole though they change between the reads', async () => {
  await using kit = await mailKit();
  const other = kit.another({ table: kit.raw, seed: 2 }).account(kit.account);
  let changes = 0;
  kit.staged.afterPage = async ({ prefix }) => {
    if (prefix !== 'folder#' || changes++ > 1) return;
    await other.createFolder({ name: `late${changes}/below` });
    await deliverMany(other, [`m${changes}`]);
  };
  const names = await namesOf(kit.mail);
  assert.ok(names.includes('late1/below') && names.includes('late2/below'));
});
