/** SELECT by name: what it costs, and that it never opens what the name no longer stands for. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { logKey } from '../../../mail/mailbox/keys.ts';
import type { AccountMail, OpenMailbox } from '../../../mail/mailbox/mail-store.ts';
import { parseRev, sound } from '../../../mail/mailbox/types.ts';
import { deliverMany, mailboxNamed, mailKit, newMessage, type MailKit } from './mail-kit.ts';

async function opened(mail: AccountMail, name: string): Promise<OpenMailbox> {
  const open = await mail.openByName(name);
  if (open.kind !== 'open') throw new Error(`${name}: ${open.kind}`);
  return open;
}

/** Opens and closes again; the mailbox's id, or why there is none. */
async function visit(mail: AccountMail, name: string): Promise<string> {
  const open = await mail.openByName(name);
  if (open.kind !== 'open') return open.kind;
  open.close();
  return open.mailbox;
}

/** Calls for which the table is read. */
function readsOf({ staged }: MailKit): number {
  return staged.gets + staged.queries + staged.batches;
}

/** The account in another process, whose reads are not counted. */
function elsewhere(kit: MailKit): AccountMail {
  return kit.another({ table: kit.raw, seed: 2 }).account(kit.account);
}

test('opening an unchanged mailbox again costs one read, its recent messages claimed', async () => {
  await using kit = await mailKit();
  await deliverMany(kit.mail, ['a', 'b']);
  const select = async () => {
    const open = await opened(kit.mail, 'INBOX');
    await kit.mail.claimRecent(open.mailbox, open.view.uidNext);
    open.close();
    return open.view.count;
  };
  await select();
  for (let round = 0; round < 3; round++) {
    const before = readsOf(kit);
    assert.equal(await select(), 2);
    assert.equal(readsOf(kit) - before, 1);
  }
});

test('a mailbox that only got messages is opened again with one read', async () => {
  await using kit = await mailKit();
  await visit(kit.mail, 'INBOX');
  await deliverMany(elsewhere(kit), ['a']);
  const before = readsOf(kit);
  const open = await opened(kit.mail, 'INBOX');
  assert.equal(readsOf(kit) - before, 1);
  assert.equal(open.view.count, 1);
  open.close();
});

test('going to and fro between mailboxes costs one read each time', async () => {
  await using kit = await mailKit();
  const names = ['INBOX', 'Sent', 'Junk'];
  for (const name of names) await visit(kit.mail, name);
  await deliverMany(elsewhere(kit), ['a']);
  for (const name of [...names, ...names]) {
    const before = readsOf(kit);
    await visit(kit.mail, name);
    assert.equal(readsOf(kit) - before, 1, name);
  }
});

test('a name is what findMailbox takes it for, however it is written', async () => {
  await using kit = await mailKit();
  const { mail } = kit;
  await mail.createFolder({ name: 'INBOX/caf\u00e9' });
  await mail.createFolder({ name: 'a/inbox' });
  await mail.createFolder({ name: 'a/b/c' });
  await mail.deleteFolder('a/b');
  for (const name of [
    'INBOX',
    'inbox',
    'iNbOx',
    'INBOX/caf\u00e9',
    'inbox/cafe\u0301',
    'inbox/CAF\u00c9',
    'a/inbox',
    'a/INBOX',
    'A/inbox',
    'a/b',
    'a/b/c',
    'a/',
    '/a',
    '',
    '/',
    'a//inbox',
    'sent',
    'Sent ',
    'no such',
    '\ud800',
    'x'.repeat(5000),
  ]) {
    const found = await mail.findMailbox(name);
    const expected = found.kind === 'found' ? found.mailbox : found.kind;
    for (const again of ['known', 'not known']) {
      const by = again === 'known' ? mail : elsewhere(kit);
      assert.equal(await visit(by, name), expected, `${JSON.stringify(name)}, its folders ${again}`);
    }
  }
  assert.equal(await visit(mail, 'inbox/cafe\u0301'), await mailboxNamed(mail, 'INBOX/caf\u00e9'));
  assert.equal(await visit(mail, 'a/b'), 'noSuchMailbox');
});

test('a folder that another process has renamed is found under its new name only', async () => {
  await using kit = await mailKit();
  const mailbox = await visit(kit.mail, 'Junk');
  await elsewhere(kit).renameFolder({ from: 'Junk', to: 'Spam' });
  assert.equal(await visit(kit.mail, 'Junk'), 'noSuchMailbox');
  assert.equal(await visit(kit.mail, 'Spam'), mailbox);
});

test('a name that another process has given to another folder opens that one', async () => {
  await using kit = await mailKit();
  const [junk, sent] = [await visit(kit.mail, 'Junk'), await visit(kit.mail, 'Sent')];
  const other = elsewhere(kit);
  await other.renameFolder({ from: 'Junk', to: 'x' });
  await other.renameFolder({ from: 'Sent', to: 'Junk' });
  await other.renameFolder({ from: 'x', to: 'Sent' });
  assert.deepEqual([await visit(kit.mail, 'Junk'), await visit(kit.mail, 'Sent')], [sent, junk]);
});

test('INBOX that another process has renamed is the new and empty one', async () => {
  await using kit = await mailKit();
  await deliverMany(kit.mail, ['a']);
  await visit(kit.mail, 'INBOX');
  await elsewhere(kit).renameFolder({ from: 'INBOX', to: 'Old' });
  const open = await opened(kit.mail, 'INBOX');
  assert.notEqual(open.mailbox, kit.inbox);
  assert.equal(open.view.count, 0);
  open.close();
  assert.equal(await visit(kit.mail, 'Old'), kit.inbox);
});

test('a folder above that another process has renamed takes the name below with it', async () => {
  await using kit = await mailKit();
  await kit.mail.createFolder({ name: 'a/b' });
  const mailbox = await visit(kit.mail, 'a/b');
  await elsewhere(kit).renameFolder({ from: 'a', to: 'z' });
  assert.equal(await visit(kit.mail, 'a/b'), 'noSuchMailbox');
  assert.equal(await visit(kit.mail, 'z/b'), mailbox);
});

test('a folder that another process has deleted is gone, and one made in its place is the new one', async () => {
  await using kit = await mailKit();
  const mailbox = await visit(kit.mail, 'Junk');
  const other = elsewhere(kit);
  await other.deleteFolder('Junk');
  assert.equal(await visit(kit.mail, 'Junk'), 'noSuchMailbox');
  await other.createFolder({ name: 'Junk' });
  const made = await visit(kit.mail, 'Junk');
  assert.match(made, /^[0-9a-f]{20}$/);
  assert.notEqual(made, mailbox);
});

test('a folder deleted and made again unseen is the new one', async () => {
  await using kit = await mailKit();
  await visit(kit.mail, 'Junk');
  const other = elsewhere(kit);
  await other.deleteFolder('Junk');
  await other.createFolder({ name: 'Junk' });
  await other.deliver([{ ...newMessage('m'), folder: 'Junk' }]);
  const open = await opened(kit.mail, 'Junk');
  assert.equal(open.mailbox, await mailboxNamed(other, 'Junk'));
  assert.equal(open.view.count, 1);
  open.close();
});

test('a folder renamed beyond what the log still tells is found out all the same', async () => {
  await using kit = await mailKit();
  const mailbox = await visit(kit.mail, 'Junk');
  const other = elsewhere(kit);
  await other.renameFolder({ from: 'Junk', to: 'Spam' });
  await deliverMany(other, ['a']);
  const usage = await other.usage();
  assert.ok(usage.kind === 'usage');
  const renamed = sound(parseRev(usage.rev - 1), 'rev');
  await kit.raw.commit([{ kind: 'delete', key: logKey(kit.account, renamed) }]);
  assert.equal(await visit(kit.mail, 'Junk'), 'noSuchMailbox');
  assert.equal(await visit(kit.mail, 'Spam'), mailbox);
});

test('of an account that was removed nothing can be opened', async () => {
  await using kit = await mailKit();
  await visit(kit.mail, 'INBOX');
  await elsewhere(kit).remove();
  assert.equal(await visit(kit.mail, 'INBOX'), 'gone');
  assert.equal(await visit(elsewhere(kit), 'INBOX'), 'gone');
});
