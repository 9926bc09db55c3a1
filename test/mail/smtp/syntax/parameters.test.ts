import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseChunk } from '../../../../mail/smtp/syntax/chunk.ts';
import { parseCommandLine } from '../../../../mail/smtp/syntax/command-line.ts';
import { parseMailParameters } from '../../../../mail/smtp/syntax/mail-parameters.ts';
import { decodeXtext, encodeXtext } from '../../../../mail/smtp/syntax/xtext.ts';
import { seededRandom } from '../../../seeded-random.ts';

const line = (text: string) => parseCommandLine(Buffer.from(text));

test('a command line is a verb in any case and an argument without white space around it', () => {
  assert.deepEqual(line('mail FROM:<a@b>'), { kind: 'ok', verb: 'MAIL', argument: 'FROM:<a@b>' });
  assert.deepEqual(line('QUIT'), { kind: 'ok', verb: 'QUIT', argument: '' });
  assert.deepEqual(line('QUIT \t '), { kind: 'ok', verb: 'QUIT', argument: '' });
  assert.deepEqual(line(' QUIT'), { kind: 'ok', verb: '', argument: 'QUIT' });
  assert.deepEqual(line(''), { kind: 'ok', verb: '', argument: '' });
});

test('a command line with a control character, or that is not UTF-8, is no command line', () => {
  for (const text of ['NOOP \0', 'NOOP \x7f', 'NO\x1bOP']) assert.equal(line(text).kind, 'bad');
  assert.equal(parseCommandLine(Buffer.from('NOOP \xff', 'latin1')).kind, 'bad');
  assert.equal(line('NOOP ü').kind, 'ok');
});

test('parameters are keywords in any case with values as written', () => {
  assert.deepEqual(parseMailParameters(' size=10  Body=8bitMIME SMTPUTF8'), {
    kind: 'ok',
    parameters: [
      { keyword: 'SIZE', value: '10' },
      { keyword: 'BODY', value: '8bitMIME' },
      { keyword: 'SMTPUTF8', value: undefined },
    ],
  });
  assert.deepEqual(parseMailParameters(''), { kind: 'ok', parameters: [] });
});

test('malformed and repeated parameters are refused', () => {
  for (const text of [' =1', ' SIZE=', ' SIZE=1=2', ' -A=1', ' A_B=1', ' SIZE=1 size=2'])
    assert.equal(parseMailParameters(text).kind, 'bad', text);
});

test('a chunk is a number of octets, perhaps the last', () => {
  assert.deepEqual(parseChunk('10'), { kind: 'ok', value: { octets: 10, last: false }, rest: '' });
  assert.deepEqual(parseChunk('0 last'), { kind: 'ok', value: { octets: 0, last: true }, rest: '' });
  for (const text of ['', 'LAST', '-1', '1.5', '0x10', '10 FIRST', '10LAST', '9'.repeat(16)])
    assert.equal(parseChunk(text).kind, 'bad', text);
});

test('xtext carries any text there and back', () => {
  assert.equal(encodeXtext('e=mc2@example.com'), 'e+3Dmc2@example.com');
  assert.equal(decodeXtext('e+3Dmc2@example.com'), 'e=mc2@example.com');
  const random = seededRandom(1);
  for (let round = 0; round < 500; round++) {
    const text = Array.from({ length: random() * 20 }, () =>
      String.fromCodePoint(Math.floor(random() * 0x2000)),
    ).join('');
    assert.equal(decodeXtext(encodeXtext(text)), text);
  }
});

test('what is no xtext is not decoded', () => {
  for (const text of ['a b', 'a=b', '+', '+3', '+3d', '+FF', 'ü'])
    assert.equal(decodeXtext(text), undefined, text);
});
