import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatSection, partial, section } from '../../../../mail/imap/syntax/section.ts';
import { seededRandom } from '../../../seeded-random.ts';
import { fuzzRounds } from '../../wire/splits.ts';
import { scannerOf } from './scan.ts';

function parsed(...pieces: readonly (string | Uint8Array)[]) {
  const args = scannerOf(...pieces);
  const read = section(args);
  return args.end() ? read : undefined;
}

const read: readonly (readonly [text: string, spec: NonNullable<ReturnType<typeof section>>])[] = [
  ['[]', { numbers: [], of: 'whole' }],
  ['[HEADER]', { numbers: [], of: 'HEADER' }],
  ['[TEXT]', { numbers: [], of: 'TEXT' }],
  ['[1]', { numbers: [1], of: 'whole' }],
  ['[3.HEADER]', { numbers: [3], of: 'HEADER' }],
  ['[4.2.2.1]', { numbers: [4, 2, 2, 1], of: 'whole' }],
  ['[4.1.MIME]', { numbers: [4, 1], of: 'MIME' }],
  ['[10.200.TEXT]', { numbers: [10, 200], of: 'TEXT' }],
  ['[HEADER.FIELDS (From)]', { numbers: [], of: 'HEADER', fields: { names: ['From'], not: false } }],
  [
    '[4.2.HEADER.FIELDS.NOT (To CC)]',
    { numbers: [4, 2], of: 'HEADER', fields: { names: ['To', 'CC'], not: true } },
  ],
];

for (const [text, spec] of read)
  test(`${text} is read, in any case, and repeated as it came`, () => {
    assert.deepEqual(parsed(text), spec);
    assert.deepEqual(formatSection(spec), text);
    const lower = parsed(text.replace(/^[^(]*/, (part) => part.toLowerCase()));
    assert.deepEqual(lower, spec);
  });

for (const text of [
  '',
  'TEXT',
  '[',
  '[TEXT',
  '[ ]',
  '[MIME]',
  '[0]',
  '[1.]',
  '[.1]',
  '[1..1]',
  '[4294967296]',
  '[1.TEXT.1]',
  '[TEXT.MIME]',
  '[HEADERS]',
  '[HEADER.FIELDS]',
  '[HEADER.FIELDS ()]',
  '[HEADER.FIELDS(From)]',
  '[HEADER.FIELDS (From)',
  '[HEADER.FIELDS.NOT From]',
])
  test(`"${text}" is no section`, () => assert.equal(parsed(text), undefined));

test('names of fields are strings of any form, and are repeated as they can stand', () => {
  const spec = parsed(
    '[HEADER.FIELDS ("X y" "Subject" ',
    Buffer.from('a"b\\'),
    ' x ',
    Buffer.from('\r\n\xff', 'latin1'),
    ')]',
  );
  assert.deepEqual(spec?.fields?.names, ['X y', 'Subject', 'a"b\\', 'x', '\r\n\xff']);
  assert.equal(spec && formatSection(spec), '[HEADER.FIELDS ("X y" Subject "a\\"b\\\\" x {3}\r\n\r\n\xff)]');
});

test('a partial is its first octet and a number of octets', () => {
  const args = scannerOf('<0.1><4294967295.4294967295>');
  assert.deepEqual(partial(args), { origin: 0, octets: 1 });
  assert.deepEqual(partial(args), { origin: 4294967295, octets: 4294967295 });
  assert.ok(args.end());
});

for (const text of [
  '',
  '0.1',
  '<>',
  '<1>',
  '<1.>',
  '<.1>',
  '<1.0>',
  '<-1.5>',
  '<1.5',
  '<1,5>',
  '<4294967296.1>',
])
  test(`"${text}" is no partial`, () => assert.equal(partial(scannerOf(text)), undefined));

test('whatever is read as a section is read from what is written of it', () => {
  const random = seededRandom(5);
  const pieces = [
    '[',
    ']',
    '1',
    '.',
    '23',
    'HEADER',
    'TEXT',
    'MIME',
    '.FIELDS',
    '.NOT',
    ' (',
    'From',
    '"a b"',
    ' ',
    ')',
  ];
  let sections = 0;
  for (let round = 0; round < fuzzRounds; round++) {
    const text = Array.from(
      { length: 1 + Math.floor(random() * 8) },
      () => pieces[Math.floor(random() * pieces.length)],
    ).join('');
    const spec = parsed(`[${text}`);
    if (spec === undefined) continue;
    sections += 1;
    assert.deepEqual(parsed(formatSection(spec)), spec, text);
  }
  assert.ok(sections > 20, `${sections} sections`);
});
