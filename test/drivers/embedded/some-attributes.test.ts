import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { openEnvironment } from '../../../drivers/embedded/environment.ts';
import { someStrings } from '../../../drivers/embedded/some-attributes.ts';
import { seededRandom } from '../../seeded-random.ts';

const data = await mkdtemp(join(tmpdir(), 'posta-test-'));
const environment = openEnvironment({ data });
after(async () => {
  await environment.close();
  await rm(data, { recursive: true });
});

const { codec } = environment;
const numbers = [0, 1, -1, 127, 128, -32, -33, 255, 65_536, 2 ** 32, -(2 ** 31), 2 ** 53 - 1, 1.5, -1e300];
const lengths = [0, 1, 31, 32, 255, 256, 65_535, 65_536];

test('what is wanted is the same as the whole item has, whatever stands beside it', () => {
  const values = [
    ...numbers,
    ...lengths.map((length) => 'é'.repeat(length)),
    ...lengths.map((length) => new Uint8Array(length)),
    null,
    true,
    false,
  ];
  for (const value of values) {
    const bytes = codec.encode({ before: value, naïve: 'other', wanted: 'ñ 漢 😀', after: value });
    assert.deepEqual(someStrings(bytes, ['missing', 'wanted']), { wanted: 'ñ 漢 😀' });
  }
  for (const length of lengths) {
    const wanted = 'é'.repeat(length);
    assert.deepEqual(someStrings(codec.encode({ wanted }), ['wanted']), { wanted });
  }
});

test('an item with something nested, or where no string is wanted, is left to be decoded as a whole', () => {
  assert.equal(someStrings(codec.encode({ list: [1], wanted: 'a' }), ['wanted']), undefined);
  assert.equal(someStrings(codec.encode({ map: { a: 1 }, wanted: 'a' }), ['wanted']), undefined);
  assert.equal(someStrings(codec.encode({ wanted: 1 }), ['wanted']), undefined);
});

test('of bytes that are no item it reads something or nothing, and never throws', () => {
  const random = seededRandom(11);
  const whole = codec.encode({ size: 70_000, bytes: new Uint8Array(300), wanted: 'w'.repeat(300) });
  for (let round = 0; round < 20_000; round += 1) {
    const bytes = Buffer.from(whole.subarray(0, Math.floor(random() * (whole.length + 1))));
    for (let change = 0; change < 3 && bytes.length > 0; change += 1)
      bytes[Math.floor(random() * bytes.length)] = Math.floor(random() * 256);
    someStrings(bytes, ['wanted', 'size']);
  }
});
