/** Sizes, numbers and domains as people write them, and tables as they read them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatSize, parseDomain, parseSize, parseWholeNumber } from '../../bin/values.ts';

test('sizes are read with their units, which are powers of 1024', () => {
  const sizes: Readonly<Record<string, number>> = {
    '1': 1,
    '1048576': 2 ** 20,
    '5G': 5 * 2 ** 30,
    '1.5g': 1.5 * 2 ** 30,
    '200M': 200 * 2 ** 20,
    '10 KB': 10240,
    '2TiB': 2 * 2 ** 40,
  };
  for (const [text, bytes] of Object.entries(sizes)) assert.equal(parseSize(text), bytes, text);
});

test('what is no size is refused, with what would be one', () => {
  for (const text of ['', '0', '-1', '5X', 'G', '1e9', '1..5G', '99999999999999T', '٥G', '5 G B'])
    assert.throws(() => parseSize(text), /Write a size such as 200M or 5G/, text);
});

test('sizes are shown with as many digits as one reads', () => {
  const shown: readonly (readonly [number, string])[] = [
    [0, '0 bytes'],
    [1023, '1023 bytes'],
    [1024, '1.0 KB'],
    [150 * 1024, '150 KB'],
    [5 * 2 ** 30, '5.0 GB'],
    [4000 * 2 ** 40, '4000 TB'],
  ];
  for (const [bytes, text] of shown) assert.equal(formatSize(bytes), text);
});

test('whole numbers keep to their bounds', () => {
  const parse = parseWholeNumber({ least: 1, most: 10 });
  assert.deepEqual(['1', '010'].map(parse), [1, 10]);
  for (const text of ['0', '11', '1.0', '', ' 1', '0x1', '1e0'])
    assert.throws(() => parse(text), /from 1 to 10/);
});

test('a domain is taken in the form in which it is looked up', () => {
  assert.equal(parseDomain('Example.ORG'), 'example.org');
  assert.equal(parseDomain('bücher.example'), 'xn--bcher-kva.example');
  for (const text of ['', 'no domain', '[192.0.2.1]', 'a..b', 'ann@example.org'])
    assert.throws(() => parseDomain(text), /Write a domain name/, text);
});
