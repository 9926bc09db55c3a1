import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseCommandLine, parseNumber, words } from '../../../../mail/pop3/syntax/command-line.ts';
import { seededRandom } from '../../../seeded-random.ts';

const parse = (text: string) => parseCommandLine(Buffer.from(text));

test('the verb is read in any case, and the argument is all behind one space', () => {
  assert.deepEqual(parse('reTR 1'), { kind: 'ok', verb: 'RETR', argument: '1' });
  assert.deepEqual(parse('PASS  a b '), { kind: 'ok', verb: 'PASS', argument: ' a b ' });
  assert.deepEqual(parse('NOOP'), { kind: 'ok', verb: 'NOOP', argument: '' });
  assert.deepEqual(parse('USER jos\u00e9'), { kind: 'ok', verb: 'USER', argument: 'jos\u00e9' });
  assert.deepEqual(parse(''), { kind: 'ok', verb: '', argument: '' });
  assert.deepEqual(parse('\ufeffNOOP'), { kind: 'ok', verb: '\ufeffNOOP', argument: '' });
});

test('control characters, and octets that are no UTF-8, stand in no command', () => {
  for (const text of ['NO\0OP', 'RETR\t1', 'PASS a\x7f', 'NOOP\r']) assert.equal(parse(text).kind, 'bad');
  for (const octets of [[0xff], [0x4e, 0xc3], [0xed, 0xa0, 0x80], [0xc0, 0xaf]])
    assert.equal(parseCommandLine(Buffer.from(octets)).kind, 'notUtf8');
});

test('any octets are read without a throw', () => {
  const random = seededRandom(255);
  for (let round = 0; round < 2000; round++) {
    const octets = Array.from({ length: random() * 30 }, () => Math.floor(random() * 256));
    const line = parseCommandLine(Buffer.from(octets));
    if (line.kind === 'ok') assert.doesNotMatch(line.verb + line.argument, /[\x00-\x1f\x7f]/);
  }
});

test('words are what stands between spaces', () => {
  assert.deepEqual(words('  1   2 '), ['1', '2']);
  assert.deepEqual(words(''), []);
});

test('a number is digits, and never more than can be counted exactly', () => {
  assert.equal(parseNumber('0'), 0);
  assert.equal(parseNumber('007'), 7);
  assert.equal(parseNumber('999999999999999'), 999_999_999_999_999);
  for (const word of ['', '-1', '+1', '1.5', '1e3', '0x1', ' 1', '\u0661', '1'.repeat(16)])
    assert.equal(parseNumber(word), undefined, word);
});
