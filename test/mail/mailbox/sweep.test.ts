/** What the sweep deletes, what it leaves, and that it may die at any point. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { expireItem } from '../../../mail/mailbox/expire-entry.ts';
import { sideObjectKey } from '../../../mail/mailbox/index-record.ts';
import {
  accountPartition,
  bulkPrefix,
  expirePartition,
  indexKey,
  mailboxPartition,
} from '../../../mail/mailbox/keys.ts';
import type { Blobs } from '../../../mail/ports/blobs.ts';
import { contentsOf, idsIn, mailboxNamed, numbered, StagedTable, uidOf } from './mail-kit.ts';
import {
  blobKeyOf,
  dayMs,
  deliverStored,
  dump,
  dyingTable,
  expireEntries,
  messageOf,
  setLegalHold,
  startMs,
  storedMessage,
  sweepKit,
} from './sweep-kit.ts';
import type { SweepKit } from './sweep-kit.ts';

const due = startMs + 30 * dayMs;

async function expunge({ mail, inbox: mailbox }: SweepKit, ...uids: readonly number[]): Promise<void> {
  await mail.expunge({ mailbox, uids: uids.map(uidOf), any: true });
}

test('a message goes with its blob, its index and its entry when it is due, and not a moment before', async () => {
  await using kit = await sweepKit();
  await deliverStored(kit, ['a']);
  await expunge(kit, 1);
  await kit.runFeed();
  kit.clock.nowMs = due - 1;
  assert.equal((await kit.sweep()).messages, 0);
  assert.ok(await messageOf(kit, 'a'));
  kit.clock.nowMs = due;
  const counts = await kit.sweep();
  assert.deepEqual([counts.messages, counts.blobs, counts.places, counts.failed], [1, 1, 1, 0]);
  assert.equal(await messageOf(kit, 'a'), undefined);
  assert.equal(kit.blobs.stored.size, 0);
  assert.deepEqual(await dump(kit.table, [mailboxPartition(kit.inbox)]), []);
  assert.deepEqual(await expireEntries(kit), []);
  assert.equal(kit.metrics.counts.get('sweep.messages'), 1);
});

test('an index that Feed has noted and not yet taken out is left alone, and goes in its turn', async () => {
  await using kit = await sweepKit();
  await deliverStored(kit, ['a']);
  await expunge(kit, 1);
  // Feed's last commit is the one that takes the place out.
  const dying = dyingTable(kit.table, { commit: 2, afterCommit: false });
  await assert.rejects(kit.runFeed(dying), /dead/);
  assert.equal((await messageOf(kit, 'a'))?.places.length, 1);
  kit.clock.nowMs = due;
  assert.deepEqual([(await kit.sweep()).places, kit.blobs.stored.size], [0, 1]);
  await kit.runFeed();
  kit.clock.nowMs = due + 30 * dayMs;
  await kit.sweep();
  assert.deepEqual(await dump(kit.table, [mailboxPartition(kit.inbox)]), []);
  assert.equal(kit.blobs.stored.size, 0);
});

test('the side object of a large index goes with the blob', async () => {
  await using kit = await sweepKit();
  const small = storedMessage(kit, 'a');
  const index = { ...small.index, envelope: 'x'.repeat(70_000) };
  await kit.mail.append({ mailbox: kit.inbox, messages: [{ index }] });
  assert.ok(kit.blobs.stored.has(sideObjectKey(blobKeyOf('a'))));
  await expunge(kit, 1);
  await kit.runFeed();
  kit.clock.nowMs = due;
  await kit.sweep();
  assert.equal(kit.blobs.stored.size, 0);
});

test('a message that another place shows keeps its blob when the old place goes', async () => {
  await using kit = await sweepKit();
  await deliverStored(kit, ['a']);
  const archive = await mailboxNamed(kit.mail, 'Archive');
  await kit.mail.move({ from: kit.inbox, to: archive, uids: [uidOf(1)] });
  await kit.runFeed();
  kit.clock.nowMs = due;
  const counts = await kit.sweep();
  assert.deepEqual([counts.messages, counts.blobs, counts.places], [0, 0, 1]);
  assert.equal(await kit.table.get(indexKey(kit.inbox, uidOf(1))), undefined);
  assert.deepEqual(await idsIn(kit.mail, archive), ['a']);
  assert.ok(kit.blobs.stored.has(blobKeyOf('a')));
});

test('a message that came back is not deleted by its old entry', async () => {
  await using kit = await sweepKit();
  await deliverStored(kit, ['a']);
  await expunge(kit, 1);
  await kit.runFeed();
  await kit.mail.undelete({ from: kit.inbox, to: kit.inbox, uids: [uidOf(1)] });
  kit.clock.nowMs = due + dayMs;
  assert.equal((await kit.sweep()).messages, 0);
  assert.deepEqual(await idsIn(kit.mail, kit.inbox), ['a']);
  assert.ok(kit.blobs.stored.has(blobKeyOf('a')));
});

test('an undelete between the reading and the deletion wins', async () => {
  await using kit = await sweepKit();
  await deliverStored(kit, ['a']);
  await expunge(kit, 1);
  await kit.runFeed();
  kit.clock.nowMs = due;
  const staged = new StagedTable(kit.table);
  staged.beforeCommit = async (commit) => {
    if (commit === 0) await kit.mail.undelete({ from: kit.inbox, to: kit.inbox, uids: [uidOf(1)] });
  };
  assert.equal((await kit.sweep({ table: staged })).messages, 0);
  assert.deepEqual(await idsIn(kit.mail, kit.inbox), ['a']);
  assert.ok(kit.blobs.stored.has(blobKeyOf('a')));
});

test('under legal hold nothing goes; some time after it is lifted, it does', async () => {
  await using kit = await sweepKit();
  await deliverStored(kit, ['a', 'b']);
  await expunge(kit, 1);
  await kit.runFeed();
  await setLegalHold(kit, true);
  await expunge(kit, 2);
  await kit.runFeed();
  kit.clock.nowMs = due;
  const counts = await kit.sweep();
  assert.deepEqual([counts.messages, counts.places, counts.postponed], [0, 0, 2]);
  assert.equal(kit.blobs.stored.size, 2);
  await setLegalHold(kit, false);
  kit.clock.nowMs = due + 30 * dayMs;
  assert.equal((await kit.sweep()).messages, 2);
  assert.equal(kit.blobs.stored.size, 0);
});

test('a blob that was written anew meanwhile stays: its message is on its way in again', async () => {
  await using kit = await sweepKit();
  await deliverStored(kit, ['a']);
  await expunge(kit, 1);
  await kit.runFeed();
  kit.clock.nowMs = due;
  kit.blobs.put(blobKeyOf('a'));
  assert.equal((await kit.sweep()).messages, 1);
  assert.ok(kit.blobs.stored.has(blobKeyOf('a')));
  await deliverStored(kit, ['a']);
  assert.deepEqual(await idsIn(kit.mail, kit.inbox), ['a']);
  kit.clock.nowMs += 40 * dayMs;
  await kit.sweep();
  assert.ok(kit.blobs.stored.has(blobKeyOf('a')));
});

async function deletedFolder(kit: SweepKit) {
  const { mail, inbox } = kit;
  await deliverStored(kit, numbered('m', 150));
  const junk = await mailboxNamed(mail, 'Junk');
  await mail.move({ from: inbox, to: junk, uids: numbered('', 150).map((uid) => uidOf(Number(uid))) });
  const flags = { system: 1, keywords: ['kept'] };
  await mail.storeFlags({ mailbox: junk, uids: [uidOf(7)], action: 'add', flags });
  await mail.deleteFolder('Junk');
  await kit.runFeed();
  return junk;
}

test('a deleted folder is drained at once, block by block, in as many runs as it takes', async () => {
  await using kit = await sweepKit();
  const junk = await deletedFolder(kit);
  const first = await kit.sweep({ maxSteps: 2 });
  assert.equal(first.mailboxes, 0);
  const left = (await dump(kit.table, [mailboxPartition(junk)])).filter(({ sk }) => sk.startsWith('s#'));
  assert.equal(left.length, 2);
  let runs = 1;
  while ((await kit.sweep({ maxSteps: 2 })).mailboxes === 0) assert.ok(++runs < 10);
  assert.deepEqual((await messageOf(kit, 'm150'))?.places, []);
  const items = await dump(kit.table, [mailboxPartition(junk)]);
  assert.ok(items.length === 150 && items.every(({ sk }) => sk.startsWith('m#')));
  const back = await kit.mail.undelete({ from: junk, to: kit.inbox, uids: [uidOf(7)] });
  assert.equal(back.kind, 'copied');
  const [record] = await contentsOf(kit.mail, kit.inbox);
  assert.deepEqual([record?.id, record?.system, record?.keywords], ['m7', 1, ['kept']]);
  kit.clock.nowMs = due;
  await kit.sweep();
  assert.deepEqual([...kit.blobs.stored.keys()], [blobKeyOf('m7')]);
  assert.deepEqual(await dump(kit.table, [mailboxPartition(junk)]), []);
});

test('what was INBOX before a RENAME can be deleted, and is drained as any other folder', async () => {
  await using kit = await sweepKit();
  await deliverStored(kit, ['a', 'b']);
  await kit.mail.renameFolder({ from: 'INBOX', to: 'Old' });
  await deliverStored(kit, ['c']);
  const entry = {
    account: kit.account,
    dueAtMs: startMs,
    subject: { kind: 'mailbox', mailbox: kit.inbox },
  } as const;
  await kit.table.commit([{ kind: 'put', item: expireItem(entry) }]);
  await kit.sweep();
  assert.equal((await contentsOf(kit.mail, kit.inbox)).length, 2, 'never what is still shown');
  await kit.mail.deleteFolder('Old');
  await kit.runFeed();
  assert.equal((await kit.sweep()).mailboxes, 1);
  assert.deepEqual((await messageOf(kit, 'a'))?.places, []);
  const inbox = await mailboxNamed(kit.mail, 'INBOX');
  assert.deepEqual(await idsIn(kit.mail, inbox), ['c']);
  const usage = await kit.mail.usage();
  assert.equal(usage.kind === 'usage' && usage.messages, 1);
});

test('a removed account goes after the retention, whole, in as many runs as it takes', async () => {
  await using kit = await sweepKit();
  const junk = await deletedFolder(kit);
  await deliverStored(kit, numbered('n', 70));
  await expunge(kit, 151, 160);
  const other = 'mailboxes/example.test/other~other/2026-11/x.eml';
  await kit.mail.remove();
  await kit.runFeed();
  await kit.sweep();
  assert.equal(kit.blobs.stored.size, 220);
  kit.clock.nowMs = due;
  kit.blobs.put(other);
  for (let runs = 0; (await kit.sweep({ maxSteps: 5 })).accounts === 0; runs++) assert.ok(runs < 200);
  while ((await kit.sweep()).places > 0);
  assert.deepEqual([...kit.blobs.stored.keys()], [other]);
  const partitions = [accountPartition(kit.account), ...[kit.inbox, junk].map(mailboxPartition)];
  assert.deepEqual(await dump(kit.table, partitions), []);
  assert.deepEqual(await expireEntries(kit), []);
  assert.deepEqual(await kit.mail.usage(), { kind: 'gone' });
});

test('a removed account under legal hold stays', async () => {
  await using kit = await sweepKit();
  await deliverStored(kit, ['a']);
  await setLegalHold(kit, true);
  await kit.mail.remove();
  kit.clock.nowMs = due;
  assert.equal((await kit.sweep()).accounts, 0);
  kit.clock.nowMs += 31 * dayMs;
  await kit.sweep();
  assert.ok(await messageOf(kit, 'a'));
  assert.equal(kit.blobs.stored.size, 1);
});

async function bulksOf(kit: SweepKit) {
  return (await kit.table.query({ pk: accountPartition(kit.account), prefix: bulkPrefix })).items;
}

test('what a writer that died had copied is undone when it is stale; a live one is left alone', async () => {
  await using kit = await sweepKit();
  await deliverStored(kit, numbered('m', 150));
  const archive = await mailboxNamed(kit.mail, 'Archive');
  const staged = new StagedTable(kit.table);
  staged.faultFor = (commit) => (commit >= 2 ? 'requestLost' : undefined);
  const dying = kit.another({ table: staged, seed: 5 }).account(kit.account);
  const uids = numbered('', 150).map((uid) => uidOf(Number(uid)));
  await assert.rejects(dying.copy({ from: kit.inbox, to: archive, uids }));
  assert.equal((await bulksOf(kit)).length, 1);
  const there = (await idsIn(kit.mail, archive)).length;
  assert.ok(there > 0);
  kit.clock.nowMs += 14 * 60_000;
  assert.equal((await kit.sweep()).bulks, 0);
  assert.equal((await idsIn(kit.mail, archive)).length, there);
  kit.clock.nowMs += 2 * 60_000;
  assert.equal((await kit.sweep()).bulks, 1);
  assert.deepEqual(await idsIn(kit.mail, archive), []);
  assert.deepEqual(await bulksOf(kit), []);
  await kit.runFeed();
  assert.deepEqual((await messageOf(kit, 'm1'))?.places, [{ mailbox: kit.inbox, uid: 1 }]);
});

test('an entry that cannot be understood is told, moved to the next day, and holds up no other', async () => {
  await using kit = await sweepKit();
  await deliverStored(kit, ['a']);
  await expunge(kit, 1);
  await kit.runFeed();
  const [entry] = await expireEntries(kit);
  assert.ok(entry);
  await kit.table.commit([{ kind: 'put', item: { pk: entry.pk, sk: 'paco#nonsense#1', dueAtMs: 1 } }]);
  kit.clock.nowMs = due;
  const counts = await kit.sweep();
  assert.deepEqual([counts.messages, counts.failed], [1, 1]);
  assert.ok(kit.log.lines.some(({ event }) => event === 'sweep.failed'));
  const shard = Number(entry.pk.split('#')[2]);
  const tomorrow = expirePartition(new Date(due + dayMs).toISOString().slice(0, 10), shard);
  assert.equal((await dump(kit.table, [tomorrow])).length, 1);
});

test('a second run on the same day finds nothing to do', async () => {
  await using kit = await sweepKit();
  await deletedFolder(kit);
  await expunge(kit, 1);
  kit.clock.nowMs = due + dayMs;
  await kit.sweep();
  const again = await kit.sweep();
  assert.deepEqual(
    Object.values(again).filter((count) => count > 0),
    [],
  );
});

/** Messages of each kind, all due. */
async function allDue(kit: SweepKit): Promise<void> {
  const { mail, inbox } = kit;
  await deliverStored(kit, numbered('m', 5));
  const archive = await mailboxNamed(mail, 'Archive');
  const junk = await mailboxNamed(mail, 'Junk');
  await mail.copy({ from: inbox, to: archive, uids: [uidOf(1), uidOf(2)] });
  await mail.move({ from: inbox, to: junk, uids: [uidOf(3)] });
  await expunge(kit, 1, 4);
  await mail.expunge({ mailbox: archive, uids: [uidOf(2)], any: true });
  await mail.deleteFolder('Junk');
  await kit.runFeed();
  await kit.sweep();
  kit.clock.nowMs = due;
}

/** What must be there at the end, and is there from the start. */
async function assertSwept(kit: SweepKit): Promise<void> {
  const { mail, inbox } = kit;
  assert.deepEqual(await idsIn(mail, inbox), ['m2', 'm5']);
  assert.deepEqual(await idsIn(mail, await mailboxNamed(mail, 'Archive')), ['m1']);
  assert.deepEqual(
    [...kit.blobs.stored.keys()].toSorted(),
    ['m1', 'm2', 'm5'].map((id) => blobKeyOf(id)),
  );
  assert.deepEqual([await messageOf(kit, 'm3'), await messageOf(kit, 'm4')], [undefined, undefined]);
  const indexes = (await dump(kit.table, [mailboxPartition(inbox)])).filter(({ sk }) => sk.startsWith('m#'));
  assert.equal(indexes.length, 2);
  assert.deepEqual(await expireEntries(kit), []);
}

/** Each blob's message is looked for at its deletion: it must be gone before. */
function blobsThatMindTheOrder(kit: SweepKit, failAt: number): Blobs {
  let calls = 0;
  return new Proxy(kit.blobs, {
    get(blobs, name) {
      if (name !== 'delete') return Reflect.get(blobs, name, blobs) as unknown;
      return async (keys: readonly string[]) => {
        if (++calls === failAt) throw new Error('the process is dead');
        for (const id of numbered('m', 5))
          if (keys.includes(blobKeyOf(id)))
            assert.equal(await messageOf(kit, id), undefined, `${id} is still there`);
        await blobs.delete(keys);
      };
    },
  });
}

test('a sweep that dies at any commit, before or after it took place, is finished by the next', async () => {
  let commits = 0;
  {
    await using kit = await sweepKit();
    await allDue(kit);
    const table = dyingTable(kit.table, { commit: Infinity, afterCommit: false });
    await kit.sweep({ table, blobs: blobsThatMindTheOrder(kit, 0) });
    commits = table.commits();
    await assertSwept(kit);
  }
  assert.ok(commits >= 7);
  for (let commit = 1; commit <= commits; commit++)
    for (const afterCommit of [false, true]) {
      await using kit = await sweepKit();
      await allDue(kit);
      const table = dyingTable(kit.table, { commit, afterCommit });
      const died = await kit.sweep({ table, blobs: blobsThatMindTheOrder(kit, 0) });
      assert.ok(died.failed > 0);
      const next = await kit.sweep({ blobs: blobsThatMindTheOrder(kit, 0) });
      assert.equal(next.failed, 0);
      await assertSwept(kit);
    }
});

test('a sweep whose blobs fail tries again the next day', async () => {
  for (const failAt of [1, 2]) {
    await using kit = await sweepKit();
    await allDue(kit);
    const died = await kit.sweep({ blobs: blobsThatMindTheOrder(kit, failAt) });
    assert.equal(died.failed, 1);
    kit.clock.nowMs += dayMs;
    await kit.sweep({ blobs: blobsThatMindTheOrder(kit, 0) });
    await assertSwept(kit);
  }
});

test('two sweeps at once delete everything once and nothing else', async () => {
  await using kit = await sweepKit();
  await allDue(kit);
  const both = await Promise.all([kit.sweep(), kit.sweep()]);
  assert.deepEqual(
    both.map(({ failed }) => failed),
    [0, 0],
  );
  await assertSwept(kit);
});
