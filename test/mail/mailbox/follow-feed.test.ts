/** Following the Feed: in each account's order, with bounded tries, and no record lost or in the way. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { followFeed } from '../../../mail/mailbox/feed/follow-feed.ts';
import { asidePartition, logSortKey } from '../../../mail/mailbox/keys.ts';
import { parseRev, sound } from '../../../mail/mailbox/types.ts';
import type { Feed } from '../../../mail/ports/feed.ts';
import type { Item, Table } from '../../../mail/ports/table.ts';
import { uidOf } from './mail-kit.ts';
import { deliverStored, dump, messageOf, sweepKit } from './sweep-kit.ts';
import type { SweepKit } from './sweep-kit.ts';

/** Ends the following when the feed has nothing more, or after so many reads. */
function untilEmpty(kit: SweepKit, stop: AbortController, maxReads = 20): Feed {
  let reads = 0;
  return {
    async read(options) {
      const records = await kit.feed.read({ ...options, waitMs: 0 });
      if (records.length === 0 || ++reads >= maxReads) stop.abort();
      return records;
    },
    done: (position) => kit.feed.done(position),
  };
}

async function follow(kit: SweepKit, options: { readonly table?: Table; readonly maxReads?: number } = {}) {
  const stop = new AbortController();
  const feed = untilEmpty(kit, stop, options.maxReads);
  await followFeed({ ...kit.feedPorts(options.table), feed, signal: stop.signal });
}

async function waiting(kit: SweepKit): Promise<readonly Item[]> {
  return (await kit.feed.read({ max: 100, waitMs: 0 })).map(({ item }) => item);
}

/** Expunges `a` and `b` in two commits; the record of the first. */
async function twoExpunges(kit: SweepKit): Promise<Item> {
  const { mail, inbox: mailbox } = kit;
  await deliverStored(kit, ['a', 'b']);
  await mail.expunge({ mailbox, uids: [uidOf(1)], any: true });
  await mail.expunge({ mailbox, uids: [uidOf(2)], any: true });
  const record = (await waiting(kit)).at(-2);
  assert.ok(record);
  return record;
}

/** Reading a message's item fails as often as it says. */
function failingOn(table: Table, options: { readonly message: string; readonly times: number }): Table {
  let failures = 0;
  return {
    limits: table.limits,
    async get(key, how) {
      if (key.sk === `message#${options.message}` && ++failures <= options.times)
        throw new Error('a fault of the table');
      return table.get(key, how);
    },
    getMany: (keys, how) => table.getMany(keys, how),
    query: (range) => table.query(range),
    commit: (writes, how) => table.commit(writes, how),
  };
}

test('followed to its end, the feed has no record left and every message is done', async () => {
  await using kit = await sweepKit();
  await twoExpunges(kit);
  await follow(kit);
  assert.deepEqual(await waiting(kit), []);
  for (const id of ['a', 'b']) assert.deepEqual((await messageOf(kit, id))?.places, []);
});

test('a record that fails for a while is tried again', async () => {
  await using kit = await sweepKit();
  await twoExpunges(kit);
  await follow(kit, { table: failingOn(kit.table, { message: 'a', times: 4 }) });
  assert.deepEqual((await messageOf(kit, 'a'))?.places, []);
  assert.deepEqual(await dump(kit.table, [asidePartition]), []);
  assert.equal(kit.metrics.counts.get('feed.failed'), 4);
});

test('a record that keeps failing is put aside with an alarm, the others go on, and the sweep makes good', async () => {
  await using kit = await sweepKit();
  const record = await twoExpunges(kit);
  await follow(kit, { table: failingOn(kit.table, { message: 'a', times: Infinity }) });
  assert.deepEqual(await waiting(kit), []);
  assert.equal((await messageOf(kit, 'a'))?.places.length, 1);
  assert.deepEqual((await messageOf(kit, 'b'))?.places, []);
  assert.equal(kit.metrics.counts.get('feed.putAside'), 1);
  const told = kit.log.lines.find(({ event }) => event === 'feed.putAside');
  assert.equal(told?.fields['record'], record.sk);
  const [aside] = await dump(kit.table, [asidePartition]);
  assert.equal(aside?.['skOfRecord'], record.sk);
  assert.equal((await kit.sweep()).aside, 1);
  assert.deepEqual((await messageOf(kit, 'a'))?.places, []);
  assert.deepEqual(await dump(kit.table, [asidePartition]), []);
});

test('a damaged record is put aside whole, under its own key', async () => {
  await using kit = await sweepKit();
  const sk = logSortKey(sound(parseRev(99), 'rev'));
  await kit.table.commit([{ kind: 'put', item: { pk: 'account#paco', sk, nonsense: true } }]);
  await follow(kit);
  assert.deepEqual(await waiting(kit), []);
  const [aside] = await dump(kit.table, [asidePartition]);
  assert.deepEqual([aside?.['pkOfRecord'], aside?.['skOfRecord']], ['account#paco', sk]);
  assert.equal((await kit.sweep()).failed, 1);
  assert.equal((await dump(kit.table, [asidePartition])).length, 1);
});

test('while not even putting aside works, no record is passed over', async () => {
  await using kit = await sweepKit();
  await twoExpunges(kit);
  const broken: Table = {
    ...failingOn(kit.table, { message: 'a', times: Infinity }),
    commit: () => Promise.reject(new Error('a fault of the table')),
  };
  const before = (await waiting(kit)).length;
  await follow(kit, { table: broken, maxReads: 3 });
  assert.equal((await waiting(kit)).length, before);
  assert.ok((kit.metrics.counts.get('feed.stopped') ?? 0) >= 2);
  await follow(kit);
  assert.deepEqual((await messageOf(kit, 'a'))?.places, []);
});

test('when it is stopped in the middle, its batch is read again by whoever follows next', async () => {
  await using kit = await sweepKit();
  await twoExpunges(kit);
  const before = (await waiting(kit)).length;
  await follow(kit, { maxReads: 1 });
  assert.equal((await waiting(kit)).length, before);
  await follow(kit);
  assert.deepEqual(await waiting(kit), []);
});
