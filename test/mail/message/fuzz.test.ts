/** Any bytes, divided anywhere: POSTA_FUZZ_ROUNDS sets how many mutations there are. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bodyOf } from '../../../mail/message/body-form.ts';
import { HeaderScanner, scanHeader } from '../../../mail/message/header-scan.ts';
import { decodeHeaderCache, isCachedField, selectFields } from '../../../mail/message/header-cache.ts';
import type { HeaderField } from '../../../mail/message/header.ts';
import { partAt, partStride } from '../../../mail/message/part-table.ts';
import { MessageScanner, scanMessage, type ScannedMessage } from '../../../mail/message/scan-message.ts';
import { authorsOf } from '../../../mail/message/strict-addresses.ts';
import { seededRandom } from '../../seeded-random.ts';
import { checkBody, checkEnvelope, readSexp } from './imap-checker.ts';
import { sample, sampleNames } from './samples.ts';

const rounds = Number(process.env['POSTA_FUZZ_ROUNDS'] ?? 1000);
const samples = sampleNames.map(sample);
const fragments = [
  ...[
    '\r\n',
    '\n',
    '\r',
    '\0',
    ':',
    ';',
    '"',
    '(',
    ')',
    '<',
    '>',
    '@',
    ',',
    '\\',
    '--',
    ' ',
    '\t',
    '=',
    '/',
    'é',
  ],
  ...[
    '\r\n\r\n',
    '\r\n\r--b',
    '\r-',
    '--b',
    '--b--',
    '--outer',
    'boundary=b',
    'Content-Type: multipart/mixed; boundary=b\r\n',
  ],
  ...[
    'Content-Type: message/rfc822\r\n\r\n',
    'Content-Type: multipart/digest; boundary=d\r\n\r\n--d\r\n\r\n',
  ],
  ...[
    '=?utf-8?q?=41?=',
    '"\\',
    '(((',
    'From: a:b,<c@d>;\r\n',
    'To: <@a,@b:c@d',
    ' '.repeat(1200),
    'x'.repeat(1100),
  ],
];

type Random = () => number;
const pick = <Value>(random: Random, values: readonly Value[]): Value =>
  values[Math.floor(random() * values.length)] as Value;
const place = (random: Random, bytes: Buffer) => Math.floor(random() * (bytes.length + 1));

function mutate(random: Random, original: Buffer): Buffer {
  let bytes = original;
  for (let count = 1 + Math.floor(random() * 8); count > 0; count -= 1) {
    const at = place(random, bytes);
    const end = Math.min(bytes.length, at + Math.floor(random() * 60));
    const other = pick(random, samples);
    const inserts = [
      () => Buffer.from(pick(random, fragments)),
      () => Buffer.of(Math.floor(random() * 256)),
      () => Buffer.alloc(0),
      () => bytes.subarray(at, end),
      () => other.subarray(place(random, other)),
    ];
    bytes = Buffer.concat([
      bytes.subarray(0, at),
      pick(random, inserts)(),
      bytes.subarray(random() < 0.5 ? at : end),
    ]);
  }
  return bytes;
}

function scanInPieces(random: Random, bytes: Buffer): ScannedMessage {
  const scanner = new MessageScanner();
  const most = pick(random, [1, 2, 3, 10, 100, 1000]);
  for (let at = 0; at < bytes.length;) {
    const end = Math.min(bytes.length, at + 1 + Math.floor(random() * most));
    // What was written may be overwritten afterwards.
    const piece = Buffer.from(bytes.subarray(at, end));
    scanner.write(piece);
    piece.fill(0x2d);
    at = end;
  }
  return scanner.finish();
}

function checkTable({ parts, sizeBytes }: ScannedMessage, bytes: Buffer): void {
  for (let index = 0; index * partStride < parts.length; index += 1) {
    const part = partAt(parts, index);
    assert.ok(part !== undefined);
    const { headerStart, bodyStart, bodyEnd, lines } = part;
    assert.ok(headerStart <= bodyStart && bodyStart <= bodyEnd && bodyEnd <= sizeBytes, `part ${index}`);
    const counted = bytes
      .subarray(bodyStart, bodyEnd)
      .reduce((sum, octet) => (octet === 10 ? sum + 1 : sum), 0);
    assert.equal(lines, counted, `lines of part ${index}`);
    if (index === 0) assert.deepEqual([part.parent, headerStart, bodyEnd], [-1, 0, sizeBytes]);
    const parent = partAt(parts, part.parent);
    if (parent === undefined) continue;
    assert.ok(part.parent < index && parent.kind !== 'leaf');
    assert.ok(
      parent.bodyStart <= headerStart && bodyEnd <= parent.bodyEnd,
      `part ${index} is within its parent`,
    );
    const before = partAt(parts, index - 1);
    if (before?.parent === part.parent)
      assert.ok(before.bodyEnd <= headerStart, `part ${index} is after the last`);
  }
}

function checkMessage(bytes: Buffer): ScannedMessage {
  const found = scanMessage(bytes);
  checkEnvelope(readSexp(found.envelope));
  checkBody(readSexp(found.bodyStructure), true);
  checkBody(readSexp(bodyOf(found.bodyStructure)), false);
  checkTable(found, bytes);
  assert.ok(Array.from(found.preview).length <= 200 && found.preview.isWellFormed());
  assert.doesNotMatch(found.preview, /[\r\n\t\0]/);
  return found;
}

function checkCache(found: ScannedMessage, bytes: Buffer): void {
  if (found.headerCache === undefined) return;
  const cached = decodeHeaderCache(found.headerCache, Buffer.from(found.envelope).toString('latin1'));
  assert.ok(cached !== undefined);
  const header = { bytes, fields: scanHeader(bytes).fields };
  const wanted = ({ name }: HeaderField) => isCachedField(name);
  assert.equal(selectFields(cached, wanted), selectFields(header, wanted));
}

test('any mutation of a message has a well-formed answer, the same in any division', () => {
  const random = seededRandom(5322);
  for (let round = 0; round < rounds; round += 1) {
    const bytes = mutate(random, pick(random, samples));
    try {
      const found = checkMessage(bytes);
      checkCache(found, bytes);
      assert.deepEqual(scanInPieces(random, bytes), found);
    } catch (fault) {
      throw new Error(`round ${round}: ${JSON.stringify(bytes.toString('latin1'))}`, { cause: fault });
    }
  }
});

test('every division of each sample in two, and octet by octet, gives the same', () => {
  for (const bytes of samples.filter(({ length }) => length < 300)) {
    const whole = checkMessage(bytes);
    for (let at = 0; at <= bytes.length; at += 1) {
      const scanner = new MessageScanner();
      scanner.write(bytes.subarray(0, at));
      scanner.write(bytes.subarray(at));
      assert.deepEqual(scanner.finish(), whole, `at ${at}`);
    }
    const scanner = new MessageScanner();
    for (const octet of bytes) scanner.write(Uint8Array.of(octet));
    assert.deepEqual(scanner.finish(), whole);
  }
});

test('the header scan finds the same header in any division, and checking its authors never throws', () => {
  const random = seededRandom(2822);
  for (let round = 0; round < rounds; round += 1) {
    const bytes = mutate(random, pick(random, samples));
    const whole = scanHeader(bytes);
    authorsOf(whole);
    assert.equal(whole.headerBytes, scanMessage(bytes).headerBytes);
    const scanner = new HeaderScanner();
    for (let at = 0; at < bytes.length;) {
      const end = at + 1 + Math.floor(random() * 20);
      scanner.write(bytes.subarray(at, end));
      at = end;
    }
    assert.deepEqual(scanner.finish(), whole);
  }
});
