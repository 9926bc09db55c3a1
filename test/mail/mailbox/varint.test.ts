import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DamagedItem } from '../../../mail/mailbox/types.ts';
import { VarintReader, VarintWriter } from '../../../mail/mailbox/varint.ts';

function packed(...numbers: readonly number[]): Uint8Array {
  const writer = new VarintWriter();
  for (const number of numbers) writer.write(number);
  return writer.bytes();
}

test('numbers of either sign and any size come back in their order', () => {
  const numbers = [0, -1, 1, 63, -64, 64, 2 ** 31, -(2 ** 31), 2 ** 48 - 1, 2 ** 51, -(2 ** 51)];
  const reader = new VarintReader(packed(...numbers));
  assert.deepEqual(
    numbers.map(() => reader.read()),
    numbers,
  );
  assert.ok(reader.atEnd);
});

test('small numbers take one octet', () => {
  assert.equal(packed(0, 1, -1, 63, -64).length, 5);
  assert.equal(packed(64).length, 2);
});

test('a number that is cut, or too large, is a damaged item', () => {
  assert.throws(() => new VarintReader(new Uint8Array(0)).read(), DamagedItem);
  assert.throws(() => new VarintReader(Uint8Array.of(0x80)).read(), DamagedItem);
  assert.throws(() => new VarintReader(new Uint8Array(12).fill(0xff)).read(), DamagedItem);
});
