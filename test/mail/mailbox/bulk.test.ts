/** Operations larger than one transaction of 100 writes. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseBulkItem } from '../../../mail/mailbox/bulk-item.ts';
import { systemFlags } from '../../../mail/mailbox/flags.ts';
import { accountPartition, bulkPrefix } from '../../../mail/mailbox/keys.ts';
import type { Fault, MailKit } from './mail-kit.ts';
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

const many = 150;
const ids = numbered('m', many);
const allUids = ids.map((_, at) => uidOf(at + 1));

async function bulksOf(kit: MailKit) {
  const page = await kit.raw.query({ pk: accountPartition(kit.account), prefix: bulkPrefix });
  return page.items.map(parseBulkItem);
}

async function usageOf(kit: MailKit) {
  const usage = await kit.mail.usage();
  return usage.kind === 'usage' ? [usage.bytes, usage.messages] : usage.kind;
}

test('deliveries are cut where a transaction is full, in their order', async () => {
  await using kit = await mailKit();
  const before = kit.staged.commits;
  await deliverMany(kit.mail, ids);
  assert.ok(kit.staged.commits - before > 1);
  assert.deepEqual(await idsIn(kit.mail, kit.inbox), ids);
});

test('an APPEND of 150 messages is all there, in its order, and leaves no bulk record', async () => {
  await using kit = await mailKit();
  const outcome = await kit.mail.append({ mailbox: kit.inbox, messages: ids.map((id) => newMessage(id)) });
  assert.deepEqual(outcome.kind === 'appended' && outcome.uids, allUids);
  assert.deepEqual(await idsIn(kit.mail, kit.inbox), ids);
  assert.deepEqual(await bulksOf(kit), []);
});

test('an APPEND of 150 of which one is a duplicate leaves nothing behind', async () => {
  await using kit = await mailKit();
  await deliverMany(kit.mail, ['m140']);
  const outcome = await kit.mail.append({ mailbox: kit.inbox, messages: ids.map((id) => newMessage(id)) });
  assert.deepEqual(outcome, { kind: 'duplicate', messageId: 'm140' });
  assert.deepEqual(await idsIn(kit.mail, kit.inbox), ['m140']);
  assert.deepEqual(await bulksOf(kit), []);
  assert.deepEqual(await usageOf(kit), [1000, 1]);
});

test('COPY of 150 messages is whole, and checked for room before it begins', async () => {
  await using kit = await mailKit({ quotaBytes: many * 2000 });
  const { mail, inbox } = kit;
  await deliverMany(mail, ids);
  const archive = await mailboxNamed(mail, 'Archive');
  const outcome = await mail.copy({ from: inbox, to: archive, uids: allUids });
  assert.deepEqual(
    outcome.kind === 'copied' && outcome.copied,
    allUids.map((uid) => ({ from: uid, to: uid })),
  );
  assert.deepEqual(await idsIn(mail, archive), ids);
  assert.deepEqual(await bulksOf(kit), []);
  const before = kit.staged.commits;
  assert.equal((await mail.copy({ from: inbox, to: archive, uids: allUids })).kind, 'overQuota');
  assert.equal(kit.staged.commits, before);
});

test('a COPY that runs out of room in the middle leaves nothing in its target', async () => {
  await using kit = await mailKit({ quotaBytes: many * 2000 });
  const { mail, inbox } = kit;
  await deliverMany(mail, ids);
  const archive = await mailboxNamed(mail, 'Archive');
  const other = kit.another({ table: kit.raw, seed: 2 }).account(kit.account);
  const start = kit.staged.commits;
  kit.staged.beforeCommit = async (commit) => {
    if (commit === start + 1) await other.deliver([newMessage('large', { size: 100_000 })]);
  };
  assert.equal((await mail.copy({ from: inbox, to: archive, uids: allUids })).kind, 'overQuota');
  assert.deepEqual(await idsIn(mail, archive), []);
  assert.deepEqual(await bulksOf(kit), []);
  assert.deepEqual(await usageOf(kit), [many * 1000 + 100_000, many + 1]);
});

for (const fault of ['answerLost', 'requestLost', 'late', 'throttled'] as const satisfies readonly Fault[])
  test(`${fault} in any part of a COPY of 150 changes nothing of the result`, async () => {
    for (let part = 0; part < 4; part++) {
      await using kit = await mailKit();
      const { mail, inbox } = kit;
      await deliverMany(mail, ids);
      const archive = await mailboxNamed(mail, 'Archive');
      const at = kit.staged.commits + part;
      kit.staged.faultFor = (commit) => (commit === at ? fault : undefined);
      assert.equal((await mail.copy({ from: inbox, to: archive, uids: allUids })).kind, 'copied');
      assert.deepEqual(await idsIn(mail, archive), ids);
    }
  });

test('what a writer that died had copied is taken out by its bulk record', async () => {
  await using kit = await mailKit();
  const { mail, inbox } = kit;
  await deliverMany(mail, ids);
  const archive = await mailboxNamed(mail, 'Archive');
  const start = kit.staged.commits;
  kit.staged.faultFor = (commit) => (commit >= start + 2 ? 'requestLost' : undefined);
  await assert.rejects(mail.copy({ from: inbox, to: archive, uids: allUids }));
  const [bulk] = await bulksOf(kit);
  assert.ok(bulk);
  assert.equal(bulk.mailbox, archive);
  const sweep = kit.another({ table: kit.raw, seed: 3 });
  const left = await contentsOf(sweep.account(kit.account), archive);
  assert.ok(left.length > 0 && left.length < many);
  await sweep.undoBulk(kit.account, bulk.token);
  assert.deepEqual(await idsIn(sweep.account(kit.account), archive), []);
  assert.deepEqual(await bulksOf(kit), []);
});

test('a bulk that the sweep undoes under its writer ends with nothing there', async () => {
  await using kit = await mailKit();
  const { mail, inbox } = kit;
  await deliverMany(mail, ids);
  const archive = await mailboxNamed(mail, 'Archive');
  const sweep = kit.another({ table: kit.raw, seed: 3 });
  const start = kit.staged.commits;
  kit.staged.beforeCommit = async (commit) => {
    const [bulk] = await bulksOf(kit);
    if (commit === start + 2 && bulk !== undefined) await sweep.undoBulk(kit.account, bulk.token);
  };
  await assert.rejects(mail.copy({ from: inbox, to: archive, uids: allUids }), /undone meanwhile/);
  assert.deepEqual(await idsIn(mail, archive), []);
  assert.deepEqual(await bulksOf(kit), []);
});

test('MOVE of 150 messages leaves none behind and loses none', async () => {
  await using kit = await mailKit();
  const { mail, inbox } = kit;
  await deliverMany(mail, ids);
  const archive = await mailboxNamed(mail, 'Archive');
  const outcome = await mail.move({ from: inbox, to: archive, uids: allUids });
  assert.equal(outcome.kind === 'copied' && outcome.copied.length, many);
  assert.deepEqual(await idsIn(mail, inbox), []);
  assert.deepEqual(await idsIn(mail, archive), ids);
  assert.deepEqual(await usageOf(kit), [many * 1000, many]);
});

test('STORE and EXPUNGE over more blocks than a transaction takes are done whole', async () => {
  await using kit = await mailKit();
  const { mail, inbox: mailbox } = kit;
  await deliverMany(mail, ids);
  kit.staged.limits = { maxWrites: 8, maxBytes: 4 * 2 ** 20 };
  const small = kit.another({ seed: 5 }).account(kit.account);
  const flags = { system: systemFlags.deleted, keywords: [] };
  const stored = await small.storeFlags({ mailbox, uids: allUids, action: 'add', flags });
  assert.equal(stored.kind === 'stored' && stored.changed.length, many);
  const expunged = await small.expunge({ mailbox });
  assert.deepEqual(expunged.kind === 'expunged' && expunged.uids, allUids);
  assert.deepEqual(await usageOf(kit), [0, 0]);
});

test('messages with large indexes are cut by bytes', async () => {
  await using kit = await mailKit();
  kit.staged.limits = { maxWrites: 100, maxBytes: 400_000 };
  const small = kit.another({ seed: 5 }).account(kit.account);
  const messages = numbered('m', 20).map((id) => newMessage(id, { envelope: 'x'.repeat(50_000) }));
  const outcome = await small.append({ mailbox: kit.inbox, messages });
  assert.equal(outcome.kind, 'appended');
  assert.deepEqual(await idsIn(kit.mail, kit.inbox), numbered('m', 20));
  assert.deepEqual(await bulksOf(kit), []);
});
