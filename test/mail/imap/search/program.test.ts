import assert from 'node:assert/strict';
import { test } from 'node:test';
import { imapLimits } from '../../../../mail/imap/limits.ts';
import { baseSearchKeys } from '../../../../mail/imap/search/search-keys.ts';
import { seededRandom } from '../../../seeded-random.ts';
import { criterionOf, readProgram, testMessage } from './search-kit.ts';

const rounds = Number(process.env['POSTA_FUZZ_ROUNDS'] ?? 1000) * 10;

test('every key of RFC 3501 is there', () => {
  const names =
    'ALL ANSWERED BCC BEFORE BODY CC DELETED DRAFT FLAGGED FROM HEADER KEYWORD LARGER NEW NOT OLD ON OR RECENT SEEN ' +
    'SENTBEFORE SENTON SENTSINCE SINCE SMALLER SUBJECT TEXT TO UID UNANSWERED UNDELETED UNDRAFT UNFLAGGED UNKEYWORD UNSEEN';
  assert.deepEqual(baseSearchKeys.map(({ name }) => name).toSorted(), names.split(' ').toSorted());
});

test('keys side by side must all match, and so must those in parentheses', () => {
  const { message } = testMessage(Buffer.from('\r\n'), { system: 1 });
  for (const [text, matches] of Object.entries({
    'SEEN 1': true,
    'SEEN 2': false,
    'OR 2 (SEEN UID 1)': true,
    'OR 2 (SEEN UID 2)': false,
    'OR 2 OR 3 OR SEEN 4': true,
    'OR 2 OR 3 OR 4 UNSEEN': false,
    'OR OR SEEN 2 3 UID 2': false,
    'OR 2 OR 3 SEEN UID 1': true,
    'NOT (SEEN UID 2)': true,
    'NOT SEEN UID 1': false,
    'NOT NOT SEEN': true,
    '2:9,1': true,
    '*': false,
    '9:*': false,
    'UID *:1': true,
  }))
    assert.equal(criterionOf(text).matches(message), matches, text);
});

test('depth and number of keys have a limit', () => {
  const { depth, searchKeys } = imapLimits;
  const nested = (levels: number) => `${'('.repeat(levels)}ALL${')'.repeat(levels)}`;
  assert.equal(readProgram(nested(depth - 1)).failure, undefined);
  assert.match(readProgram(nested(depth)).failure ?? '', /within one another/);
  assert.match(readProgram(`${'NOT '.repeat(5000)}ALL`).failure ?? '', /within one another/);
  assert.match(readProgram('OR (ALL '.repeat(5000)).failure ?? '', /within one another/);
  const many = (count: number) => Array.from({ length: count }, () => 'ALL').join(' ');
  assert.equal(readProgram(many(searchKeys)).failure, undefined);
  assert.match(readProgram(many(searchKeys + 1)).failure ?? '', /at most 500 keys/);
  // A long list of alternatives, as clients write it, is not deep.
  const alternatives = (count: number) => `${'OR 2 '.repeat(count)}SEEN`;
  assert.equal(readProgram(alternatives(searchKeys - 2)).failure, undefined);
  assert.match(readProgram(alternatives(searchKeys)).failure ?? '', /at most 500 keys/);
});

test('each key is named once, however often it was asked', () => {
  const names = [...(readProgram('OR SEEN (SEEN NOT 1)').program?.keys ?? [])].map(({ name }) => name);
  assert.deepEqual(names.toSorted(), ['NOT', 'OR', 'SEEN']);
});

test('reading any words never throws, and what is read can be asked', () => {
  const random = seededRandom(3501);
  const words = [
    ...baseSearchKeys.map(({ name }) => name),
    ...[
      'MODSEQ',
      'CHARSET',
      'utf-8',
      '(',
      ')',
      '"',
      '"a b"',
      '""',
      'x',
      '1',
      '1:*',
      '*',
      '0',
      ',',
      '1-Feb-1994',
      '\\',
      '{3}',
      'é',
      '\xff',
    ],
    ...['"/flags/\\\\seen" all 3', '4294967296', '99999999999999999999', '$', 'NIL', '%', '\0'],
  ];
  const { message } = testMessage(Buffer.from('Subject: x\r\n\r\nx'));
  let read = 0;
  for (let round = 0; round < rounds; round += 1) {
    const text = Array.from(
      { length: 1 + Math.floor(random() * 8) },
      () => `${words[Math.floor(random() * words.length)] ?? ''}${random() < 0.9 ? ' ' : ''}`,
    )
      .join('')
      .trimEnd();
    const { program } = readProgram(text);
    if (program === undefined) continue;
    read += 1;
    assert.ok([true, false, undefined].includes(program.criterion.matches(message)), text);
  }
  assert.ok(read > rounds / 50, `only ${read} of ${rounds} were programs`);
});
