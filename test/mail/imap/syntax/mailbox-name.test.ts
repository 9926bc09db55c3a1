import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  decodeMailboxName,
  encodeMailboxName,
  formatMailbox,
  mailbox,
} from '../../../../mail/imap/syntax/mailbox-name.ts';
import { seededRandom } from '../../../seeded-random.ts';
import { scannerOf } from './scan.ts';

/** What is read of the whole text, or why it is not. */
function read(...pieces: readonly (string | Uint8Array)[]): string | undefined {
  const args = scannerOf(...pieces);
  const name = mailbox(args);
  return args.end() ? name : args.failure;
}

test('names in Unicode are written in modified UTF-7 (the examples of RFC 3501 section 5.1.3, and others)', () => {
  for (const [written, name] of [
    ['~peter/mail/&U,BTFw-/&ZeVnLIqe-', '~peter/mail/台北/日本語'],
    ['&Jjo-!', '☺!'],
    ['&U,BTF2XlZyyKng-', '台北日本語'],
    ['', ''],
    ['Sent', 'Sent'],
    ['&-', '&'],
    ['R&-D', 'R&D'],
    ['&-&-', '&&'],
    ['&-jo-', '&jo-'],
    ['caf&AOk-', 'café'],
    ['Entw&APw-rfe', 'Entwürfe'],
    ['&AOkA6Q-', 'éé'],
    ['&AOk-&-&AOk-', 'é&é'],
    ['&2D3cqQ-', '💩'],
    ['"\\ %*', '"\\ %*'],
    ['&AAA-', '\0'],
    ['&AA0ACg-', '\r\n'],
    ['&AH8-', '\x7f'],
  ] as const) {
    assert.equal(decodeMailboxName(written), name, written);
    assert.equal(encodeMailboxName(name), written, name);
  }
});

test('what is not modified UTF-7, or writes a name in another way than the one, is no name', () => {
  for (const written of [
    // Without an end, or without a shift.
    '&',
    '&Jjo',
    '&Jjo!',
    'a&b',
    '&&-',
    // The superfluous shift of RFC 3501 section 5.1.3.
    '&U,BTFw-&ZeVnLIqe-',
    // What must stand for itself.
    '&AGE-',
    '&ACY-',
    '&AGEA6Q-',
    '&AEkATgBCAE8AWA-',
    // Not base64: other characters, bits and octets too many, padding.
    '&AOl-',
    '&AOkA-',
    '&AO-',
    '&A-',
    '&AOk=-',
    '&U/BTFw-',
    '&AO k-',
    '&AOk -',
    // Half a pair of surrogates.
    '&2D0-',
    '&3Kk-',
    '&2D3cqdg9-',
    // Octets that no name is written with.
    'caf\xe9',
    'caf\xc3\xa9',
    'a\tb',
    'a\r\nb',
    '\x7f',
  ])
    assert.equal(decodeMailboxName(written), undefined, JSON.stringify(written));
});

test('any text comes back from modified UTF-7 as it was, and is printable ASCII there', () => {
  const random = seededRandom(5_1_3);
  const below = (end: number) => Math.floor(random() * end);
  const character = () => {
    const code = [0x80, 0x800, 0x10000, 0x110000][below(4)] ?? 0x80;
    const point = below(code);
    return point >= 0xd800 && point <= 0xdfff ? '&' : String.fromCodePoint(point);
  };
  for (let round = 0; round < 5_000; round++) {
    const text = Array.from({ length: below(12) }, () =>
      random() < 0.3 ? '&-,/'.charAt(below(4)) : character(),
    );
    const name = text.join('');
    const written = encodeMailboxName(name);
    assert.match(written, /^[\x20-\x7e]*$/);
    assert.equal(decodeMailboxName(written), name, JSON.stringify(name));
  }
});

test('whatever is decoded is encoded to the same again', () => {
  const random = seededRandom(6);
  const characters = '&&&--,/+AOkU2D3cqB =\xe9';
  let names = 0;
  for (let round = 0; round < 50_000; round++) {
    const length = Math.floor(random() * 10);
    const written = Array.from({ length }, () =>
      characters.charAt(Math.floor(random() * characters.length)),
    ).join('');
    const name = decodeMailboxName(written);
    if (name === undefined) continue;
    names++;
    assert.equal(encodeMailboxName(name), written);
  }
  assert.ok(names > 1000, `only ${names} were names`);
});

test('a hostile name is refused as fast as it is read', () => {
  // Looking for the end of a shift anew from each ampersand would take minutes.
  for (const piece of ['&', '&a', '&A/', '&-', '&AOk-a', '&AOk', '-&'])
    decodeMailboxName(piece.repeat(64 * 1024));
});

test('a mailbox is an atom, a quoted string or a literal, and INBOX is one in any case', () => {
  assert.equal(read('Sent'), 'Sent');
  assert.equal(read('INBOX]'), 'INBOX]');
  assert.equal(read('"a \\"b\\" \\\\c"'), 'a "b" \\c');
  assert.equal(read('', Buffer.from('(R)e{d}')), '(R)e{d}');
  assert.equal(read('', Buffer.from('caf&AOk-')), 'café');
  assert.equal(read('""'), '');
  for (const inbox of ['INBOX', 'inbox', '"iNbOx"']) assert.equal(read(inbox), 'INBOX');
  assert.equal(read('inbox/x'), 'inbox/x');
  assert.equal(read('inboxes'), 'inboxes');
});

test('a mailbox that is none says why', () => {
  const eightBit = '8-bit characters in a mailbox name: use modified UTF-7';
  assert.equal(read('"caf\xe9"'), eightBit);
  assert.equal(read('', Buffer.from('café')), eightBit);
  assert.equal(read('R&D'), 'expected a mailbox name in modified UTF-7');
  assert.equal(read('(x)'), 'expected a mailbox name');
  assert.equal(read(''), 'expected a mailbox name');
  assert.equal(read('a%'), 'expected the end of the command');
});

test('a name in a response is quoted', () => {
  assert.equal(formatMailbox('Sent'), '"Sent"');
  assert.equal(formatMailbox('a "b" \\c'), '"a \\"b\\" \\\\c"');
  assert.equal(formatMailbox('台北&'), '"&U,BTFw-&-"');
  assert.equal(formatMailbox(''), '""');
});

test('a name that is written in a response is read as the same', () => {
  const random = seededRandom(7);
  for (let round = 0; round < 2_000; round++) {
    const length = Math.floor(random() * 8);
    const name = Array.from({ length }, () => 'aé"\\&-/ 💩'.at(Math.floor(random() * 9)) ?? '')
      .join('')
      .toWellFormed();
    assert.equal(read(formatMailbox(name)), name);
  }
});
