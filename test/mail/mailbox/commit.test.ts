/** What one commit is: joined changes, what it logs, and what it costs. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { accepted, refused } from '../../../mail/mailbox/account-writer.ts';
import type { Change } from '../../../mail/mailbox/account-writer.ts';
import { raiseLogFromChange } from '../../../mail/mailbox/changes/account-changes.ts';
import { prepareMessage } from '../../../mail/mailbox/changes/add-message.ts';
import { appendChange } from '../../../mail/mailbox/changes/append.ts';
import { clockItem, parseClockItem } from '../../../mail/mailbox/clock-item.ts';
import { systemFlags } from '../../../mail/mailbox/flags.ts';
import { accountPartition, clockKey, logPrefix, parseExpireSortKey } from '../../../mail/mailbox/keys.ts';
import { parseLogItem } from '../../../mail/mailbox/log-record.ts';
import { mailboxStateItem } from '../../../mail/mailbox/mailbox-state.ts';
import { parseRev, sound } from '../../../mail/mailbox/types.ts';
import { queryAll } from '../../../mail/ports/table.ts';
import type { Write } from '../../../mail/ports/table.ts';
import type { MailKit } from './mail-kit.ts';
import { contentsOf, deliverMany, idsIn, mailboxNamed, mailKit, newMessage, uidOf } from './mail-kit.ts';

async function logOf(kit: MailKit) {
  const records = [];
  for await (const item of queryAll(kit.raw, { pk: accountPartition(kit.account), prefix: logPrefix }))
    records.push(parseLogItem(item));
  return records;
}

function put(sk: string): Change<string> {
  return {
    until: 'visible',
    async plan(draft) {
      draft.put({ pk: accountPartition(draft.account), sk, rev: draft.rev });
      return accepted(sk);
    },
  };
}

test('a change that is refused or throws drops out, and those beside it are committed together', async () => {
  await using kit = await mailKit();
  const key = (sk: string) => ({ pk: accountPartition(kit.account), sk });
  const refusing: Change<string> = {
    until: 'visible',
    async plan(draft) {
      draft.put({ ...key('x#refused'), rev: draft.rev });
      draft.changeClock({ bytes: 1_000_000 });
      return refused('refused');
    },
  };
  const throwing: Change<string> = {
    until: 'visible',
    async plan(draft) {
      draft.put({ ...key('x#thrown'), rev: draft.rev });
      throw new Error('a fault in a plan');
    },
  };
  const before = kit.staged.commits;
  const changes = [put('x#1'), refusing, throwing, put('x#2')];
  const ends = await Promise.allSettled(changes.map((change) => kit.store.submit(kit.account, change)));
  assert.deepEqual(
    ends.map((end) => (end.status === 'fulfilled' ? end.value : (end.reason as Error).message)),
    ['x#1', 'refused', 'a fault in a plan', 'x#2'],
  );
  assert.equal(kit.staged.commits - before, 1);
  const items = await kit.raw.getMany(['x#1', 'x#2', 'x#refused', 'x#thrown'].map(key));
  assert.deepEqual(
    items.map((item) => item?.['rev']),
    [2, 2, undefined, undefined],
  );
  const usage = await kit.mail.usage();
  assert.equal(usage.kind === 'usage' && usage.bytes, 0);
});

test('each change sees what those before it in the same commit do', async () => {
  await using kit = await mailKit();
  const { mail, inbox: mailbox } = kit;
  const archive = await mailboxNamed(mail, 'Archive');
  const before = kit.staged.commits;
  const flags = { system: systemFlags.seen, keywords: [] };
  const messages = [await prepareMessage(kit.blobs, newMessage('a'))];
  await Promise.all([
    kit.store.submit(kit.account, appendChange({ mailbox, messages })),
    mail.storeFlags({ mailbox, uids: [uidOf(1)], action: 'add', flags }),
    mail.copy({ from: mailbox, to: archive, uids: [uidOf(1)] }),
    mail.expunge({ mailbox, uids: [uidOf(1)], any: true }),
  ]);
  assert.equal(kit.staged.commits - before, 1);
  assert.deepEqual(await idsIn(mail, mailbox), []);
  const [copy] = await contentsOf(mail, archive);
  assert.deepEqual([copy?.id, copy?.system], ['a', systemFlags.seen]);
});

test('the log says in order what was added, flagged and expunged, with the records whole', async () => {
  await using kit = await mailKit();
  const { mail, inbox: mailbox } = kit;
  await deliverMany(mail, ['a', 'b']);
  const flags = { system: systemFlags.flagged, keywords: ['x'] };
  await mail.storeFlags({ mailbox, uids: [uidOf(2)], action: 'add', flags });
  const archive = await mailboxNamed(mail, 'Archive');
  await mail.move({ from: mailbox, to: archive, uids: [uidOf(2)] });
  await mail.createFolder({ name: 'A' });
  const log = await logOf(kit);
  const messages = log.map(({ rev, messages: changes }) => [
    rev,
    ...changes.map(({ kind, mailbox: at, records }) => [
      kind,
      at === mailbox ? 'INBOX' : 'Archive',
      ...records.map(({ uid, system, keywords, size }) => [uid, system, keywords, size]),
    ]),
  ]);
  assert.deepEqual(messages, [
    [1],
    [2, ['added', 'INBOX', [1, 0, [], 1000], [2, 0, [], 1000]]],
    [3, ['flags', 'INBOX', [2, 4, ['x'], 1000]]],
    [4, ['added', 'Archive', [1, 4, ['x'], 1000]], ['expunged', 'INBOX', [2, 4, ['x'], 1000]]],
    [5],
  ]);
  assert.deepEqual(
    log.map(({ folders }) => folders.length),
    [6, 0, 0, 0, 1],
  );
  assert.equal(new Set(log.map(({ token }) => token)).size, log.length);
});

test('a delivery writes clock, log, block, index and message; the state of INBOX is in the clock, of others an item', async () => {
  await using kit = await mailKit();
  let sent: readonly Write[] = [];
  kit.staged.faultFor = (_, writes) => {
    sent = writes;
    return undefined;
  };
  const kinds = () =>
    sent.map((write) => (write.kind === 'put' ? write.item.sk.replace(/#.*/, '') : write.kind));
  await deliverMany(kit.mail, ['a']);
  assert.deepEqual(kinds(), ['clock', 'c', 's', 'm', 'message']);
  await kit.mail.deliver([{ ...newMessage('b'), folder: 'Archive' }]);
  assert.deepEqual(kinds(), ['clock', 'c', 'mailbox', 's', 'm', 'message']);
});

test('an account of before, with the state of INBOX in an item of its own, goes on so', async () => {
  await using kit = await mailKit();
  const { mail, inbox: mailbox } = kit;
  await deliverMany(mail, ['a', 'b']);
  const clock = await kit.raw.get(clockKey(kit.account));
  const { inbox, ...rest } = clock === undefined ? assert.fail() : parseClockItem(clock);
  assert.ok(inbox !== undefined);
  await kit.raw.commit([
    { kind: 'put', item: clockItem(kit.account, rest) },
    { kind: 'put', item: mailboxStateItem(kit.account, inbox) },
  ]);
  const other = kit.another({ seed: 2 }).account(kit.account);
  const flags = { system: systemFlags.deleted, keywords: [] };
  await other.storeFlags({ mailbox, uids: [uidOf(1)], action: 'add', flags });
  assert.deepEqual(await other.expunge({ mailbox }), { kind: 'expunged', uids: [1] });
  await deliverMany(other, ['c']);
  assert.deepEqual(await idsIn(other, mailbox), ['b', 'c']);
  const status = await other.status(mailbox);
  assert.ok(status.kind === 'status');
  assert.deepEqual([status.messages, status.uidNext, status.deleted], [2, 4, 0]);
  const list = await other.listFolders();
  assert.deepEqual(list.kind === 'folders' && list.folders[0]?.status, status);
});

test('the second delivery to an account reads its clock, and then all else at once', async () => {
  await using kit = await mailKit();
  await deliverMany(kit.mail, ['a']);
  const { gets, batches } = kit.staged;
  await deliverMany(kit.mail, ['b']);
  assert.deepEqual([kit.staged.gets - gets, kit.staged.batches - batches], [1, 1]);
});

test('an operation that changes nothing commits nothing', async () => {
  await using kit = await mailKit();
  await deliverMany(kit.mail, ['a']);
  const { commits } = kit.staged;
  const { mail, inbox: mailbox } = kit;
  await mail.storeFlags({
    mailbox,
    uids: [uidOf(1)],
    action: 'remove',
    flags: { system: 31, keywords: ['x'] },
  });
  await mail.expunge({ mailbox });
  await mail.subscribe('INBOX');
  assert.equal(kit.staged.commits, commits);
});

test('logFrom is raised in a commit, never lowered and never past the rev', async () => {
  await using kit = await mailKit();
  await deliverMany(kit.mail, ['a']);
  const raise = (to: number) => kit.store.submit(kit.account, raiseLogFromChange(sound(parseRev(to), 'rev')));
  await raise(2);
  await raise(1);
  await raise(100);
  const clock = await kit.raw.get(clockKey(kit.account));
  assert.deepEqual(clock && [parseClockItem(clock).logFrom, parseClockItem(clock).rev], [2, 3]);
});

test('removing an account leaves the sweep an entry of the day', async () => {
  await using kit = await mailKit();
  let entry: string | undefined;
  kit.staged.faultFor = (_, writes) => {
    for (const write of writes)
      if (write.kind === 'put' && write.item.pk.startsWith('expire#')) entry = write.item.sk;
    return undefined;
  };
  await kit.mail.remove();
  assert.deepEqual(parseExpireSortKey(entry ?? ''), { account: kit.account, subject: 'account' });
});

test('a Wake that fails does not fail the commit', async () => {
  await using kit = await mailKit();
  kit.wake.publish = () => Promise.reject(new Error('no bus'));
  await deliverMany(kit.mail, ['a']);
  assert.deepEqual(await idsIn(kit.mail, kit.inbox), ['a']);
});
