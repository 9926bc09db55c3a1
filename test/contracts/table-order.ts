/** The Table contract: order of keys, ranges and pages. */
import assert from 'node:assert/strict';
import { queryAll } from '../../mail/ports/table.ts';
import type { Item, Range, Table, Write } from '../../mail/ports/table.ts';
import { seededRandom } from '../seeded-random.ts';
import type { TableCase } from './table.ts';

const byBytes = (one: string, other: string) => Buffer.from(one).compare(Buffer.from(other));

/** Sort keys that encodings get wrong: prefixes of one another, control characters, units above and below surrogates. */
const awkward = [
  '\x01',
  '\x04',
  '\x1b',
  '\x1c',
  ' ',
  'a',
  'a\0',
  'a\0b',
  'a\x01',
  'aa',
  'ab',
  'a#',
  'b',
  'B',
  'é',
  'e\u0301',
  'z',
  '\x7f',
  '\u0080',
  '\u07ff',
  '\u0800',
  '\ud7ff',
  '\ue000',
  '\uffff',
  '\u{10000}',
  '\u{10ffff}',
  '10',
  '9',
  '09',
];

async function fill(table: Table, pk: string, sks: readonly string[]): Promise<void> {
  for (let start = 0; start < sks.length; start += 100)
    await table.commit(sks.slice(start, start + 100).map((sk): Write => ({ kind: 'put', item: { pk, sk } })));
}

async function sortKeys(items: AsyncIterable<Item> | Iterable<Item>): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const { sk } of items) found.push(sk);
  return found;
}

/** What a range holds, by the plain meaning of its fields. */
function expected(sks: readonly string[], { prefix, from, to, after, reverse = false }: Range) {
  const inRange = sks.filter((sk) => {
    if (prefix !== undefined && !sk.startsWith(prefix)) return false;
    if (from !== undefined && byBytes(sk, from) < 0) return false;
    if (to !== undefined && byBytes(sk, to) >= 0) return false;
    return after === undefined || (reverse ? byBytes(sk, after) < 0 : byBytes(sk, after) > 0);
  });
  return reverse ? inRange.toSorted(byBytes).toReversed() : inRange.toSorted(byBytes);
}

export const orderCases: readonly TableCase[] = [
  {
    name: 'sort keys are ordered by their UTF-8 bytes, both ways',
    body: async (table) => {
      await fill(table, 'order', awkward);
      const sorted = awkward.toSorted(byBytes);
      assert.deepEqual(await sortKeys((await table.query({ pk: 'order' })).items), sorted);
      const reversed = await table.query({ pk: 'order', reverse: true });
      assert.deepEqual(await sortKeys(reversed.items), sorted.toReversed());
    },
  },
  {
    name: 'random ranges hold what their bounds say, whole and by pages',
    body: async (table) => {
      const random = seededRandom(11);
      const letters = ['a', 'b', '#', '\x01', 'é', '\uffff', '\u{1f40e}'];
      const word = () =>
        Array.from({ length: 1 + Math.floor(random() * 4) }, () =>
          String(letters[Math.floor(random() * letters.length)]),
        ).join('');
      const sks = [...new Set(Array.from({ length: 120 }, word))];
      await fill(table, 'ranges', sks);
      await fill(table, 'range', ['outside']);
      await fill(table, 'rangess', ['outside']);
      for (let round = 0; round < 150; round++) {
        const range: Range = {
          pk: 'ranges',
          ...(random() < 0.4 && { prefix: word() }),
          ...(random() < 0.4 && { from: word() }),
          ...(random() < 0.4 && { to: word() }),
          ...(random() < 0.3 && { after: word() }),
          ...(random() < 0.5 && { reverse: true }),
        };
        const wanted = expected(sks, range);
        assert.deepEqual(await sortKeys((await table.query(range)).items), wanted, JSON.stringify(range));
        const limit = 1 + Math.floor(random() * 5);
        assert.deepEqual(
          await sortKeys(queryAll(table, { ...range, limit })),
          wanted,
          JSON.stringify({ ...range, limit }),
        );
      }
    },
  },
  {
    name: 'partitions whose names are prefixes of one another do not mix',
    body: async (table) => {
      const pks = ['a', 'a#', 'a\0', 'a\0b', 'a\x01', 'a\x01\x01', 'ab', 'b', 'é', '\u{1f40e}'];
      for (const pk of pks) await fill(table, pk, ['b', `of ${pk}`]);
      for (const pk of pks) {
        assert.deepEqual(await sortKeys((await table.query({ pk })).items), ['b', `of ${pk}`]);
        assert.deepEqual(await table.get({ pk, sk: `of ${pk}` }), { pk, sk: `of ${pk}` });
      }
      assert.deepEqual(await table.query({ pk: 'not there' }), { items: [] });
    },
  },
  {
    name: 'a page has at most its limit, and says where the next begins',
    body: async (table) => {
      await fill(table, 'pages', ['a', 'b', 'c', 'd', 'e']);
      const first = await table.query({ pk: 'pages', limit: 2 });
      assert.deepEqual(await sortKeys(first.items), ['a', 'b']);
      assert.ok(first.next !== undefined);
      const second = await table.query({ pk: 'pages', limit: 10, after: first.next });
      assert.deepEqual(await sortKeys(second.items), ['c', 'd', 'e']);
      assert.equal(second.next, undefined);
      const last = await table.query({ pk: 'pages', limit: 2, reverse: true });
      assert.deepEqual(await sortKeys(last.items), ['e', 'd']);
    },
  },
  {
    name: 'a page ends at about 1 MB, and the pages together hold everything',
    body: async (table) => {
      const bytes = new Uint8Array(200 * 1024);
      const sks = Array.from({ length: 12 }, (_, number) => String(number + 10));
      for (const sk of sks) await table.commit([{ kind: 'put', item: { pk: 'megabytes', sk, bytes } }]);
      const first = await table.query({ pk: 'megabytes' });
      assert.ok(first.next !== undefined && first.items.length < 7, `${first.items.length} items`);
      assert.deepEqual(await sortKeys(queryAll(table, { pk: 'megabytes' })), sks);
      assert.deepEqual(await sortKeys(queryAll(table, { pk: 'megabytes', reverse: true })), sks.toReversed());
    },
  },
  {
    name: 'commits between two pages are seen past the place where the page ended, and only there',
    body: async (table) => {
      await fill(table, 'between', ['b', 'd', 'f', 'h']);
      const { items, next } = await table.query({ pk: 'between', limit: 2 });
      assert.deepEqual(await sortKeys(items), ['b', 'd']);
      await table.commit([
        { kind: 'put', item: { pk: 'between', sk: 'a' } },
        { kind: 'put', item: { pk: 'between', sk: 'e' } },
        { kind: 'delete', key: { pk: 'between', sk: 'd' } },
        { kind: 'delete', key: { pk: 'between', sk: 'f' } },
      ]);
      const rest = queryAll(table, { pk: 'between', limit: 2, ...(next !== undefined && { after: next }) });
      assert.deepEqual(await sortKeys(rest), ['e', 'h']);
    },
  },
  {
    name: 'a page is consistent in itself while commits move items together',
    body: async (table) => {
      const put = (round: number): readonly Write[] =>
        Array.from({ length: 20 }, (_, number) => ({
          kind: 'put',
          item: { pk: 'together', sk: String(number + 10), round },
        }));
      await table.commit(put(0));
      const rounds = 40;
      const writer = (async () => {
        for (let round = 1; round <= rounds; round++) await table.commit(put(round), { until: 'visible' });
      })();
      let before = 0;
      while (before < rounds) {
        const seen = new Set((await table.query({ pk: 'together' })).items.map((item) => item['round']));
        assert.equal(seen.size, 1, 'a page shows one commit');
        const [round] = seen;
        assert.ok(Number(round) >= before, 'and never an earlier one than before');
        before = Number(round);
        await new Promise((resolve) => setImmediate(resolve));
      }
      await writer;
    },
  },
];
