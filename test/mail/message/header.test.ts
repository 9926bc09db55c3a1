import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HeaderScanner, scanHeader } from '../../../mail/message/header-scan.ts';
import { decodeText, firstValue, formatField, parseHeader, unfold } from '../../../mail/message/header.ts';
import { messageLimits } from '../../../mail/message/limits.ts';
import { authorsOf } from '../../../mail/message/strict-addresses.ts';
import { sample } from './samples.ts';

const bytes = (text: string) => Buffer.from(text, 'latin1');
const named = (text: string) => parseHeader(bytes(text)).map(({ name, value }) => [name, value]);

test('fields are found with their raw values and their places', () => {
  const text = 'From: a@b\r\nSubject: one\r\n two\r\n\tthree\r\n\r\nTo: body';
  const [from, subject, ...others] = parseHeader(bytes(text));
  assert.deepEqual(from, { name: 'From', key: 'from', value: ' a@b', start: 0, end: 11 });
  assert.equal(subject?.value, ' one\r\n two\r\n\tthree');
  assert.equal(text.slice(subject?.start, subject?.end), 'Subject: one\r\n two\r\n\tthree\r\n');
  assert.deepEqual(others, []);
});

test('lines that are no field are left out, with what is folded onto them', () => {
  const keys = parseHeader(sample('mbox-line')).map(({ key }) => key);
  assert.deepEqual(keys, ['from', 'subject', 'date']);
  assert.deepEqual(named('no colon\r\nA: 1\r\n: none\r\nb c: 2\r\n folded\r\nD: 3'), [
    ['A', ' 1'],
    ['D', ' 3'],
  ]);
});

test('white space and folds before the colon do not hide a field', () => {
  assert.deepEqual(
    named('From : a\r\nSender\t \r\n : b\r\n').map(([name]) => name),
    ['From', 'Sender'],
  );
});

test('line feeds alone end lines, carriage returns alone do not', () => {
  assert.deepEqual(named('A: 1\nB: 2\n 3\nC: x\ry\n\nD: 4'), [
    ['A', ' 1'],
    ['B', ' 2\n 3'],
    ['C', ' x\ry'],
  ]);
});

test('unfolding takes line ends away and nothing else', () => {
  assert.equal(unfold(' a\r\n  b\r\n\tc \t'), 'a  b\tc');
  assert.equal(unfold('\xa0x\xa0'), '\xa0x\xa0');
});

test('the first of equal fields counts', () => {
  assert.equal(firstValue(parseHeader(bytes('a: 1\r\nA: 2\r\n')), 'a'), '1');
  assert.equal(firstValue([], 'a'), undefined);
});

test('text is UTF-8 or nothing', () => {
  assert.equal(decodeText('Jos\xc3\xa9'), 'José');
  assert.equal(decodeText('Jos\xe9'), undefined);
});

test('a header is scanned to its empty line', () => {
  const scanner = new HeaderScanner();
  assert.equal(scanner.write(bytes('A: 1\r')), false);
  assert.equal(scanner.write(bytes('\n\r')), false);
  assert.equal(scanner.write(bytes('\nbody')), true);
  const { fields, headerBytes, cut } = scanner.finish();
  assert.deepEqual([fields.length, headerBytes, cut], [1, 8, false]);
});

test('a header larger than the limit is cut between fields and says so', () => {
  const field = `X: ${'y'.repeat(993)}\r\n`;
  const { fields, headerBytes, cut } = scanHeader(bytes(`${field.repeat(2000)}\r\n`));
  assert.equal(cut, true);
  assert.equal(headerBytes, field.length * 2000 + 2);
  assert.ok(fields.length >= messageLimits.maxHeaderBytes / field.length - 1 && fields.length < 2000);
  assert.ok(fields.every(({ value }) => value.length === 994));
});

test('no more fields than the limit are seen', () => {
  assert.equal(parseHeader(bytes('a:\n'.repeat(20_000))).length, messageLimits.maxHeaderFields);
});

for (const name of ['From', 'Sender'])
  test(`a header with more fields than are seen is cut: a second ${name} may be among the rest`, () => {
    const first = `From: pepe@example.test\r\n${name === 'Sender' ? 'Sender: pepe@example.test\r\n' : ''}`;
    const filled = first + 'A:\r\n'.repeat(messageLimits.maxHeaderFields - first.split('\n').length + 1);
    const whole = scanHeader(bytes(`${filled}\r\n`));
    assert.deepEqual([whole.fields.length, whole.cut], [messageLimits.maxHeaderFields, false]);
    assert.equal(authorsOf(whole).kind, 'ok');
    for (const end of ['\r\n', '\r\n\r\nbody', '']) {
      const more = scanHeader(bytes(`${filled}${name}: ceo@bank.example${end}`));
      assert.deepEqual([more.fields.length, more.cut], [messageLimits.maxHeaderFields, true]);
      assert.equal(authorsOf(more).kind, 'malformed');
    }
  });

test('lines that are no field do not use up the fields, and lines past the last are not looked at', () => {
  const junk = 'no colon\r\n';
  const fields = 'A:\r\n'.repeat(messageLimits.maxHeaderFields);
  assert.equal(scanHeader(bytes(`${junk.repeat(10)}${fields}\r\n`)).cut, false);
  assert.equal(scanHeader(bytes(`${fields}${junk}\r\n`)).cut, true);
});

test('a header that never ends is cut when, and only when, octets of it were left out', () => {
  assert.equal(scanHeader(bytes('From: a@b\r\nX: y')).cut, false);
  assert.equal(scanHeader(bytes('')).cut, false);
  const exactly = 'X: '.padEnd(messageLimits.maxHeaderBytes, 'y');
  assert.equal(scanHeader(bytes(exactly)).cut, false);
  const larger = scanHeader(bytes(`${exactly}y`));
  assert.deepEqual([larger.fields.length, larger.cut], [0, true]);
});

test('a scanner with limits of its own cuts there', () => {
  const scan = (text: string) => {
    const scanner = new HeaderScanner({ maxBytes: 20, maxFields: 2 });
    scanner.write(bytes(text));
    const { fields, cut, headerBytes } = scanner.finish();
    return [fields.length, cut, headerBytes];
  };
  assert.deepEqual(scan('A: 1\r\nB: 2\r\n\r\n'), [2, false, 14]);
  assert.deepEqual(scan('A:\r\nB:\r\nC:\r\n\r\n'), [2, true, 14]);
  assert.deepEqual(scan('A: 1\r\nB: 3456789012345\r\n\r\n'), [1, true, 26]);
});

test('a field is folded at white space before 78 octets', () => {
  const field = formatField('Subject', 'word '.repeat(60));
  for (const line of field.split('\r\n')) assert.ok(line.length <= 78);
  assert.equal(unfold(parseHeader(bytes(field))[0]?.value ?? ''), 'word '.repeat(60).trim());
  assert.equal(formatField('Return-Path', '<>'), 'Return-Path: <>\r\n');
});

test('no line of a field is longer than 998 octets, whatever its words', () => {
  for (const word of ['x'.repeat(5000), 'é'.repeat(3000), '😀'.repeat(2000)])
    for (const line of formatField('X', `a ${word} b`).split('\r\n'))
      assert.ok(Buffer.byteLength(line) <= 998);
});

test('a value cannot add a field', () => {
  assert.equal(formatField('X', 'a\r\nBcc: evil\0\rz'), 'X: a Bcc: evil z\r\n');
});
