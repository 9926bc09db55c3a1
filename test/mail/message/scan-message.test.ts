import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bodyOf } from '../../../mail/message/body-form.ts';
import { messageLimits } from '../../../mail/message/limits.ts';
import { partAt, partStride } from '../../../mail/message/part-table.ts';
import { MessageScanner, scanMessage } from '../../../mail/message/scan-message.ts';
import { checkBody, checkEnvelope, readSexp } from './imap-checker.ts';
import { expectedOf, sample, sampleNames } from './samples.ts';

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1');
const crlf = (...lines: string[]) => Buffer.from(lines.join('\r\n'), 'latin1');

for (const name of sampleNames)
  test(`the sample ${name} has the ENVELOPE, BODYSTRUCTURE and preview that a person approved`, () => {
    const { envelope, bodyStructure, preview } = scanMessage(sample(name));
    const found = `${text(envelope)}\r\n${text(bodyStructure)}\r\n`;
    assert.equal(found + `${Buffer.from(JSON.stringify(preview)).toString('latin1')}\r\n`, expectedOf(name));
  });

test('the message of RFC 3501 section 8 has the ENVELOPE and BODY of that section', () => {
  const line = `${'x'.repeat(31)}\r\n`;
  const body = line.repeat(91) + `${'x'.repeat(3028 - 91 * 33 - 2)}\r\n`;
  const header = [
    'Date: Wed, 17 Jul 1996 02:23:25 -0700 (PDT)',
    'From: Terry Gray <gray@cac.washington.edu>',
    'Subject: IMAP4rev1 WG mtg summary and minutes',
    'To: imap@cac.washington.edu',
    'cc: minutes@CNRI.Reston.VA.US, John Klensin <KLENSIN@MIT.EDU>',
    'Message-Id: <B27397-0100000@cac.washington.edu>',
    'MIME-Version: 1.0',
    'Content-Type: TEXT/PLAIN; CHARSET=US-ASCII',
    '',
    body,
  ];
  const { envelope, bodyStructure, dateMs } = scanMessage(crlf(...header));
  const terry = '(("Terry Gray" NIL "gray" "cac.washington.edu"))';
  assert.equal(
    text(envelope),
    '("Wed, 17 Jul 1996 02:23:25 -0700 (PDT)" "IMAP4rev1 WG mtg summary and minutes" ' +
      `${terry} ${terry} ${terry} ((NIL NIL "imap" "cac.washington.edu")) ` +
      '((NIL NIL "minutes" "CNRI.Reston.VA.US")("John Klensin" NIL "KLENSIN" "MIT.EDU")) NIL NIL ' +
      '"<B27397-0100000@cac.washington.edu>")',
  );
  assert.equal(text(bodyOf(bodyStructure)), '("TEXT" "PLAIN" ("CHARSET" "US-ASCII") NIL NIL "7BIT" 3028 92)');
  assert.equal(dateMs, Date.UTC(1996, 6, 17, 9, 23, 25));
});

test('the message of RFC 3501 section 7.4.2 has the BODY of that section', () => {
  const lines = (count: number, octets: number) =>
    `${'x'.repeat(octets - 2 * count)}\r\n`.padEnd(octets - 2 * (count - 1), 'x') + '\r\n'.repeat(count - 1);
  const message = crlf(
    'Content-Type: multipart/mixed; boundary=x',
    '',
    '--x',
    'Content-Type: text/plain; charset=US-ASCII',
    '',
    lines(23, 1152),
    '--x',
    'Content-Type: text/plain; charset=US-ASCII; name=cc.diff',
    'Content-ID: <960723163407.20117h@cac.washington.edu>',
    'Content-Description: Compiler diff',
    'Content-Transfer-Encoding: base64',
    '',
    lines(73, 4554),
    '--x--',
    '',
  );
  assert.equal(
    text(bodyOf(scanMessage(message).bodyStructure)),
    '(("TEXT" "PLAIN" ("CHARSET" "US-ASCII") NIL NIL "7BIT" 1152 23)' +
      '("TEXT" "PLAIN" ("CHARSET" "US-ASCII" "NAME" "cc.diff") "<960723163407.20117h@cac.washington.edu>" ' +
      '"Compiler diff" "BASE64" 4554 73) "MIXED")',
  );
});

test('hops, mailboxes, ids and the date are found in the header', () => {
  const found = scanMessage(sample('plain'));
  assert.equal(found.sizeBytes, sample('plain').length);
  assert.equal(found.headerBytes, sample('plain').indexOf('\r\n\r\n') + 4);
  assert.equal(found.receivedCount, 1);
  assert.deepEqual(found.deliveredTo, ['paco@example.net']);
  assert.equal(found.messageId, '1@example.org');
  assert.equal(found.dateMs, Date.UTC(2026, 10, 24, 2, 21, 10));
});

test('multiparts deeper than the limit are opaque', () => {
  const levels = messageLimits.maxDepth + 10;
  const lines = Array.from({ length: levels }, (_, level) => [
    `Content-Type: multipart/mixed; boundary=b${level}`,
    '',
    `--b${level}`,
  ]).flat();
  const { bodyStructure, parts } = scanMessage(crlf(...lines, '', 'the end'));
  checkBody(readSexp(bodyStructure), true);
  assert.equal(parts.length / partStride, messageLimits.maxDepth + 1);
  assert.match(text(bodyStructure), /^\({51}"TEXT" "PLAIN" \("CHARSET" "US-ASCII"\) NIL NIL "7BIT" \d+ \d+ /);
});

test('messages within messages deeper than the limit are opaque', () => {
  const lines = Array.from({ length: 100 }, () => ['Content-Type: message/rfc822', '']).flat();
  const { bodyStructure, parts } = scanMessage(crlf(...lines, '', 'the end'));
  checkBody(readSexp(bodyStructure), true);
  assert.equal(parts.length / partStride, messageLimits.maxDepth + 1);
  assert.match(
    text(bodyStructure),
    /\("APPLICATION" "OCTET-STREAM" NIL NIL NIL "7BIT" \d+ NIL NIL NIL NIL\)/,
  );
});

test('parts beyond the limit belong to the last one', () => {
  const count = messageLimits.maxParts + 500;
  const lines = Array.from({ length: count }, (_, index) => `--b\r\n\r\n${index}`);
  const { bodyStructure, parts } = scanMessage(
    crlf('Content-Type: multipart/mixed; boundary=b', '', ...lines, '--b--', 'epilogue'),
  );
  checkBody(readSexp(bodyStructure), true);
  assert.equal(parts.length / partStride, messageLimits.maxParts);
  const last = partAt(parts, messageLimits.maxParts - 1);
  const expected = lines.slice(messageLimits.maxParts - 2).join('\r\n');
  assert.equal(last && last.bodyEnd - last.bodyStart, expected.length - '--b\r\n\r\n'.length);
});

test('descriptions of all parts together stay within their limit', () => {
  const name = 'n'.repeat(4000);
  const part = `--b\r\nContent-Type: text/plain; name="${name}"\r\nContent-ID: <${name}>\r\n\r\nx`;
  const { bodyStructure } = scanMessage(
    crlf(
      'Content-Type: multipart/mixed; boundary=b',
      '',
      ...Array.from({ length: 1000 }, () => part),
      '--b--',
    ),
  );
  checkBody(readSexp(bodyStructure), true);
  assert.ok(bodyStructure.length < messageLimits.maxStructureBytes + 100_000);
});

test('a header of many megabytes is read up to the limit and counted whole', () => {
  const scanner = new MessageScanner();
  scanner.write(Buffer.from('Subject: first\r\n'));
  const more = Buffer.from(`X-More: ${'y'.repeat(990)}\r\n`.repeat(1000));
  for (let megabytes = 0; megabytes < 3; megabytes += 1) scanner.write(more);
  scanner.write(Buffer.from('To: late@example.org\r\n\r\nbody'));
  const { envelope, headerBytes, sizeBytes, headerCache } = scanner.finish();
  assert.equal(text(envelope), '(NIL "first" NIL NIL NIL NIL NIL NIL NIL NIL)');
  assert.equal(headerBytes, sizeBytes - 'body'.length);
  assert.equal(headerCache, undefined);
});

test('an address field with more than the limit gives a whole list', () => {
  const many = Array.from({ length: 5000 }, (_, index) => `a${index}@x.test`).join(', ');
  const { envelope } = scanMessage(crlf(`To: Group: ${many};`, '', ''));
  checkEnvelope(readSexp(envelope));
  assert.ok(envelope.length < 200_000);
});

test('the header of a part does not show in that of the next', () => {
  const large = `X: ${'y'.repeat(70_000)}\r\nContent-ID: <far>\r\nContent-Description: far`;
  const parts = [large, 'Content-ID: <one>', 'Subject: two', 'Content-Type: text/html'];
  const lines = [
    'Content-Type: multipart/mixed; boundary=b\r\n',
    ...parts.map((header) => `--b\r\n${header}\r\n\r\nx`),
    '--b--',
  ];
  const structure = Buffer.from(scanMessage(Buffer.from(lines.join('\r\n'))).bodyStructure).toString();
  const plain = '"TEXT" "PLAIN" ("CHARSET" "US-ASCII")';
  const rest = '"7BIT" 1 0 NIL NIL NIL NIL';
  assert.equal(
    structure.slice(0, structure.indexOf(' "MIXED"')),
    `((${plain} NIL NIL ${rest})(${plain} "<one>" NIL ${rest})(${plain} NIL NIL ${rest})("TEXT" "HTML" NIL NIL NIL ${rest})`,
  );
});
