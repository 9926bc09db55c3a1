/**
 * The contract of the Feed port, for every driver. A fixture gives the feed together with the table whose commits it
 * tells.
 */
import assert from 'node:assert/strict';
import type { Feed, FeedRecord } from '../../mail/ports/feed.ts';
import type { Table, Write } from '../../mail/ports/table.ts';
import { startChild } from './child-process.ts';
import { contractTest } from './contract.ts';
import type { Fixture } from './contract.ts';

/** A feed, and the table that it tells of. */
export interface FeedOfTable {
  readonly feed: Feed;
  readonly table: Table;
}

/** What a driver may leave out. */
export type FeedFeature = 'only log items' | 'all in the order of the commits';

export interface FeedDriver {
  readonly name: string;
  /** With a clock that goes: a read waits in real time. */
  readonly fixture: () => Promise<Fixture<FeedOfTable>>;
  readonly unsupported: Readonly<Partial<Record<FeedFeature, string>>>;
}

interface FeedCase {
  readonly name: string;
  readonly needs?: FeedFeature;
  readonly body: (port: FeedOfTable, fixture: Fixture<FeedOfTable>) => Promise<void>;
}

/** Defines the tests of the Feed port for one driver. */
export function feedContract(driver: FeedDriver): void {
  for (const { name, needs, body } of cases)
    contractTest<FeedOfTable, Fixture<FeedOfTable>>({
      driver: driver.name,
      name,
      fixture: driver.fixture,
      unsupported: needs && driver.unsupported[needs],
      body,
    });
}

const now = { max: 100, waitMs: 0 } as const;
/** Longer than anything here takes; a test that waits so long has failed. */
const soon = { max: 100, waitMs: 20_000 } as const;

function log(account: string, rev: number): Write {
  const sk = `c#${String(rev).padStart(6, '0')}`;
  return { kind: 'put', item: { pk: `account#${account}`, sk, rev, bytes: new Uint8Array([rev % 256]) } };
}

function clock(account: string, rev: number): Write {
  return { kind: 'put', item: { pk: `account#${account}`, sk: 'clock', rev } };
}

const names = (records: readonly FeedRecord[]) =>
  records.map(({ item }) => `${item.pk.slice('account#'.length)} ${Number(item['rev'])}`);

/** Reads and ends everything until `count` different records have come. */
async function drain(feed: Feed, count: number): Promise<readonly string[]> {
  const seen = new Set<string>();
  while (seen.size < count) {
    const records = await feed.read(soon);
    assert.ok(records.length > 0, `${seen.size} of ${count} records came`);
    for (const name of names(records)) seen.add(name);
    const last = records.at(-1);
    if (last) await feed.done(last.position);
  }
  return [...seen];
}

const cases: readonly FeedCase[] = [
  {
    name: 'a log item is told whole, as it was put',
    body: async ({ feed, table }) => {
      const put = log('a', 1);
      await table.commit([put, clock('a', 1)]);
      const [record] = await feed.read(soon);
      assert.deepEqual(record?.item, put.kind === 'put' && put.item);
    },
  },
  {
    name: 'nothing but log items is told, and nothing of a commit that did not take place',
    needs: 'only log items',
    body: async ({ feed, table }) => {
      await table.commit([clock('a', 1), { kind: 'put', item: { pk: 'account#a', sk: 'c', rev: 1 } }]);
      await table.commit([log('a', 1), { kind: 'check', key: log1, condition: { kind: 'present' } }]);
      assert.deepEqual(await feed.read(now), []);
      await table.commit([log('a', 2)]);
      await table.commit([{ kind: 'delete', key: { pk: 'account#a', sk: 'c#000002' } }]);
      assert.deepEqual(names(await feed.read(soon)), ['a 2']);
    },
  },
  {
    name: 'the log items of an account come in the order of their commits',
    body: async ({ feed, table }) => {
      for (let rev = 1; rev <= 30; rev++)
        await Promise.all(
          ['a', 'b', 'c'].map((account) => table.commit([log(account, rev), clock(account, rev)])),
        );
      const all = await drain(feed, 90);
      for (const account of ['a', 'b', 'c'])
        assert.deepEqual(
          all.filter((name) => name.startsWith(account)),
          Array.from({ length: 30 }, (_, index) => `${account} ${index + 1}`),
        );
    },
  },
  {
    name: 'positions are ordered by code units, and stay so past powers of ten',
    needs: 'all in the order of the commits',
    body: async ({ feed, table }) => {
      for (let rev = 1; rev <= 120; rev++) await table.commit([log('a', rev)], { until: 'visible' });
      const records = await feed.read({ max: 1000, waitMs: 0 });
      assert.equal(records.length, 120);
      const positions = records.map(({ position }) => position);
      assert.deepEqual(positions, positions.toSorted());
    },
  },
  {
    name: 'what is not done is read again, what is done is not',
    body: async ({ feed, table }) => {
      for (let rev = 1; rev <= 5; rev++) await table.commit([log('a', rev)]);
      const first = await feed.read({ ...soon, max: 2 });
      assert.deepEqual(names(first), ['a 1', 'a 2']);
      assert.deepEqual(names(await feed.read({ ...soon, max: 2 })), ['a 1', 'a 2']);
      await feed.done(String(first[0]?.position));
      assert.deepEqual(names(await feed.read({ ...soon, max: 2 })), ['a 2', 'a 3']);
      await feed.done(String(first[1]?.position));
      await feed.done(String(first[0]?.position));
      assert.deepEqual(names(await feed.read(soon)), ['a 3', 'a 4', 'a 5']);
    },
  },
  {
    name: 'records that come after everything was done are read',
    body: async ({ feed, table }) => {
      await table.commit([log('a', 1)]);
      await drain(feed, 1);
      assert.deepEqual(await feed.read(now), []);
      await table.commit([log('a', 2)]);
      assert.deepEqual(names(await feed.read(soon)), ['a 2']);
    },
  },
  {
    name: 'a reader that waits is woken by a commit, and by its signal',
    body: async ({ feed, table }) => {
      const waiting = feed.read(soon);
      await table.commit([log('a', 1)]);
      assert.deepEqual(names(await waiting), ['a 1']);
      await drain(feed, 1);
      const stop = new AbortController();
      const stopped = feed.read({ ...soon, signal: stop.signal });
      stop.abort();
      assert.deepEqual(await stopped, []);
    },
  },
  {
    name: 'what another process commits is told here, each record at least once',
    body: async ({ feed, table }, { child }) => {
      const other = startChild('feed-child.ts', child, 'b', '40');
      for (let rev = 1; rev <= 40; rev++) await table.commit([log('a', rev)]);
      const all = await drain(feed, 80);
      await other.ended();
      for (const account of ['a', 'b'])
        assert.deepEqual(
          all.filter((name) => name.startsWith(account)),
          Array.from({ length: 40 }, (_, index) => `${account} ${index + 1}`),
        );
    },
  },
  {
    name: 'after kill -9 of a writer each log item in the table is told, and none that is not',
    body: async ({ feed, table }, { child }) => {
      const killed = startChild('feed-child.ts', child, 'k', '1000000');
      await killed.printed(25);
      await killed.kill();
      // A commit that was on the disk and not yet told to readers (LMDB) is seen from the next write on.
      await table.commit([{ kind: 'put', item: { pk: 'account#none', sk: 'next' } }]);
      const there: string[] = [];
      for (let after: string | undefined; ;) {
        const page = await table.query({
          pk: 'account#k',
          prefix: 'c#',
          ...(after !== undefined && { after }),
        });
        there.push(...page.items.map((item) => `k ${Number(item['rev'])}`));
        after = page.next;
        if (after === undefined) break;
      }
      assert.ok(there.length >= 25);
      assert.deepEqual(await drain(feed, there.length), there);
      assert.deepEqual(await feed.read(now), []);
    },
  },
];

const log1 = { pk: 'account#none', sk: 'c#000001' };
