import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allOf, anyOf, not } from '../../../../mail/imap/search/combine.ts';
import { needleOf } from '../../../../mail/imap/search/needle.ts';
import type { Criterion, Wanted } from '../../../../mail/imap/search/search-key.ts';
import { testMessage } from './search-kit.ts';

const { message } = testMessage(Buffer.from('\r\n'));
const values = [true, false, undefined] as const;
const says = (value: boolean | undefined): Criterion => ({ stage: 'record', matches: () => value });

test('AND: one that is false decides, else one that is open leaves it open', () => {
  const expected = [
    [true, false, undefined],
    [false, false, false],
    [undefined, false, undefined],
  ];
  for (const [row, one] of values.entries())
    for (const [column, other] of values.entries())
      assert.equal(allOf([says(one), says(other)]).matches(message), expected[row]?.[column]);
});

test('OR: one that is true decides, else one that is open leaves it open', () => {
  const expected = [
    [true, true, true],
    [true, false, undefined],
    [true, undefined, undefined],
  ];
  for (const [row, one] of values.entries())
    for (const [column, other] of values.entries())
      assert.equal(anyOf([says(one), says(other)]).matches(message), expected[row]?.[column]);
});

test('NOT turns what is known, and leaves open what is open', () => {
  assert.deepEqual(
    values.map((value) => not(says(value)).matches(message)),
    [false, true, undefined],
  );
});

test('of several criteria the cheap ones are asked first', () => {
  const asked: string[] = [];
  const asking = (stage: Criterion['stage']): Criterion => ({
    stage,
    matches: () => {
      asked.push(stage);
      return undefined;
    },
  });
  const all = allOf([asking('text'), anyOf([asking('header'), asking('record')]), asking('index')]);
  all.matches(message);
  assert.deepEqual(asked, ['index', 'record', 'header', 'text']);
  assert.equal(all.stage, 'text');
});

test('only what is open wants to be read', () => {
  const wanting = (name: string, value: boolean | undefined): Criterion => ({
    stage: 'text',
    matches: () => value,
    want: (_, wanted) => void wanted.needles.add(needleOf(name, 'body')),
  });
  const wants = (criterion: Criterion) => {
    const wanted: Wanted = { header: false, needles: new Set() };
    criterion.want?.(message, wanted);
    return [...wanted.needles].map(({ folded }) => folded).toSorted();
  };
  assert.deepEqual(wants(allOf([wanting('a', undefined), wanting('b', true)])), ['a']);
  assert.deepEqual(wants(anyOf([wanting('a', undefined), wanting('b', false)])), ['a']);
  assert.deepEqual(
    wants(
      allOf([
        anyOf([wanting('a', undefined), says(true)]),
        not(wanting('b', undefined)),
        anyOf([wanting('c', undefined), wanting('d', undefined)]),
      ]),
    ),
    ['b', 'c', 'd'],
  );
});
