/** The Table contract: tokens, and what a caller can rely on when no answer came. */
import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import type { Table, Write } from '../../mail/ports/table.ts';
import { seededRandom } from '../seeded-random.ts';
import { AmbiguousTable, dynamoDbLimits } from './ambiguous-table.ts';
import type { TableCase } from './table.ts';
import { counterValue, raiseFrom } from './table-counter.ts';

const minutes = 60_000;
const item = { pk: 'tokens', sk: 'item' } as const;
const put: Write = { kind: 'put', item: { ...item, first: true }, condition: { kind: 'absent' } };

/** Sends the same until there is an answer; a failed condition after an unknown may be one's own first commit. */
async function raiseOnce(table: Table, random: () => number): Promise<void> {
  for (;;) {
    const value = await counterValue(table);
    const token = `${value}-${Math.floor(random() * 2 ** 40)}`;
    for (;;) {
      const outcome = await table.commit([raiseFrom(value), proofOf(value, token)], { token });
      if (outcome.kind === 'committed') return;
      if (outcome.kind === 'conditionFailed') break;
      await turn();
    }
    const proof = await table.get({ pk: 'counter', sk: `proof ${value}` });
    if (proof?.['token'] === token) return;
  }
}

/** Written with the counter, as `c#<rev>` is with the clock: who made the step from `value`. */
function proofOf(value: number, token: string): Write {
  return { kind: 'put', item: { pk: 'counter', sk: `proof ${value}`, token }, condition: { kind: 'absent' } };
}

export const tokenCases: readonly TableCase[] = [
  {
    name: 'the same writes with the same token count once, and both are told that they were committed',
    body: async (table) => {
      assert.deepEqual(await table.commit([put], { token: 'one' }), { kind: 'committed' });
      await table.commit([{ kind: 'put', item: { ...item, first: false } }]);
      assert.deepEqual(await table.commit([put], { token: 'one' }), { kind: 'committed' });
      assert.deepEqual(await table.get(item), { ...item, first: false });
    },
  },
  {
    name: 'the same token with other writes is a fault',
    body: async (table) => {
      await table.commit([put], { token: 'reused' });
      const other: Write = { kind: 'put', item: { pk: 'tokens', sk: 'other' } };
      await assert.rejects(table.commit([other], { token: 'reused' }));
      assert.equal(await table.get({ pk: 'tokens', sk: 'other' }), undefined);
      await assert.rejects(table.commit([other], { token: '' }));
      await assert.rejects(table.commit([other], { token: 'x'.repeat(37) }));
    },
  },
  {
    name: 'a commit whose condition failed does not use up its token',
    body: async (table) => {
      await table.commit([{ kind: 'put', item }]);
      const outcome = await table.commit([put], { token: 'again' });
      assert.equal(outcome.kind, 'conditionFailed');
      await table.commit([{ kind: 'delete', key: item }]);
      assert.deepEqual(await table.commit([put], { token: 'again' }), { kind: 'committed' });
      assert.equal((await table.get(item))?.['first'], true);
    },
  },
  {
    name: 'a token counts for 10 minutes',
    needs: 'turned clock',
    body: async (table, { clock }) => {
      assert.ok(clock);
      await table.commit([put], { token: 'old' });
      await clock.advance(10 * minutes);
      assert.deepEqual(await table.commit([put], { token: 'old' }), { kind: 'committed' });
      await clock.advance(1);
      assert.deepEqual(await table.commit([put], { token: 'old' }), { kind: 'conditionFailed', failed: [0] });
    },
  },
  {
    name: 'two that send the same with the same token at once are both told that it was committed',
    body: async (table) => {
      const outcomes = await Promise.all([1, 2, 3].map(() => untilAnswered(table, 'at once')));
      assert.deepEqual(new Set(outcomes), new Set(['committed']));
      assert.equal((await table.get(item))?.['first'], true);
    },
  },
  {
    name: 'behind a network that loses, delays and repeats, each step is made exactly once',
    body: async (table) => {
      const random = seededRandom(23);
      const ambiguous = new AmbiguousTable({ table, random, limits: dynamoDbLimits });
      const raises = 12;
      await Promise.all(
        [1, 2, 3, 4].map(async () => {
          for (let done = 0; done < raises; done++) await raiseOnce(ambiguous, random);
        }),
      );
      await ambiguous.settle();
      assert.equal(await counterValue(table), 4 * raises);
      assert.ok(ambiguous.faults > 20, `${ambiguous.faults} faults`);
    },
  },
];

async function untilAnswered(table: Table, token: string): Promise<string> {
  for (;;) {
    const { kind } = await table.commit([put], { token });
    if (kind === 'committed' || kind === 'conditionFailed') return kind;
    await turn();
  }
}
