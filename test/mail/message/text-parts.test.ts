import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MimeScanner, type Entity } from '../../../mail/message/mime-scan.ts';
import { partAt } from '../../../mail/message/part-table.ts';
import { scanMessage } from '../../../mail/message/scan-message.ts';
import { textParts } from '../../../mail/message/text-parts.ts';
import { seededRandom } from '../../seeded-random.ts';
import { sample, sampleNames } from './samples.ts';

function partsOf(bytes: Buffer) {
  const { parts, bodyStructure } = scanMessage(bytes);
  return textParts(parts, Buffer.from(bodyStructure).toString('latin1'));
}

const lines = (...all: readonly string[]) => Buffer.from(all.join('\r\n'));

test('a text stands where the message has it, with what it is written in', () => {
  const message = lines(
    'Content-Type: multipart/mixed; boundary=b',
    '',
    '--b',
    'Content-Type: text/plain; format=flowed; charset="ISO-8859-1"',
    'Content-Transfer-Encoding: quoted-printable',
    '',
    'caf=E9',
    '--b',
    'Content-Type: application/pdf',
    '',
    'pdf',
    '--b',
    'Content-Type: text/html',
    '',
    '<p>',
    '--b--',
  );
  const found = partsOf(message);
  assert.deepEqual(
    found.map(({ start, end, ...form }) => ({ ...form, text: message.toString('latin1', start, end) })),
    [
      { kind: 'text', encoding: 'QUOTED-PRINTABLE', html: false, charset: 'ISO-8859-1', text: 'caf=E9' },
      { kind: 'text', encoding: '7BIT', html: true, text: '<p>' },
    ],
  );
});

test('of a message within the message the header and the texts are found', () => {
  const message = lines(
    'Content-Type: message/rfc822',
    '',
    'Subject: inner',
    'Content-Type: multipart/alternative; boundary=c',
    '',
    '--c',
    '',
    'one',
    '--c',
    'Content-Type: text/html',
    '',
    'two',
    '--c--',
  );
  assert.deepEqual(
    partsOf(message).map(({ kind, start, end }) => [
      kind,
      message.toString('latin1', start, end).slice(0, 14),
    ]),
    [
      ['header', 'Subject: inner'],
      ['text', 'one'],
      ['text', 'two'],
    ],
  );
});

test('a report is text, whatever its type', () => {
  const report = sample('report');
  const texts = partsOf(report).map(({ start, end }) => report.toString('latin1', start, end));
  assert.ok(texts.some((text) => text.startsWith('Reporting-MTA:')));
});

test('a message without a type is a text, and one of another type has none', () => {
  assert.equal(partsOf(lines('Subject: x', '', 'text')).length, 1);
  assert.equal(partsOf(lines('Content-Type: image/png', '', 'png')).length, 0);
  assert.equal(partsOf(lines('Subject: no body', '', '')).length, 0);
});

/** What the scan itself says: text leaves, and headers of messages within. */
function scanned(bytes: Buffer): readonly string[] {
  const entities: Entity[] = [];
  const scanner = new MimeScanner({
    entity: (entity) => entities.push(entity) > 0,
    bodyBytes: () => undefined,
  });
  scanner.write(bytes);
  const table = scanner.finish();
  return entities.flatMap(({ index, parent, contentType, notTakenApart }) => {
    const part = partAt(table, index);
    if (part === undefined) return [];
    const found: string[] = [];
    if (partAt(table, parent)?.kind === 'message' && part.headerStart < part.bodyStart)
      found.push(`header ${part.headerStart} ${part.bodyStart}`);
    const text =
      notTakenApart || part.kind !== 'leaf' ? false : ['TEXT', 'MESSAGE'].includes(contentType.type);
    const broken = contentType.type === 'MULTIPART' && part.kind === 'leaf';
    if ((text || broken) && part.bodyStart < part.bodyEnd)
      found.push(`text ${part.bodyStart} ${part.bodyEnd}`);
    return found;
  });
}

test('of each sample, and of any that is mangled, what is found is what the scan has seen', () => {
  const random = seededRandom(2046);
  const check = (bytes: Buffer) =>
    assert.deepEqual(
      partsOf(bytes).map(({ kind, start, end }) => `${kind} ${start} ${end}`),
      scanned(bytes),
      JSON.stringify(bytes.toString('latin1')),
    );
  for (const name of sampleNames) {
    const bytes = sample(name);
    check(bytes);
    for (let round = 0; round < 40; round += 1) {
      const at = Math.floor(random() * bytes.length);
      const to = Math.min(bytes.length, at + Math.floor(random() * 50));
      check(Buffer.concat([bytes.subarray(0, at), bytes.subarray(to)]));
    }
  }
});
