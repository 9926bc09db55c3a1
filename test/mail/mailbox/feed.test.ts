/** What Feed makes of commits: places out of messages, last flags into indexes, notes for the sweep. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseExpireItem } from '../../../mail/mailbox/expire-entry.ts';
import { handleCommit } from '../../../mail/mailbox/feed/handle-commit.ts';
import { systemFlags } from '../../../mail/mailbox/flags.ts';
import { lastSeenOf } from '../../../mail/mailbox/index-record.ts';
import { lastSeenAt, maxLeftPlaces } from '../../../mail/mailbox/message-item.ts';
import { accountPartition, indexKey, mailboxPartition } from '../../../mail/mailbox/keys.ts';
import { contentsOf, mailboxNamed, numbered, StagedTable, uidOf } from './mail-kit.ts';
import type { Fault } from './mail-kit.ts';
import {
  dayMs,
  deliverStored,
  dump,
  dyingTable,
  expireEntries,
  messageOf,
  retentionDays,
  setLegalHold,
  startMs,
  sweepKit,
} from './sweep-kit.ts';
import type { SweepKit } from './sweep-kit.ts';

const flagged = { system: systemFlags.flagged | systemFlags.deleted, keywords: ['$Forwarded'] };

async function expungeFirst({ mail, inbox: mailbox }: SweepKit): Promise<void> {
  const uids = [uidOf(1)];
  await mail.storeFlags({ mailbox, uids, action: 'replace', flags: flagged });
  await mail.expunge({ mailbox, uids });
}

/** All that Feed may change. */
async function everything(kit: SweepKit) {
  const boxes = await Promise.all(['INBOX', 'Archive'].map((name) => mailboxNamed(kit.mail, name)));
  const items = await dump(kit.table, [accountPartition(kit.account), ...boxes.map(mailboxPartition)]);
  return [...items, ...(await expireEntries(kit, 40))];
}

test('an expunged place leaves its message, which is marked to expire after the retention', async () => {
  await using kit = await sweepKit();
  await deliverStored(kit, ['a']);
  await expungeFirst(kit);
  assert.equal((await messageOf(kit, 'a'))?.places.length, 1);
  await kit.runFeed();
  const message = await messageOf(kit, 'a');
  assert.deepEqual(message?.places, []);
  assert.equal(message.expiresAtMs, startMs + retentionDays * dayMs);
  const place = { mailbox: kit.inbox, uid: uidOf(1) };
  assert.deepEqual(lastSeenAt(message, place), { ...flagged, saveDateSeconds: startMs / 1000 });
  const entries = (await expireEntries(kit)).map(parseExpireItem);
  assert.deepEqual(entries, [
    {
      account: kit.account,
      dueAtMs: message.expiresAtMs,
      subject: { kind: 'place', message: message.messageId, place },
    },
  ]);
});

test('a message that another place shows is not marked', async () => {
  await using kit = await sweepKit();
  await deliverStored(kit, ['a']);
  const archive = await mailboxNamed(kit.mail, 'Archive');
  await kit.mail.copy({ from: kit.inbox, to: archive, uids: [uidOf(1)] });
  await expungeFirst(kit);
  await kit.runFeed();
  const message = await messageOf(kit, 'a');
  assert.deepEqual(message?.places, [{ mailbox: archive, uid: 1 }]);
  assert.equal(message.expiresAtMs, undefined);
});

test('a moved message has its new place only', async () => {
  await using kit = await sweepKit();
  await deliverStored(kit, ['a', 'b']);
  const archive = await mailboxNamed(kit.mail, 'Archive');
  await kit.mail.move({ from: kit.inbox, to: archive, uids: [uidOf(2)] });
  await kit.runFeed();
  assert.deepEqual((await messageOf(kit, 'b'))?.places, [{ mailbox: archive, uid: 1 }]);
  assert.deepEqual((await messageOf(kit, 'a'))?.places, [{ mailbox: kit.inbox, uid: 1 }]);
});

test('records that come again, in any order, change nothing', async () => {
  await using kit = await sweepKit();
  await deliverStored(kit, ['a', 'b']);
  const archive = await mailboxNamed(kit.mail, 'Archive');
  await kit.mail.copy({ from: kit.inbox, to: archive, uids: [uidOf(1), uidOf(2)] });
  await expungeFirst(kit);
  await kit.mail.move({ from: archive, to: kit.inbox, uids: [uidOf(1)] });
  const records = await kit.runFeed();
  const before = await everything(kit);
  kit.clock.nowMs += 5 * dayMs;
  for (const record of [...records, ...records.toReversed()]) await handleCommit(kit.feedPorts(), record);
  assert.deepEqual(await everything(kit), before);
});

test('a record that comes after an undelete takes the old place only, and the message stays', async () => {
  await using kit = await sweepKit();
  const { mail, inbox } = kit;
  await deliverStored(kit, ['a']);
  await expungeFirst(kit);
  const back = await mail.undelete({ from: inbox, to: inbox, uids: [uidOf(1)] });
  assert.deepEqual(back.kind === 'copied' && back.copied, [{ from: 1, to: 2 }]);
  await kit.runFeed();
  const message = await messageOf(kit, 'a');
  assert.deepEqual(message?.places, [{ mailbox: inbox, uid: 2 }]);
  assert.equal(message.expiresAtMs, undefined);
});

test('undelete after Feed brings the flags back and clears the expiry', async () => {
  await using kit = await sweepKit();
  const { mail, inbox } = kit;
  await deliverStored(kit, ['a']);
  await expungeFirst(kit);
  await kit.runFeed();
  await mail.undelete({ from: inbox, to: inbox, uids: [uidOf(1)] });
  const [record] = await contentsOf(mail, inbox);
  assert.deepEqual([record?.uid, record?.system, record?.keywords], [2, systemFlags.flagged, ['$Forwarded']]);
  assert.equal((await messageOf(kit, 'a'))?.expiresAtMs, undefined);
});

test('of more places than a message tells of the rest are told of in their indexes, and all come back', async () => {
  await using kit = await sweepKit();
  const { mail, inbox } = kit;
  await deliverStored(kit, ['a']);
  for (let copies = 0; copies < 10; copies++) await mail.copy({ from: inbox, to: inbox, uids: [uidOf(1)] });
  const uids = (await contentsOf(mail, inbox)).map(({ uid }) => uidOf(uid));
  await mail.storeFlags({ mailbox: inbox, uids, action: 'replace', flags: flagged });
  await mail.expunge({ mailbox: inbox });
  await kit.runFeed();
  const [first, ...others] = await Promise.all(uids.map((uid) => kit.table.get(indexKey(inbox, uid))));
  assert.equal((await messageOf(kit, 'a'))?.left?.length, maxLeftPlaces);
  assert.equal(first && lastSeenOf(first), undefined);
  assert.equal(others.filter((item) => item && lastSeenOf(item)).length, uids.length - maxLeftPlaces);
  await mail.undelete({ from: inbox, to: inbox, uids });
  const back = await contentsOf(mail, inbox);
  assert.deepEqual(
    back.map(({ system, keywords }) => [system, keywords]),
    uids.map(() => [systemFlags.flagged, ['$Forwarded']]),
  );
});

test('what a message tells of the places that it left is forgotten after the retention', async () => {
  await using kit = await sweepKit();
  const { mail, inbox } = kit;
  await deliverStored(kit, ['a']);
  const archive = await mailboxNamed(mail, 'Archive');
  await mail.move({ from: inbox, to: archive, uids: [uidOf(1)] });
  await kit.runFeed();
  kit.clock.nowMs += (retentionDays + 1) * dayMs;
  await mail.move({ from: archive, to: inbox, uids: [uidOf(1)] });
  await kit.runFeed();
  const left = (await messageOf(kit, 'a'))?.left?.map(({ place }) => place);
  assert.deepEqual(left, [{ mailbox: archive, uid: 1 }]);
});

test('under legal hold no message is marked, and the hold outlives commits', async () => {
  await using kit = await sweepKit();
  await setLegalHold(kit, true);
  await deliverStored(kit, ['a']);
  await expungeFirst(kit);
  await kit.runFeed();
  const message = await messageOf(kit, 'a');
  assert.deepEqual(message?.places, []);
  assert.equal(message.expiresAtMs, undefined);
  assert.equal((await expireEntries(kit)).length, 1);
});

test('a hundred places of one message go in as many transactions as they need', async () => {
  await using kit = await sweepKit();
  const { mail, inbox } = kit;
  await deliverStored(kit, ['a']);
  for (let copies = 0; copies < 4; copies++) {
    const uids = (await contentsOf(mail, inbox)).map(({ uid }) => uidOf(uid));
    for (let times = 0; times < 2; times++) await mail.copy({ from: inbox, to: inbox, uids });
  }
  assert.equal((await contentsOf(mail, inbox)).length, 81);
  const uids = (await contentsOf(mail, inbox)).map(({ uid }) => uidOf(uid));
  await mail.expunge({ mailbox: inbox, uids, any: true });
  await kit.runFeed();
  assert.deepEqual((await messageOf(kit, 'a'))?.places, []);
  assert.equal((await expireEntries(kit)).length, 81);
});

/** Commits of every kind that leave Feed something to do. */
async function manyKinds(kit: SweepKit): Promise<void> {
  const { mail, inbox } = kit;
  await deliverStored(kit, numbered('m', 4));
  const archive = await mailboxNamed(mail, 'Archive');
  await mail.copy({ from: inbox, to: archive, uids: [uidOf(1), uidOf(2)] });
  await expungeFirst(kit);
  await mail.move({ from: inbox, to: archive, uids: [uidOf(3)] });
  await mail.deleteFolder('Junk');
  await mail.expunge({ mailbox: archive, uids: [uidOf(1), uidOf(3)], any: true });
}

async function undisturbed() {
  await using kit = await sweepKit();
  await manyKinds(kit);
  const table = dyingTable(kit.table, { commit: Infinity, afterCommit: false });
  await kit.runFeed(table);
  return { commits: table.commits(), all: await everything(kit) };
}

test('a process that dies at any commit of Feed leaves what the next one finishes', async () => {
  const { commits, all } = await undisturbed();
  assert.ok(commits >= 5);
  for (let commit = 1; commit <= commits; commit++)
    for (const afterCommit of [false, true]) {
      await using kit = await sweepKit();
      await manyKinds(kit);
      await assert.rejects(kit.runFeed(dyingTable(kit.table, { commit, afterCommit })), /dead/);
      await kit.runFeed();
      assert.deepEqual(await everything(kit), all, `commit ${commit}`);
    }
});

for (const fault of ['answerLost', 'requestLost', 'late', 'conflict', 'throttled'] as const satisfies Fault[])
  test(`${fault} at any commit of Feed changes nothing of the result`, async () => {
    const { commits, all } = await undisturbed();
    for (let at = 0; at < commits; at++) {
      await using kit = await sweepKit();
      await manyKinds(kit);
      const staged = new StagedTable(kit.table);
      staged.faultFor = (commit) => (commit === at ? fault : undefined);
      await kit.runFeed(staged);
      assert.deepEqual(await everything(kit), all, `${fault} at ${at}`);
    }
  });

test('an undelete into the same mailbox does not find what it has just put there itself', async () => {
  await using kit = await sweepKit();
  const { mail, inbox } = kit;
  await deliverStored(kit, ['a']);
  await expungeFirst(kit);
  const outcome = await mail.undelete({ from: inbox, to: inbox, uids: [1, 2, 3].map(uidOf) });
  assert.ok(outcome.kind === 'copied');
  assert.deepEqual([outcome.copied, outcome.missing], [[{ from: 1, to: 2 }], [2, 3]]);
});
