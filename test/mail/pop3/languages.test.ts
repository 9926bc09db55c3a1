import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findLanguage } from '../../../mail/pop3/languages.ts';

for (const [range, found] of [
  ['*', 'en'],
  ['en', 'en'],
  ['EN-us', 'en'],
  ['en-Latn-GB-x-private', 'en'],
  ['i-default', 'i-default'],
  ['I-DEFAULT', 'i-default'],
  ['de', undefined],
  ['x', undefined],
] as const)
  test(`the language for ${range} is ${found ?? 'none'}`, () => {
    const language = findLanguage(range);
    assert.ok(language !== 'malformed');
    assert.equal(language?.tag, found);
  });

for (const range of [
  '',
  'en-',
  '-en',
  'en--GB',
  'e_n',
  'abcdefghi',
  'en-abcdefghi',
  'en-*',
  '**',
  'ñ',
  '1en',
  'en GB',
])
  test(`${JSON.stringify(range)} is no language range`, () => {
    assert.equal(findLanguage(range), 'malformed');
  });
