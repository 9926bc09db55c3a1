import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  formatSequenceSet,
  resolveSequenceSet,
  sequenceSet,
  type SequenceSet,
} from '../../../../mail/imap/syntax/sequence-set.ts';
import { seededRandom } from '../../../seeded-random.ts';
import { fuzzRounds } from '../../wire/splits.ts';
import { scannerOf } from './scan.ts';

function parsed(text: string): SequenceSet | undefined {
  const args = scannerOf(text);
  const set = sequenceSet(args);
  return args.end() ? set : undefined;
}

/** The numbers that a set names, one by one, where `largest` is the largest. */
function numbersOf(text: string, largest: number): readonly number[] {
  const ranges = resolveSequenceSet(parsed(text) ?? assert.fail(text), largest);
  return ranges.flatMap(({ from, to }) => Array.from({ length: to - from + 1 }, (_, at) => from + at));
}

const named: readonly (readonly [set: string, largest: number, numbers: readonly number[]])[] = [
  ['1', 3, [1]],
  ['*', 3, [3]],
  ['2:4', 9, [2, 3, 4]],
  ['4:2', 9, [2, 3, 4]],
  ['2:2', 9, [2]],
  ['2:*', 4, [2, 3, 4]],
  ['*:2', 4, [2, 3, 4]],
  ['*:*', 4, [4]],
  // The example of RFC 3501 section 9, for a mailbox with 15 messages.
  ['2,4:7,9,12:*', 15, [2, 4, 5, 6, 7, 9, 12, 13, 14, 15]],
  // And that of uids: the last message is named even where the range begins behind it.
  ['3291:*', 3, Array.from({ length: 3289 }, (_, at) => at + 3)],
  ['5,3,1', 9, [1, 3, 5]],
  ['1:3,2:5', 9, [1, 2, 3, 4, 5]],
  ['1:5,2:3', 9, [1, 2, 3, 4, 5]],
  ['4,4,4', 9, [4]],
  ['*,1:*', 2, [1, 2]],
];

for (const [set, largest, numbers] of named)
  test(`${set} names what RFC 3501 says, where ${largest} is the largest`, () => {
    assert.deepEqual(numbersOf(set, largest), numbers);
  });

test('neighbours become one range, and ranges neither touch nor overlap', () => {
  const set = parsed('7,1:2,3,5:6,10') ?? assert.fail();
  assert.deepEqual(resolveSequenceSet(set, 20), [
    { from: 1, to: 3 },
    { from: 5, to: 7 },
    { from: 10, to: 10 },
  ]);
});

test('a range is two numbers, however many they name', () => {
  const set = parsed('1:4294967295,*') ?? assert.fail();
  assert.deepEqual(resolveSequenceSet(set, 4_294_967_295), [{ from: 1, to: 4_294_967_295 }]);
});

test('what is no sequence-set is refused', () => {
  for (const text of ['', '0', '1:0', '0:*', ':', '1:', ':1', ',', '1,', ',1', '1,,2', '1:2:3', '1 2', '**'])
    assert.equal(parsed(text), undefined, text);
  for (const text of ['-1', '1-2', 'a', '1a', '4294967296', '1:4294967296', '1;2', '"1"', '(1)', '+1', '1.5'])
    assert.equal(parsed(text), undefined, text);
  assert.equal(parsed('99999999999999999999999'), undefined);
});

test('rising numbers are written as ranges', () => {
  assert.equal(formatSequenceSet([]), '');
  assert.equal(formatSequenceSet([7]), '7');
  assert.equal(formatSequenceSet([7, 8]), '7:8');
  assert.equal(formatSequenceSet([1, 2, 3, 7, 9, 10]), '1:3,7,9:10');
  assert.equal(formatSequenceSet([4_294_967_294, 4_294_967_295]), '4294967294:4294967295');
});

test('any set comes back the same when it is resolved and written, and names what a plain reading says', () => {
  const random = seededRandom(9);
  for (let round = 0; round < fuzzRounds; round++) {
    const largest = 1 + Math.floor(random() * 30);
    const one = () => (random() < 0.15 ? '*' : String(1 + Math.floor(random() * 30)));
    const parts = Array.from({ length: 1 + Math.floor(random() * 6) }, () =>
      random() < 0.5 ? one() : `${one()}:${one()}`,
    );
    const expected = new Set<number>();
    for (const part of parts) {
      const [first = 0, last = first] = part.split(':').map((end) => (end === '*' ? largest : Number(end)));
      for (let number = Math.min(first, last); number <= Math.max(first, last); number++)
        expected.add(number);
    }
    const numbers = numbersOf(parts.join(','), largest);
    assert.deepEqual(
      numbers,
      [...expected].toSorted((before, after) => before - after),
    );
    assert.deepEqual(numbersOf(formatSequenceSet(numbers), largest), numbers);
  }
});

test('a set of thousands of parts is resolved', () => {
  const parts = Array.from({ length: 10_000 }, (_, at) => 20_000 - 2 * at);
  const numbers = numbersOf(parts.join(','), 1);
  assert.equal(numbers.length, 10_000);
  assert.equal(formatSequenceSet(numbers).split(',').length, 10_000);
});
