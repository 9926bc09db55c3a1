/**
 * A process that writes to a table: `count N` raises a counter N times by compare and set; `groups` puts three items
 * at once, again and again until it is killed, and prints each number once it is durable.
 */
import type { Table } from '../../mail/ports/table.ts';
import { openedByChild } from './opened-by-child.ts';
import { raiseCounter } from './table-counter.ts';

const { opened, parameters } = await openedByChild<Table>();
const [mode, count = '0'] = parameters;
const table = opened.port;

async function putGroups(writer: string): Promise<never> {
  for (let number = 1; ; number++) {
    const sks = ['a', 'b', 'c'].map((part) => `${writer}#${String(number).padStart(9, '0')}#${part}`);
    await table.commit(sks.map((sk) => ({ kind: 'put', item: { pk: 'groups', sk, number } })));
    process.stdout.write(`${writer} ${number}\n`);
  }
}

if (mode === 'count') {
  for (let done = 0; done < Number(count); done++) await raiseCounter(table);
  await opened.close();
} else {
  await Promise.all(['w1', 'w2', 'w3', 'w4'].map(putGroups));
}
