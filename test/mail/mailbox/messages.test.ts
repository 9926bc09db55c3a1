/** What one session does to messages, seen by opening the mailbox anew. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { noFlags, systemFlags } from '../../../mail/mailbox/flags.ts';
import { withLastSeen } from '../../../mail/mailbox/index-record.ts';
import { parseMessageItem } from '../../../mail/mailbox/message-item.ts';
import { indexKey, messageKey } from '../../../mail/mailbox/keys.ts';
import {
  parseAccountId,
  parseMailboxId,
  parseMessageId,
  parseRev,
  sound,
} from '../../../mail/mailbox/types.ts';
import {
  contentsOf,
  deliverMany,
  idsIn,
  mailboxNamed,
  mailKit,
  newMessage,
  numbered,
  uidOf,
} from './mail-kit.ts';

const { seen, deleted, flagged } = systemFlags;
const uids = (...numbers: number[]) => numbers.map(uidOf);

test('deliveries that wait together are one commit, with uids in their order', async () => {
  await using kit = await mailKit();
  const before = kit.staged.commits;
  const outcomes = await kit.mail.deliver(numbered('m', 20).map((id) => newMessage(id)));
  assert.equal(kit.staged.commits - before, 1);
  assert.deepEqual(
    outcomes.map((outcome) => outcome.kind === 'delivered' && outcome.uid),
    Array.from({ length: 20 }, (_, at) => at + 1),
  );
  assert.deepEqual(await idsIn(kit.mail, kit.inbox), numbered('m', 20));
  assert.deepEqual(kit.wake.published, [{ kind: 'mail', account: 'paco', rev: 2 }]);
});

test('a message delivered again is a duplicate, in the same batch or a later one', async () => {
  await using kit = await mailKit();
  const first = await kit.mail.deliver(['a', 'b', 'a'].map((id) => newMessage(id)));
  assert.deepEqual(
    first.map(({ kind }) => kind),
    ['delivered', 'delivered', 'duplicate'],
  );
  const second = await kit.mail.deliver(['c', 'b', 'd'].map((id) => newMessage(id)));
  assert.deepEqual(
    second.map(({ kind }) => kind),
    ['delivered', 'duplicate', 'delivered'],
  );
  assert.deepEqual(await idsIn(kit.mail, kit.inbox), ['a', 'b', 'c', 'd']);
});

test('a delivery goes to the folder it names, and to INBOX where there is none', async () => {
  await using kit = await mailKit();
  const [junk, lost] = await kit.mail.deliver([
    { ...newMessage('a'), folder: 'Junk' },
    { ...newMessage('b'), folder: 'No/Such' },
  ]);
  assert.equal(junk?.kind === 'delivered' && junk.mailbox, await mailboxNamed(kit.mail, 'Junk'));
  assert.equal(lost?.kind === 'delivered' && lost.mailbox, kit.inbox);
});

test('what a delivery sends on is in its commit, and is left out where it is there already', async () => {
  await using kit = await mailKit();
  const job = (sk: string) => ({
    kind: 'put' as const,
    item: { pk: 'outbound#m', sk, state: 'new' },
    condition: { kind: 'absent' as const },
  });
  await kit.raw.commit([{ kind: 'put', item: { pk: 'outbound#m', sk: 'recipient#a', state: 'sent' } }]);
  const [outcome] = await kit.mail.deliver([
    { ...newMessage('m'), writes: [job('recipient#a'), job('recipient#b')] },
  ]);
  assert.equal(outcome?.kind, 'delivered');
  assert.equal((await kit.raw.get({ pk: 'outbound#m', sk: 'recipient#a' }))?.['state'], 'sent');
  assert.equal((await kit.raw.get({ pk: 'outbound#m', sk: 'recipient#b' }))?.['state'], 'new');
});

test('a delivery beyond the quota is refused, and a smaller one beside it is not', async () => {
  await using kit = await mailKit({ quotaBytes: 2500 });
  const outcomes = await kit.mail.deliver([
    newMessage('a', { size: 1000 }),
    newMessage('b', { size: 2000 }),
    newMessage('c', { size: 1500 }),
  ]);
  assert.deepEqual(
    outcomes.map(({ kind }) => kind),
    ['delivered', 'overQuota', 'delivered'],
  );
  const usage = await kit.mail.usage();
  assert.deepEqual(
    usage.kind === 'usage' && [usage.bytes, usage.messages, usage.quotaBytes],
    [2500, 2, 2500],
  );
});

test('a message delivered again into a full mailbox is a duplicate, not beyond the quota', async () => {
  await using kit = await mailKit({ quotaBytes: 1000 });
  await deliverMany(kit.mail, ['a']);
  const again = await kit.mail.deliver([newMessage('a'), newMessage('b')]);
  assert.deepEqual(again, [{ kind: 'duplicate' }, { kind: 'overQuota' }]);
});

test('APPEND keeps flags and internal date, and counts them', async () => {
  await using kit = await mailKit();
  const flags = { system: seen | deleted, keywords: ['$Forwarded'] };
  const outcome = await kit.mail.append({ mailbox: kit.inbox, messages: [newMessage('a', { flags })] });
  assert.equal(outcome.kind, 'appended');
  const [message] = await contentsOf(kit.mail, kit.inbox);
  assert.deepEqual([message?.system, message?.keywords], [seen | deleted, ['$Forwarded']]);
  const status = await kit.mail.status(kit.inbox);
  assert.ok(status.kind === 'status');
  const { messages, unseen, deleted: marked, bytes, uidNext, highestModSeq, keywords } = status;
  assert.deepEqual(
    { messages, unseen, marked, bytes, uidNext, highestModSeq, keywords },
    {
      messages: 1,
      unseen: 0,
      marked: 1,
      bytes: 1000,
      uidNext: 2,
      highestModSeq: 2,
      keywords: ['$Forwarded'],
    },
  );
});

test('an APPEND of several is refused whole when one is a duplicate or beyond the quota', async () => {
  await using kit = await mailKit({ quotaBytes: 2500 });
  await deliverMany(kit.mail, ['a']);
  const twice = await kit.mail.append({ mailbox: kit.inbox, messages: [newMessage('b'), newMessage('a')] });
  assert.deepEqual(twice, { kind: 'duplicate', messageId: 'a' });
  const large = await kit.mail.append({ mailbox: kit.inbox, messages: [newMessage('c'), newMessage('d')] });
  assert.equal(large.kind, 'overQuota');
  assert.deepEqual(await idsIn(kit.mail, kit.inbox), ['a']);
});

test('an APPEND to no mailbox, or with a bad keyword, is refused', async () => {
  await using kit = await mailKit();
  const nowhere = sound(parseMailboxId('nowhere'), 'mailbox id');
  assert.equal(
    (await kit.mail.append({ mailbox: nowhere, messages: [newMessage('a')] })).kind,
    'noSuchMailbox',
  );
  const flags = { system: 0, keywords: ['two words'] };
  const bad = await kit.mail.append({ mailbox: kit.inbox, messages: [newMessage('a', { flags })] });
  assert.equal(bad.kind, 'badKeyword');
});

test('STORE adds, removes and replaces flags, and leaves what is so already without a new modSeq', async () => {
  await using kit = await mailKit();
  await deliverMany(kit.mail, ['a', 'b', 'c']);
  const { mail, inbox: mailbox } = kit;
  const flags = { system: seen, keywords: ['$Label'] };
  await mail.storeFlags({ mailbox, uids: uids(1, 2), action: 'add', flags });
  await mail.storeFlags({
    mailbox,
    uids: uids(2),
    action: 'remove',
    flags: { ...noFlags, keywords: ['$label'] },
  });
  await mail.storeFlags({
    mailbox,
    uids: uids(3),
    action: 'replace',
    flags: { system: flagged, keywords: [] },
  });
  const again = await mail.storeFlags({
    mailbox,
    uids: uids(1, 2, 9),
    action: 'add',
    flags: { ...noFlags, system: seen },
  });
  assert.deepEqual(again, { kind: 'stored', modified: [], missing: [9], changed: [] });
  assert.deepEqual(
    (await contentsOf(mail, mailbox)).map(({ system, keywords, modSeq }) => [system, keywords, modSeq]),
    [
      [seen, ['$Label'], 3],
      [seen, [], 4],
      [flagged, [], 5],
    ],
  );
  const status = await mail.status(mailbox);
  assert.equal(status.kind === 'status' && status.unseen, 1);
});

test('STORE with UNCHANGEDSINCE leaves and names what changed later', async () => {
  await using kit = await mailKit();
  const { mail, inbox: mailbox } = kit;
  await deliverMany(mail, ['a', 'b']);
  const flags = { system: seen, keywords: [] };
  await mail.storeFlags({ mailbox, uids: uids(2), action: 'add', flags });
  const outcome = await mail.storeFlags({
    mailbox,
    uids: uids(1, 2),
    action: 'add',
    flags: { system: flagged, keywords: [] },
    unchangedSince: sound(parseRev(2), 'rev'),
  });
  const changed = [{ uid: 1, modSeq: 4, modSeqBefore: 2, flags: { system: flagged, keywords: [] } }];
  assert.deepEqual(outcome, { kind: 'stored', modified: [2], missing: [], changed });
});

test('a mailbox takes 64 keywords, refuses the next, and takes it when another is out of use', async () => {
  await using kit = await mailKit();
  const { mail, inbox: mailbox } = kit;
  await deliverMany(mail, ['a', 'b']);
  const store = (uid: number, action: 'add' | 'remove', keywords: readonly string[]) =>
    mail.storeFlags({ mailbox, uids: uids(uid), action, flags: { system: 0, keywords } });
  assert.equal((await store(1, 'add', numbered('k', 64))).kind, 'stored');
  assert.equal((await store(2, 'add', ['another'])).kind, 'tooManyKeywords');
  await store(1, 'remove', ['k7']);
  assert.equal((await store(2, 'add', ['another', 'K1'])).kind, 'stored');
  const [first, second] = await contentsOf(mail, mailbox);
  assert.equal(first?.keywords.length, 63);
  assert.deepEqual(second?.keywords, ['another', 'k1']);
});

test('keywords that come and go in one commit, more than 64 in all, are kept apart', async () => {
  await using kit = await mailKit();
  const { mail, inbox: mailbox } = kit;
  await deliverMany(mail, ['a']);
  const steps = ['k', '', 'l', '', 'm'].map((prefix) => (prefix === '' ? [] : numbered(prefix, 30)));
  const before = kit.staged.commits;
  const outcomes = await Promise.all(
    steps.map((keywords) =>
      mail.storeFlags({ mailbox, uids: uids(1), action: 'replace', flags: { system: 0, keywords } }),
    ),
  );
  assert.equal(kit.staged.commits - before, 1);
  for (const outcome of outcomes) assert.equal(outcome.kind === 'stored' && outcome.changed.length, 1);
  const [message] = await contentsOf(kit.another({ seed: 2 }).account(kit.account), mailbox);
  assert.deepEqual(new Set(message?.keywords), new Set(numbered('m', 30)));
});

test('EXPUNGE takes the deleted, UID EXPUNGE those of them that are named, QUIT any', async () => {
  await using kit = await mailKit();
  const { mail, inbox: mailbox } = kit;
  await deliverMany(mail, numbered('m', 6));
  const flags = { system: deleted, keywords: [] };
  await mail.storeFlags({ mailbox, uids: uids(1, 2, 3), action: 'add', flags });
  assert.deepEqual(await mail.expunge({ mailbox, uids: uids(2, 5) }), { kind: 'expunged', uids: [2] });
  assert.deepEqual(await mail.expunge({ mailbox }), { kind: 'expunged', uids: [1, 3] });
  assert.deepEqual(await mail.expunge({ mailbox, uids: uids(5, 9), any: true }), {
    kind: 'expunged',
    uids: [5],
  });
  assert.deepEqual(await mail.expunge({ mailbox }), { kind: 'expunged', uids: [] });
  assert.deepEqual(await idsIn(mail, mailbox), ['m4', 'm6']);
  const usage = await mail.usage();
  assert.deepEqual(usage.kind === 'usage' && [usage.bytes, usage.messages], [2000, 2]);
});

test('the index of an expunged message can still be read', async () => {
  await using kit = await mailKit();
  await deliverMany(kit.mail, ['a']);
  const open = await kit.mail.open(kit.inbox);
  assert.ok(open.kind === 'open');
  await kit.mail.expunge({ mailbox: kit.inbox, uids: uids(1), any: true });
  await open.refresh();
  assert.equal(open.view.count, 0);
  assert.equal((await open.findMessage(uidOf(1)))?.messageId, 'a');
  assert.equal(await open.findMessage(uidOf(2)), undefined);
  open.close();
});

test('COPY shows the same message twice, with its flags, and its places are known', async () => {
  await using kit = await mailKit();
  const { mail, inbox } = kit;
  await deliverMany(mail, ['a', 'b']);
  await mail.storeFlags({
    mailbox: inbox,
    uids: uids(1),
    action: 'add',
    flags: { system: seen, keywords: ['x'] },
  });
  const archive = await mailboxNamed(mail, 'Archive');
  const outcome = await mail.copy({ from: inbox, to: archive, uids: uids(2, 1, 7) });
  assert.ok(outcome.kind === 'copied');
  assert.deepEqual(outcome.copied, [
    { from: 1, to: 1 },
    { from: 2, to: 2 },
  ]);
  assert.deepEqual(outcome.missing, [7]);
  assert.deepEqual(
    (await contentsOf(mail, archive)).map(({ id, system, keywords }) => [id, system, keywords]),
    [
      ['a', seen, ['x']],
      ['b', 0, []],
    ],
  );
  const item = await kit.raw.get(messageKey(kit.account, sound(parseMessageId('a'), 'message id')));
  assert.deepEqual(item && parseMessageItem(item).places, [
    { mailbox: inbox, uid: 1 },
    { mailbox: archive, uid: 1 },
  ]);
});

test('COPY beyond the quota, to nowhere or from nowhere is refused', async () => {
  await using kit = await mailKit({ quotaBytes: 2500 });
  const { mail, inbox } = kit;
  await deliverMany(mail, ['a', 'b']);
  const archive = await mailboxNamed(mail, 'Archive');
  const nowhere = sound(parseMailboxId('nowhere'), 'mailbox id');
  assert.equal((await mail.copy({ from: inbox, to: archive, uids: uids(1) })).kind, 'overQuota');
  assert.equal((await mail.copy({ from: inbox, to: nowhere, uids: uids(1) })).kind, 'noSuchTarget');
  assert.equal((await mail.copy({ from: nowhere, to: inbox, uids: uids(1) })).kind, 'noSuchMailbox');
});

test('MOVE within a full quota leaves each message in one mailbox', async () => {
  await using kit = await mailKit({ quotaBytes: 2000 });
  const { mail, inbox } = kit;
  await deliverMany(mail, ['a', 'b']);
  const archive = await mailboxNamed(mail, 'Archive');
  const outcome = await mail.move({ from: inbox, to: archive, uids: uids(1, 2) });
  assert.deepEqual(outcome.kind === 'copied' && outcome.copied.length, 2);
  assert.deepEqual(await idsIn(mail, inbox), []);
  assert.deepEqual(await idsIn(mail, archive), ['a', 'b']);
  const usage = await mail.usage();
  assert.deepEqual(usage.kind === 'usage' && [usage.bytes, usage.messages], [2000, 2]);
});

test('MOVE into the same mailbox gives new uids', async () => {
  await using kit = await mailKit();
  await deliverMany(kit.mail, ['a', 'b']);
  await kit.mail.move({ from: kit.inbox, to: kit.inbox, uids: uids(1) });
  assert.deepEqual(
    (await contentsOf(kit.mail, kit.inbox)).map(({ uid, id }) => [uid, id]),
    [
      [2, 'b'],
      [3, 'a'],
    ],
  );
});

test('undelete brings back the last flags but Deleted, under a new uid, and nothing that is still there', async () => {
  await using kit = await mailKit();
  const { mail, inbox } = kit;
  await deliverMany(mail, ['a', 'b']);
  await mail.expunge({ mailbox: inbox, uids: uids(1), any: true });
  const key = indexKey(inbox, uidOf(1));
  const index = await kit.raw.get(key);
  assert.ok(index);
  const last = { system: deleted | flagged, keywords: ['x'], saveDateSeconds: 1 };
  await kit.raw.commit([{ kind: 'put', item: withLastSeen(index, last) }]);
  const outcome = await mail.undelete({ from: inbox, to: inbox, uids: uids(1, 2) });
  assert.ok(outcome.kind === 'copied');
  assert.deepEqual([outcome.copied, outcome.missing], [[{ from: 1, to: 3 }], [2]]);
  assert.deepEqual(
    (await contentsOf(mail, inbox)).map(({ uid, id, system, keywords }) => [uid, id, system, keywords]),
    [
      [2, 'b', 0, []],
      [3, 'a', flagged, ['x']],
    ],
  );
});

test('a removed account answers gone to everything, and its deliveries accountGone', async () => {
  await using kit = await mailKit();
  const open = await kit.mail.open(kit.inbox);
  assert.ok(open.kind === 'open');
  assert.equal((await kit.mail.remove()).kind, 'done');
  assert.equal(await open.refresh(), 'deleted');
  open.close();
  assert.deepEqual(await kit.mail.deliver([newMessage('a')]), [{ kind: 'accountGone' }]);
  assert.equal((await kit.mail.usage()).kind, 'gone');
  assert.equal((await kit.mail.listFolders()).kind, 'gone');
  assert.equal((await kit.mail.open(kit.inbox)).kind, 'gone');
  assert.equal((await kit.mail.remove()).kind, 'gone');
  assert.equal((await kit.mail.createFolder({ name: 'A' })).kind, 'gone');
});

test('an account that never was is gone', async () => {
  await using kit = await mailKit();
  const nobody = kit.store.account(sound(parseAccountId('nobody'), 'account id'));
  assert.deepEqual(await nobody.deliver([newMessage('a')]), [{ kind: 'accountGone' }]);
});

test('the Recent watermark gives each message to one session', async () => {
  await using kit = await mailKit();
  assert.equal(await kit.mail.claimRecent(kit.inbox, uidOf(1)), 1);
  assert.equal(await kit.mail.claimRecent(kit.inbox, uidOf(4)), 1);
  assert.equal(await kit.mail.claimRecent(kit.inbox, uidOf(4)), 4);
  const claims = await Promise.all([7, 7, 7].map((upTo) => kit.mail.claimRecent(kit.inbox, uidOf(upTo))));
  assert.deepEqual(
    claims.toSorted((one, other) => one - other),
    [4, 7, 7],
  );
});
