import assert from 'node:assert/strict';
import { test } from 'node:test';
import { closeGaps } from '../../../mail/mailbox/close-gaps.ts';
import { seededInteger, seededRandom } from './mail-kit.ts';

test('what is left of columns lies in its order, wherever the gaps are and however many', () => {
  const integer = seededInteger(seededRandom(21));
  for (let round = 0; round < 500; round++) {
    const count = integer(200);
    // From hardly any gap to nothing but gaps.
    const oneOf = 1 + integer(60);
    const bytes = Uint8Array.from({ length: count + integer(5) }, () => integer(256));
    const numbers = Float64Array.from(bytes, () => integer(2 ** 32) * 1000);
    const indexes = [...Array(count).keys()].filter(() => integer(oneOf) === 0);
    const kept = (column: Uint8Array | Float64Array) =>
      [...column].filter((_, index) => index < count && !indexes.includes(index));
    const expected = [kept(bytes), kept(numbers)];
    const left = closeGaps([bytes, numbers], count, indexes);
    assert.deepEqual([[...bytes.subarray(0, left)], [...numbers.subarray(0, left)]], expected);
  }
});
