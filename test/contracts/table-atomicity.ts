/** The Table contract: conditions, and all or nothing. */
import assert from 'node:assert/strict';
import type { Condition, Item, Key, Table, Write } from '../../mail/ports/table.ts';
import type { TableCase } from './table.ts';

const there: Item = {
  pk: 'conditions',
  sk: 'there',
  text: 'a',
  number: 1,
  flag: true,
  bytes: new Uint8Array([1]),
};
const missing: Key = { pk: 'conditions', sk: 'missing' };

/** Each condition, with whether it holds for `there` and for `missing`. */
const conditions: readonly [Condition, boolean, boolean][] = [
  [{ kind: 'absent' }, false, true],
  [{ kind: 'present' }, true, false],
  [{ kind: 'equals', attribute: 'text', value: 'a' }, true, false],
  [{ kind: 'equals', attribute: 'text', value: 'b' }, false, false],
  [{ kind: 'equals', attribute: 'number', value: 1 }, true, false],
  [{ kind: 'equals', attribute: 'number', value: '1' }, false, false],
  [{ kind: 'equals', attribute: 'flag', value: true }, true, false],
  [{ kind: 'equals', attribute: 'flag', value: 1 }, false, false],
  [{ kind: 'equals', attribute: 'not there', value: '' }, false, false],
];

const writes: readonly ((key: Key, condition: Condition) => Write)[] = [
  (key, condition) => ({ kind: 'put', item: { ...key, put: true }, condition }),
  (key, condition) => ({ kind: 'delete', key, condition }),
  (key, condition) => ({ kind: 'check', key, condition }),
];

async function shows(table: Table, write: Write, holds: boolean, key: Key): Promise<void> {
  await table.commit([
    { kind: 'put', item: there },
    { kind: 'delete', key: missing },
  ]);
  const before = await table.get(key);
  const other = { pk: 'conditions', sk: 'other', write: JSON.stringify(write) };
  await table.commit([{ kind: 'delete', key: other }]);
  const outcome = await table.commit([{ kind: 'put', item: other }, write]);
  const what = JSON.stringify(write);
  assert.deepEqual(outcome, holds ? { kind: 'committed' } : { kind: 'conditionFailed', failed: [1] }, what);
  assert.equal((await table.get(other)) !== undefined, holds, `${what}: the other write`);
  const after = await table.get(key);
  if (!holds || write.kind === 'check') assert.deepEqual(after, before, what);
  else assert.deepEqual(after, write.kind === 'put' ? write.item : undefined, what);
}

export const atomicityCases: readonly TableCase[] = [
  {
    name: 'each condition holds or fails for each kind of write, and the whole commit with it',
    body: async (table) => {
      for (const [condition, forThere, forMissing] of conditions)
        for (const write of writes) {
          await shows(table, write({ pk: there.pk, sk: there.sk }, condition), forThere, there);
          await shows(table, write(missing, condition), forMissing, missing);
        }
    },
  },
  {
    name: 'all conditions that failed are named by their index',
    body: async (table) => {
      await table.commit([{ kind: 'put', item: there }]);
      const outcome = await table.commit([
        { kind: 'put', item: { pk: 'conditions', sk: 'new' }, condition: { kind: 'present' } },
        { kind: 'put', item: { pk: 'conditions', sk: 'fine' }, condition: { kind: 'absent' } },
        { kind: 'check', key: there, condition: { kind: 'absent' } },
        { kind: 'delete', key: missing },
      ]);
      assert.deepEqual(outcome, { kind: 'conditionFailed', failed: [0, 2] });
      assert.equal(await table.get({ pk: 'conditions', sk: 'fine' }), undefined);
    },
  },
  {
    name: 'a condition sees what was there before the commit, not the other writes of it',
    body: async (table) => {
      const outcome = await table.commit([
        { kind: 'put', item: { pk: 'before', sk: 'a' } },
        { kind: 'check', key: { pk: 'before', sk: 'b' }, condition: { kind: 'absent' } },
        { kind: 'put', item: { pk: 'before', sk: 'c' }, condition: { kind: 'absent' } },
      ]);
      assert.deepEqual(outcome, { kind: 'committed' });
    },
  },
  {
    name: 'deleting what is not there is no error',
    body: async (table) => {
      assert.deepEqual(await table.commit([{ kind: 'delete', key: missing }]), { kind: 'committed' });
    },
  },
  {
    name: 'what is visible is read at once, by get, getMany and query',
    body: async (table) => {
      for (let round = 0; round < 30; round++) {
        const item = { pk: 'visible', sk: 'item', round };
        await table.commit([{ kind: 'put', item }], { until: 'visible' });
        assert.deepEqual(await table.get(item), item);
        assert.deepEqual(await table.getMany([item]), [item]);
        assert.deepEqual((await table.query({ pk: 'visible' })).items, [item]);
      }
    },
  },
  {
    name: 'a commit as large as the limits allow takes place whole',
    body: async (table) => {
      const count = Math.min(table.limits.maxWrites, 100);
      await commitMany(table, count);
    },
  },
  {
    name: '1,000 writes take place in one commit, or none of them',
    needs: '1,000 writes in one commit',
    body: (table) => commitMany(table, 1000),
  },
];

async function commitMany(table: Table, count: number): Promise<void> {
  const puts = Array.from({ length: count }, (_, number): Write => ({
    kind: 'put',
    item: { pk: 'many', sk: String(number).padStart(6, '0'), text: 'x'.repeat(500) },
    condition: { kind: 'absent' },
  }));
  assert.deepEqual(await table.commit(puts), { kind: 'committed' });
  assert.equal((await table.query({ pk: 'many' })).items.length, count);
  const again = puts.map((put): Write =>
    put.kind === 'put' ? { ...put, item: { ...put.item, pk: 'more' } } : put,
  );
  const failing: Write = { kind: 'check', key: { pk: 'many', sk: '000000' }, condition: { kind: 'absent' } };
  const outcome = await table.commit([...again.slice(0, -1), failing]);
  assert.deepEqual(outcome, { kind: 'conditionFailed', failed: [count - 1] });
  assert.deepEqual(await table.query({ pk: 'more' }), { items: [] });
}
