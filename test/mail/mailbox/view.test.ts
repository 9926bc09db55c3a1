/** Reading a mailbox while it changes. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemFlags } from '../../../mail/mailbox/flags.ts';
import { accountPartition, logKey } from '../../../mail/mailbox/keys.ts';
import { parseRev, sound } from '../../../mail/mailbox/types.ts';
import type { MailboxId, Rev } from '../../../mail/mailbox/types.ts';
import type { AccountMail, OpenMailbox } from '../../../mail/mailbox/mail-store.ts';
import { contentsOf, deliverMany, mailboxNamed, mailKit, newMessage, numbered, uidOf } from './mail-kit.ts';

const { seen, deleted } = systemFlags;
const revOf = (number: number): Rev => sound(parseRev(number), 'rev');

async function opened(mail: AccountMail, mailbox: MailboxId): Promise<OpenMailbox> {
  const open = await mail.open(mailbox);
  assert.ok(open.kind === 'open');
  return open;
}

test('SELECT with commits between its pages sees all of them', async () => {
  await using kit = await mailKit();
  const { mail, inbox: mailbox } = kit;
  await deliverMany(mail, numbered('m', 400));
  const other = kit.another({ table: kit.raw, seed: 2 }).account(kit.account);
  let page = 0;
  kit.staged.pageItems = 1;
  kit.staged.afterPage = async (range) => {
    if (range.prefix !== 's#') return;
    page++;
    await deliverMany(other, [`during${page}`]);
    await other.storeFlags({
      mailbox,
      uids: [1, 200, 399].map(uidOf),
      action: 'add',
      flags: { system: seen, keywords: [`k${page}`] },
    });
    await other.expunge({
      mailbox,
      uids: [uidOf(page), uidOf(400 - page), uidOf(400 + page - 1)],
      any: true,
    });
  };
  const during = await contentsOf(mail, mailbox);
  kit.staged.afterPage = () => Promise.resolve();
  assert.ok(page >= 7);
  assert.deepEqual(during, await contentsOf(other, mailbox));
});

test('SELECT whose log was trimmed under it scans anew', async () => {
  await using kit = await mailKit();
  const { mail, inbox } = kit;
  await deliverMany(mail, numbered('m', 10));
  const other = kit.another({ table: kit.raw, seed: 2 }).account(kit.account);
  let disturbed = false;
  kit.staged.afterPage = async ({ prefix }) => {
    if (prefix !== 's#' || disturbed) return;
    disturbed = true;
    await deliverMany(other, ['x']);
    await deliverMany(other, ['y']);
    await kit.raw.commit([{ kind: 'delete', key: logKey(kit.account, revOf(3)) }]);
  };
  assert.equal((await contentsOf(mail, inbox)).length, 12);
  assert.ok(disturbed);
});

test('opening an unchanged mailbox again costs one read', async () => {
  await using kit = await mailKit();
  await deliverMany(kit.mail, numbered('m', 10));
  (await opened(kit.mail, kit.inbox)).close();
  const { gets, queries } = kit.staged;
  (await opened(kit.mail, kit.inbox)).close();
  assert.deepEqual([kit.staged.gets - gets, kit.staged.queries - queries], [0, 1]);
});

test('EXPUNGE finds what is deleted in the view that is open, however large the mailbox', async () => {
  await using kit = await mailKit();
  const { mail, inbox: mailbox } = kit;
  await deliverMany(mail, numbered('m', 200));
  const open = await opened(mail, mailbox);
  const flags = { system: deleted, keywords: [] };
  await mail.storeFlags({ mailbox, uids: [1, 150].map(uidOf), action: 'add', flags });
  const { queries } = kit.staged;
  assert.deepEqual(await mail.expunge({ mailbox }), { kind: 'expunged', uids: [1, 150] });
  assert.equal(kit.staged.queries - queries, 1);
  open.close();
});

test('sessions of one process share a view, and each asks what happened since its own rev', async () => {
  await using kit = await mailKit();
  const { mail, inbox: mailbox } = kit;
  await deliverMany(mail, ['a', 'b']);
  const one = await opened(mail, mailbox);
  const other = await opened(mail, mailbox);
  assert.equal(one.view, other.view);
  const { rev } = one.view;
  await deliverMany(mail, ['c']);
  await mail.storeFlags({ mailbox, uids: [uidOf(1)], action: 'add', flags: { system: seen, keywords: [] } });
  await mail.expunge({ mailbox, uids: [uidOf(2)], any: true });
  assert.equal(await one.refresh(), 'current');
  const changes = other.view.changesSince(rev);
  assert.deepEqual(
    changes?.map(({ rev: at, kind, records }) => [at, kind, records.map(({ uid, system }) => [uid, system])]),
    [
      [3, 'added', [[3, 0]]],
      [4, 'flags', [[1, seen]]],
      [5, 'expunged', [[2, 0]]],
    ],
  );
  assert.deepEqual(other.view.changesSince(revOf(5)), []);
  assert.deepEqual([one.view.count, one.view.uidNext, one.view.highestModSeq], [2, 4, 5]);
  one.close();
  other.close();
});

test('a view forgets keywords that went long ago', async () => {
  await using kit = await mailKit();
  const { mail, inbox: mailbox } = kit;
  await deliverMany(mail, ['a']);
  const open = await opened(mail, mailbox);
  for (let round = 0; round < 150; round++) {
    const flags = { system: 0, keywords: [`k${round}`, `l${round}`] };
    await mail.storeFlags({ mailbox, uids: [uidOf(1)], action: 'replace', flags });
  }
  await open.refresh();
  assert.deepEqual(open.view.keywordsAt(0), ['k149', 'l149']);
  assert.ok(open.view.keywords.has('k149') && open.view.keywords.size <= 128);
  open.close();
});

test('commits to other mailboxes move the view on without a change', async () => {
  await using kit = await mailKit();
  const { mail } = kit;
  const junk = await opened(mail, await mailboxNamed(mail, 'Junk'));
  await deliverMany(mail, ['a']);
  await junk.refresh();
  assert.deepEqual([junk.view.rev, junk.view.highestModSeq, junk.view.count], [2, 1, 0]);
  assert.deepEqual(junk.view.changesSince(revOf(1)), []);
  junk.close();
});

test('a view further back than the log begins anew and says so', async () => {
  await using kit = await mailKit();
  const { mail, inbox } = kit;
  await deliverMany(mail, ['a']);
  const open = await opened(mail, inbox);
  await deliverMany(mail, ['b']);
  await deliverMany(mail, ['c']);
  await kit.raw.commit([{ kind: 'delete', key: logKey(kit.account, revOf(3)) }]);
  await open.refresh();
  assert.equal(open.view.count, 3);
  assert.equal(open.view.changesSince(revOf(2)), undefined);
  assert.deepEqual(open.view.changesSince(revOf(4)), []);
  open.close();
});

test('two writers and a reader: a view that follows is what a new scan finds', async () => {
  await using kit = await mailKit();
  const { mail, inbox: mailbox } = kit;
  const open = await opened(mail, mailbox);
  const other = kit.another({ seed: 2 }).account(kit.account);
  for (let round = 0; round < 15; round++) {
    await Promise.all([
      deliverMany(mail, numbered(`a${round}-`, 7)),
      deliverMany(other, numbered(`b${round}-`, 5)),
      open.refresh(),
    ]);
    const uids = Array.from({ length: 6 }, (_, at) => uidOf(1 + ((round * 7 + at * 5) % (12 * (round + 1)))));
    const flags = { system: deleted, keywords: [`k${round % 5}`] };
    await Promise.all([
      mail.storeFlags({ mailbox, uids, action: 'add', flags }),
      other.expunge({ mailbox }),
      open.refresh(),
    ]);
    await open.refresh();
    const fresh = await opened(kit.another({ seed: 9 + round }).account(kit.account), mailbox);
    const records = (view: OpenMailbox['view']) =>
      Array.from({ length: view.count }, (_, at) => view.recordAt(at));
    assert.deepEqual(records(open.view), records(fresh.view));
    assert.deepEqual(
      [open.view.uidNext, open.view.highestModSeq],
      [fresh.view.uidNext, fresh.view.highestModSeq],
    );
    fresh.close();
  }
  open.close();
});

test('a deleted mailbox is deleted in the views that are open, and opens no more', async () => {
  await using kit = await mailKit();
  const { mail } = kit;
  const junk = await mailboxNamed(mail, 'Junk');
  const open = await opened(mail, junk);
  await mail.deleteFolder('Junk');
  assert.equal(await open.refresh(), 'deleted');
  assert.equal((await mail.open(junk)).kind, 'noSuchMailbox');
  open.close();
  assert.equal((await mail.open(junk)).kind, 'noSuchMailbox');
});

test('under a newer epoch rev, uids and uidValidity jump before anything is told', async () => {
  await using kit = await mailKit();
  await deliverMany(kit.mail, ['a']);
  const later = kit.another({ epoch: 2, seed: 2 }).account(kit.account);
  const open = await opened(later, kit.inbox);
  assert.deepEqual(
    [open.view.rev, open.view.uidNext, open.view.highestModSeq],
    [2 + 2 ** 20, 2 + 2 ** 16, 2 + 2 ** 20],
  );
  const junk = await later.status(await mailboxNamed(later, 'Junk'));
  assert.ok(junk.kind === 'status');
  assert.deepEqual([junk.uidNext, junk.highestModSeq], [1 + 2 ** 16, 3 + 2 ** 20]);
  const list = await later.listFolders();
  assert.ok(list.kind === 'folders');
  for (const { status } of list.folders) assert.ok((status?.uidNext ?? 0) > 2 ** 16);
  const [delivered] = await later.deliver([newMessage('b')]);
  assert.equal(delivered?.kind === 'delivered' && delivered.uid, 2 + 2 ** 16);
  open.close();
});

test('a delivery may be what enters the newer epoch, once', async () => {
  await using kit = await mailKit();
  await deliverMany(kit.mail, ['a']);
  const later = kit.another({ epoch: 3, seed: 2 }).account(kit.account);
  await deliverMany(later, ['b']);
  await deliverMany(later, ['c']);
  const contents = await contentsOf(later, kit.inbox);
  assert.deepEqual(
    contents.map(({ uid, modSeq }) => [uid, modSeq]),
    [
      [1, 2],
      [2 + 2 ** 16, 2 + 2 ** 20],
      [3 + 2 ** 16, 3 + 2 ** 20],
    ],
  );
  const clock = await kit.raw.get({ pk: accountPartition(kit.account), sk: 'clock' });
  assert.equal(clock?.['logFrom'], 2 + 2 ** 20);
});

test('a process of an older epoch is refused as a fault', async () => {
  await using kit = await mailKit();
  const later = kit.another({ epoch: 2, seed: 2 }).account(kit.account);
  await deliverMany(later, ['a']);
  await assert.rejects(kit.mail.deliver([newMessage('b')]), /newer epoch/);
});

test('of messages whose indexes are megabytes, only a few are read at once', async () => {
  await using kit = await mailKit();
  const names = numbered('large', 10);
  await kit.mail.deliver(names.map((name) => newMessage(name, { envelope: 'e'.repeat(100_000) })));
  await deliverMany(kit.mail, ['small']);
  const open = await kit.mail.open(kit.inbox);
  assert.equal(open.kind, 'open');
  if (open.kind !== 'open') return;
  const found: (string | undefined)[] = [];
  const calls: number[] = [];
  while (found.length < open.view.count) {
    const uids = Array.from({ length: open.view.count - found.length }, (_, at) =>
      open.view.uidAt(found.length + at),
    );
    const indexes = await open.findMessages(uids);
    calls.push(indexes.length);
    found.push(...indexes.map((index) => index?.messageId));
  }
  assert.deepEqual(found, [...names, 'small']);
  assert.deepEqual(calls, [4, 4, 3]);
  const uids = Array.from({ length: open.view.count }, (_, at) => open.view.uidAt(at));
  assert.equal((await open.findEnvelopes(uids)).length, 4);
  for (const uid of uids)
    assert.deepEqual(await open.findEnvelopes([uid]), [(await open.findMessage(uid))?.envelope]);
  open.close();
});
