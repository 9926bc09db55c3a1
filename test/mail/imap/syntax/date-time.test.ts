import assert from 'node:assert/strict';
import { test } from 'node:test';
import { date, dateTime, formatDateTime } from '../../../../mail/imap/syntax/date-time.ts';
import { seededRandom } from '../../../seeded-random.ts';
import { fuzzRounds } from '../../wire/splits.ts';
import { scannerOf } from './scan.ts';

/** The moment that the whole of `text` writes, in ISO 8601. */
function moment(text: string): string | undefined {
  const args = scannerOf(text);
  const read = dateTime(args);
  return args.end() ? read?.toISOString() : undefined;
}

/** The day that the whole of `text` writes. */
function day(text: string): string | undefined {
  const args = scannerOf(text);
  const days = date(args);
  return args.end() && days !== undefined
    ? new Date(days * 86_400_000).toISOString().slice(0, 10)
    : undefined;
}

const moments: readonly (readonly [text: string, moment: string])[] = [
  // RFC 3501 sections 6.3.11 and 8.
  ['" 7-Feb-1994 21:52:25 -0800"', '1994-02-08T05:52:25.000Z'],
  ['"17-Jul-1996 02:44:25 -0700"', '1996-07-17T09:44:25.000Z'],
  ['"07-Feb-1994 21:52:25 +0000"', '1994-02-07T21:52:25.000Z'],
  ['"01-jan-1970 00:00:00 +0000"', '1970-01-01T00:00:00.000Z'],
  ['"01-JAN-1970 00:00:00 -0000"', '1970-01-01T00:00:00.000Z'],
  ['"29-Feb-2024 12:00:00 +0530"', '2024-02-29T06:30:00.000Z'],
  ['"29-Feb-2000 00:00:00 -0330"', '2000-02-29T03:30:00.000Z'],
  ['"31-Dec-2025 23:59:59 -1200"', '2026-01-01T11:59:59.000Z'],
  ['" 1-Jan-2026 00:30:00 +1400"', '2025-12-31T10:30:00.000Z'],
  // A leap second is the second after.
  ['"31-Dec-2016 23:59:60 +0000"', '2017-01-01T00:00:00.000Z'],
  ['"01-Jan-0099 00:00:00 +0000"', '0099-01-01T00:00:00.000Z'],
  ['"31-Dec-9999 23:59:59 +0000"', '9999-12-31T23:59:59.000Z'],
];

for (const [text, expected] of moments)
  test(`${text} is ${expected}`, () => {
    assert.equal(moment(text), expected);
  });

test('what is no date-time is refused', () => {
  for (const text of [
    '',
    '""',
    '17-Jul-1996 02:44:25 -0700',
    '"7-Feb-1994 21:52:25 -0800"',
    '"  7-Feb-1994 21:52:25 -0800"',
    '"17-Jul-96 02:44:25 -0700"',
    '"17-Jul-1996 2:44:25 -0700"',
    '"17-Jul-1996 02:44 -0700"',
    '"17-Jul-1996 02:44:25"',
    '"17-Jul-1996 02:44:25 0700"',
    '"17-Jul-1996 02:44:25 -070"',
    '"17-Jul-1996 02:44:25 PDT"',
    '"17-July-1996 02:44:25 -0700"',
    '"17-Jux-1996 02:44:25 -0700"',
    '"00-Jul-1996 02:44:25 -0700"',
    '" 0-Jul-1996 02:44:25 -0700"',
    '"32-Jul-1996 02:44:25 -0700"',
    '"31-Jun-1996 02:44:25 -0700"',
    '"29-Feb-2023 02:44:25 -0700"',
    '"29-Feb-1900 02:44:25 -0700"',
    '"17-Jul-1996 24:00:00 -0700"',
    '"17-Jul-1996 02:60:25 -0700"',
    '"17-Jul-1996 02:44:61 -0700"',
    '"17-Jul-1996  02:44:25 -0700"',
    '"17-Jul-1996 02:44:25 -0700',
    '"17 Jul 1996 02:44:25 -0700"',
  ])
    assert.equal(moment(text), undefined, text);
});

test('a date has a day of one or two digits, in quotes or without', () => {
  assert.equal(day('1-Feb-1994'), '1994-02-01');
  assert.equal(day('01-feb-1994'), '1994-02-01');
  assert.equal(day('"17-Jul-1996"'), '1996-07-17');
  assert.equal(day('29-Feb-2024'), '2024-02-29');
  assert.equal(day('31-Dec-1969'), '1969-12-31');
  for (const text of ['', '0-Feb-1994', '30-Feb-1994', '1-Feb-94', '1-2-1994', '"1-Feb-1994', '1-Feb-1994"'])
    assert.equal(day(text), undefined, text);
  for (const text of [' 1-Feb-1994', '001-Feb-1994', '1-Feb-19945', '1-Febr-1994', '"1-Feb-1994 "'])
    assert.equal(day(text), undefined, text);
});

test('INTERNALDATE is written in UTC, with a space before a day of one digit', () => {
  assert.equal(formatDateTime(837_596_665), '"17-Jul-1996 09:44:25 +0000"');
  assert.equal(formatDateTime(0), '" 1-Jan-1970 00:00:00 +0000"');
  assert.equal(formatDateTime(-62_135_596_800), '" 1-Jan-0001 00:00:00 +0000"');
  assert.equal(formatDateTime(253_402_300_799), '"31-Dec-9999 23:59:59 +0000"');
});

test('every moment comes back the same', () => {
  const random = seededRandom(1970);
  for (let round = 0; round < fuzzRounds; round++) {
    const seconds = Math.floor(random() * 253_402_300_800);
    const args = scannerOf(formatDateTime(seconds));
    assert.equal(dateTime(args)?.getTime(), seconds * 1000);
    assert.ok(args.end());
  }
});

test('every zone is taken off', () => {
  for (let minutes = -14 * 60; minutes <= 14 * 60; minutes += 15) {
    const size = Math.abs(minutes);
    const zone = `${minutes < 0 ? '-' : '+'}${String(Math.floor(size / 60) * 100 + (size % 60)).padStart(4, '0')}`;
    const utc = Date.UTC(2026, 0, 1, 12) - minutes * 60_000;
    assert.equal(moment(`" 1-Jan-2026 12:00:00 ${zone}"`), new Date(utc).toISOString());
  }
});
