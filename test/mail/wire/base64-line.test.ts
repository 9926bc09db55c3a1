import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeBase64Line, encodeBase64Line } from '../../../mail/wire/base64-line.ts';
import { seededRandom } from '../../seeded-random.ts';

test('Octets come back from their base64', () => {
  const random = seededRandom(5);
  for (let length = 0; length < 70; length++) {
    const octets = Buffer.from(Array.from({ length }, () => Math.floor(random() * 256)));
    assert.deepEqual(decodeBase64Line(encodeBase64Line(octets)), octets);
    assert.deepEqual(decodeBase64Line(Buffer.from(encodeBase64Line(octets))), octets);
  }
});

for (const line of [
  '=',
  '*',
  'YQ',
  'YQ=',
  'YQ==\r',
  ' YQ==',
  'Y Q==',
  'YR==',
  'YQ==YQ==',
  'YW_-',
  'YQ==\0',
  '====',
  'é',
])
  test(`${JSON.stringify(line)} is no base64`, () => {
    assert.equal(decodeBase64Line(line), undefined);
  });
