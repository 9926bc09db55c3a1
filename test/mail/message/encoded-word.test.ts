import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeEncodedWords } from '../../../mail/message/encoded-word.ts';
import { headerText } from '../../../mail/message/header-text.ts';
import { seededRandom } from '../../seeded-random.ts';

const decodes = (cases: Readonly<Record<string, string>>) => {
  for (const [written, meant] of Object.entries(cases)) assert.equal(decodeEncodedWords(written), meant);
};

test('the examples of RFC 2047 section 8 are read', () => {
  decodes({
    '=?US-ASCII?Q?Keith_Moore?= <moore@cs.utk.edu>': 'Keith Moore <moore@cs.utk.edu>',
    '=?ISO-8859-1?Q?Keld_J=F8rn_Simonsen?= <keld@dkuug.dk>': 'Keld Jørn Simonsen <keld@dkuug.dk>',
    '=?ISO-8859-1?Q?Andr=E9?= Pirard <PIRARD@vm1.ulg.ac.be>': 'André Pirard <PIRARD@vm1.ulg.ac.be>',
    '=?ISO-8859-1?B?SWYgeW91IGNhbiByZWFkIHRoaXMgeW8=?=\r\n =?ISO-8859-2?B?dSB1bmRlcnN0YW5kIHRoZSBleGFtcGxlLg==?=':
      'If you can read this you understand the example.',
    '=?ISO-8859-1?Q?Olle_J=E4rnefors?= <ojarnef@admin.kth.se>': 'Olle Järnefors <ojarnef@admin.kth.se>',
    '=?ISO-8859-1?Q?Patrik_F=E4ltstr=F6m?= <paf@nada.kth.se>': 'Patrik Fältström <paf@nada.kth.se>',
    'Nathaniel Borenstein <nsb@thumper.bellcore.com>(=?iso-8859-8?b?7eXs+SDv4SDs6Oj08A==?=)':
      'Nathaniel Borenstein <nsb@thumper.bellcore.com>(םולש ןב לטטפנ)',
  });
});

test('white space between encoded words is no text, elsewhere it is (RFC 2047 section 8)', () => {
  decodes({
    '(=?ISO-8859-1?Q?a?=)': '(a)',
    '(=?ISO-8859-1?Q?a?= b)': '(a b)',
    '(=?ISO-8859-1?Q?a?= =?ISO-8859-1?Q?b?=)': '(ab)',
    '(=?ISO-8859-1?Q?a?=  =?ISO-8859-1?Q?b?=)': '(ab)',
    '(=?ISO-8859-1?Q?a?=\r\n    =?ISO-8859-1?Q?b?=)': '(ab)',
    '(=?ISO-8859-1?Q?a_b?=)': '(a b)',
    '(=?ISO-8859-1?Q?a?= =?ISO-8859-2?Q?_b?=)': '(a b)',
  });
});

test('a character that a mailer has cut between two words is joined', () => {
  const octets = Buffer.from('año');
  const words = [octets.subarray(0, 2), octets.subarray(2)].map(
    (part) => `=?UTF-8?B?${part.toString('base64')}?=`,
  );
  assert.equal(decodeEncodedWords(words.join('\r\n ')), 'año');
});

test('a charset that is not known, and what is no encoded word, stay as they are', () => {
  decodes({
    '=?x-none?Q?a?= =?x-none?Q?b?=': '=?x-none?Q?a?= =?x-none?Q?b?=',
    '=?x-none?Q?a?= =?utf-8?Q?b?= c': '=?x-none?Q?a?= b c',
    '=?utf-8?X?a?=': '=?utf-8?X?a?=',
    '=?utf-8?Q?a': '=?utf-8?Q?a',
    'a =? b': 'a =? b',
    '': '',
  });
});

test('of many charsets in one text only the first are looked for', () => {
  const many = Array.from({ length: 100 }, (_, number) => `=?x-${number}?Q?a?=`).join(' ');
  assert.equal(decodeEncodedWords(`=?utf-8?Q?a?= ${many} =?utf-8?Q?b?=`), `a ${many} b`);
  assert.equal(decodeEncodedWords(`${many} =?utf-8?Q?b?=`), `${many} =?utf-8?Q?b?=`);
});

test('languages, lower case, spaces within and quotes around are taken', () => {
  decodes({
    '=?US-ASCII*EN?Q?Keith_Moore?=': 'Keith Moore',
    '=?utf-8?q?caf=c3=a9?=': 'café',
    '=?utf-8?Q?two words?=': 'two words',
    '"=?utf-8?Q?P=C3=A9rez=2C_Pepe?=" <p@example.org>': '"Pérez, Pepe" <p@example.org>',
  });
});

test('a field is unfolded, UTF-8 where it is such, and decoded', () => {
  const raw = Buffer.from(' Año\r\n =?iso-8859-1?Q?=F1?= \r\n\tfin').toString('latin1');
  assert.equal(headerText(raw), 'Año ñ \tfin');
  assert.equal(headerText(' caf\xe9'), 'café');
});

test('anything is decoded to something', () => {
  const random = seededRandom(2047);
  const pieces = [
    '=?',
    '?=',
    '?',
    'utf-8',
    'big5',
    'iso-2022-jp',
    'Q',
    'b',
    '=',
    '=E',
    'AAA',
    ' ',
    '\r\n ',
    '*',
    'é',
    '_',
  ];
  for (let round = 0; round < 5000; round += 1) {
    const text = Array.from(
      { length: Math.floor(random() * 20) },
      () => pieces[Math.floor(random() * pieces.length)] ?? '',
    ).join('');
    assert.equal(typeof decodeEncodedWords(text), 'string');
  }
});
