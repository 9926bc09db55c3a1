/** The Table contract: what is put comes back as it was put. */
import assert from 'node:assert/strict';
import type { Item, Value, Write } from '../../mail/ports/table.ts';
import { seededRandom } from '../seeded-random.ts';
import type { TableCase } from './table.ts';

const everything: Item = {
  pk: 'values',
  sk: 'everything',
  text: 'Grüße, 世界 🐎',
  empty: '',
  nul: 'a\0b',
  zero: 0,
  negative: -12.5,
  large: Number.MAX_SAFE_INTEGER,
  small: Number.MIN_SAFE_INTEGER,
  fraction: 0.1,
  yes: true,
  no: false,
  nothing: null,
  bytes: new Uint8Array([0, 1, 254, 255]),
  noBytes: new Uint8Array(),
  list: [1, 'two', null, new Uint8Array([3]), [], {}],
  map: { name: 'x', deeper: { bytes: new Uint8Array([9]), list: [{ a: 1 }] }, 'a name with spaces': 1 },
};

export const valueCases: readonly TableCase[] = [
  {
    name: 'an item comes back exactly as it was put',
    body: async (table) => {
      await table.commit([{ kind: 'put', item: everything }]);
      assert.deepEqual(await table.get({ pk: 'values', sk: 'everything' }), everything);
      assert.deepEqual((await table.query({ pk: 'values' })).items, [everything]);
      assert.deepEqual(await table.getMany([everything]), [everything]);
    },
  },
  {
    name: 'asked for some attributes, an item has these as they were put, and perhaps the others',
    body: async (table) => {
      const some = { pk: 'values', sk: 'some', text: 'á 漢字', last: { seen: 1 }, long: 'x'.repeat(70_000) };
      const flat = { pk: 'values', sk: 'flat', bytes: new Uint8Array(300), text: '', number: 1.5, no: false };
      await table.commit([some, flat].map((item) => ({ kind: 'put', item })));
      const [found, other, none] = await table.getMany([some, flat, { pk: 'values', sk: 'none' }], {
        only: ['text', 'number', 'missing'],
      });
      const { pk, sk, text } = found ?? assert.fail();
      assert.deepEqual({ pk, sk, text }, { pk: 'values', sk: 'some', text: 'á 漢字' });
      assert.deepEqual([other?.['text'], other?.['number'], other?.['missing']], ['', 1.5, undefined]);
      assert.equal(none, undefined);
    },
  },
  {
    name: 'random items come back exactly as they were put',
    body: async (table) => {
      const random = seededRandom(7);
      const items = Array.from({ length: 60 }, (_, number): Item => {
        const attributes = Object.fromEntries(
          Array.from({ length: 1 + Math.floor(random() * 6) }, (__, index) => [
            `attribute ${index}`,
            randomValue(random, 0),
          ]),
        );
        return { ...attributes, pk: 'random', sk: `item ${number}` };
      });
      await table.commit(items.map((item): Write => ({ kind: 'put', item })));
      for (const item of items) assert.deepEqual(await table.get(item), item);
    },
  },
  {
    name: 'a put replaces the whole item',
    body: async (table) => {
      const key = { pk: 'replaced', sk: 'item' };
      await table.commit([{ kind: 'put', item: { ...key, old: 1, kept: 1 } }]);
      await table.commit([{ kind: 'put', item: { ...key, kept: 2 } }]);
      assert.deepEqual(await table.get(key), { ...key, kept: 2 });
    },
  },
  {
    name: 'what is done to an item after commit was called changes nothing',
    body: async (table) => {
      const bytes = new Uint8Array([1, 2, 3]);
      const list: Value[] = [1];
      const commit = table.commit([{ kind: 'put', item: { pk: 'kept', sk: 'item', bytes, list } }]);
      bytes.fill(0);
      list.push(2);
      await commit;
      const found = await table.get({ pk: 'kept', sk: 'item' });
      assert.deepEqual(found?.['bytes'], new Uint8Array([1, 2, 3]));
      assert.deepEqual(found['list'], [1]);
    },
  },
  {
    name: 'an item of 300 KB comes back byte for byte',
    body: async (table) => {
      const random = seededRandom(3);
      const bytes = Uint8Array.from({ length: 300 * 1024 }, () => random() * 256);
      const text = 'ä'.repeat(10_000);
      await table.commit([{ kind: 'put', item: { pk: 'large', sk: 'item', bytes, text } }]);
      assert.deepEqual(await table.get({ pk: 'large', sk: 'item' }), {
        pk: 'large',
        sk: 'item',
        bytes,
        text,
      });
    },
  },
  {
    name: 'getMany answers in the order of the keys, with what is not there, twice where asked twice',
    body: async (table) => {
      const keys = Array.from({ length: 250 }, (_, number) => ({ pk: `p${number % 7}`, sk: `s${number}` }));
      const there = keys.filter((_, index) => index % 3 !== 0);
      for (let start = 0; start < there.length; start += 100)
        await table.commit(there.slice(start, start + 100).map((key): Write => ({ kind: 'put', item: key })));
      const asked = [...keys, ...keys.slice(0, 5)].toReversed();
      const found = await table.getMany(asked);
      assert.deepEqual(
        found.map((item) => item && { pk: item.pk, sk: item.sk }),
        asked.map((key) => (there.includes(key) ? key : undefined)),
      );
      assert.deepEqual(await table.getMany([]), []);
    },
  },
  {
    name: 'what no table can hold is refused, and nothing of that commit is written',
    body: async (table) => {
      const good: Write = { kind: 'put', item: { pk: 'refused', sk: 'good' } };
      const bad: readonly unknown[] = [undefined, NaN, Infinity, Symbol('x'), () => 1, new Date(0), '\ud800'];
      for (const value of bad) {
        const item = { pk: 'refused', sk: 'bad', nested: { list: [value] } } as unknown as Item;
        await assert.rejects(table.commit([good, { kind: 'put', item }]), String(value));
      }
      for (const key of [
        { pk: '', sk: 'x' },
        { pk: 'x', sk: '' },
        { pk: 'x', sk: 's'.repeat(1025) },
        { pk: 'p'.repeat(2049), sk: 'x' },
      ])
        await assert.rejects(
          table.commit([good, { kind: 'put', item: key }]),
          JSON.stringify(key).slice(0, 40),
        );
      await assert.rejects(table.commit([]), 'a commit without writes');
      await assert.rejects(table.commit([good, { kind: 'delete', key: { pk: 'refused', sk: 'good' } }]));
      assert.equal(await table.get({ pk: 'refused', sk: 'good' }), undefined);
    },
  },
  {
    name: 'the longest keys are kept apart to their last byte',
    body: async (table) => {
      const sks = ['a', 'b'].map((last) => 's'.repeat(1023) + last);
      await table.commit(sks.map((sk): Write => ({ kind: 'put', item: { pk: 'p'.repeat(900), sk } })));
      const { items } = await table.query({ pk: 'p'.repeat(900) });
      assert.deepEqual(
        items.map(({ sk }) => sk),
        sks,
      );
    },
  },
];

function randomValue(random: () => number, depth: number): Value {
  const kind = Math.floor(random() * (depth > 3 ? 6 : 8));
  const length = Math.floor(random() * 5);
  switch (kind) {
    case 0:
      return String.fromCodePoint(...Array.from({ length }, () => 1 + Math.floor(random() * 0xd7fe)));
    case 1:
      return Math.floor((random() - 0.5) * 2 ** 40);
    case 2:
      return (random() - 0.5) * 1000;
    case 3:
      return random() < 0.5;
    case 4:
      return null;
    case 5:
      return Uint8Array.from({ length: length * 20 }, () => random() * 256);
    case 6:
      return Array.from({ length }, () => randomValue(random, depth + 1));
    default:
      return Object.fromEntries(
        Array.from({ length }, (_, index) => [`member ${index}`, randomValue(random, depth + 1)]),
      );
  }
}
