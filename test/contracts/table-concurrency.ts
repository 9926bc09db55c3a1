/** The Table contract: many writers, in one process and in several, and processes that are killed. */
import assert from 'node:assert/strict';
import { queryAll } from '../../mail/ports/table.ts';
import type { Table } from '../../mail/ports/table.ts';
import { seededRandom } from '../seeded-random.ts';
import { startChild } from './child-process.ts';
import type { TableCase } from './table.ts';
import { counterValue, raiseCounter } from './table-counter.ts';

export const concurrencyCases: readonly TableCase[] = [
  {
    name: 'of 32 writers in one process none loses an update',
    body: async (table) => {
      const writers = Array.from({ length: 32 }, async () => {
        for (let done = 0; done < 5; done++) await raiseCounter(table);
      });
      await Promise.all(writers);
      assert.equal(await counterValue(table), 32 * 5);
    },
  },
  {
    name: 'of writers in three processes none loses an update, and each sees the others',
    body: async (table, { child }) => {
      const children = [1, 2].map(() => startChild('table-child.ts', child, 'count', '60'));
      for (let done = 0; done < 60; done++) await raiseCounter(table);
      await Promise.all(children.map((each) => each.ended()));
      assert.equal(await counterValue(table), 180);
    },
  },
  {
    name: 'what a process was told is durable is there after kill -9, and no commit is there in part',
    body: async (table, { child }) => {
      const random = seededRandom(41);
      for (let round = 0; round < 4; round++) {
        const killed = startChild('table-child.ts', child, 'groups');
        await killed.printed(1 + Math.floor(random() * 400));
        await killed.kill();
        await showsGroups(table, killed.lines);
        // It can be written to: the lock of the killed process is not held.
        await raiseCounter(table);
      }
      assert.equal(await counterValue(table), 4);
    },
  },
  {
    name: 'a table opened again holds what was committed',
    body: async (table, fixture) => {
      await table.commit([{ kind: 'put', item: { pk: 'again', sk: 'item', text: 'kept' } }]);
      const again = await fixture.open();
      assert.equal((await again.port.get({ pk: 'again', sk: 'item' }))?.['text'], 'kept');
      await again.port.commit([{ kind: 'put', item: { pk: 'again', sk: 'second' } }]);
      assert.equal((await table.query({ pk: 'again' })).items.length, 2);
      await again.close();
      assert.equal((await table.query({ pk: 'again' })).items.length, 2);
    },
  },
];

/** Each number that was printed has its three items, and no number has fewer. */
async function showsGroups(table: Table, lines: readonly string[]): Promise<void> {
  const counts = new Map<string, number>();
  for await (const { sk } of queryAll(table, { pk: 'groups' })) {
    const [writer = '', number = ''] = sk.split('#');
    const name = `${writer} ${Number(number)}`;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  for (const line of lines) assert.equal(counts.get(line), 3, `group ${line} was acknowledged`);
  for (const [name, count] of counts) assert.equal(count, 3, `group ${name} is whole`);
}
