import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  formatAsctime,
  formatDate,
  formatInternalDate,
  parseAsctime,
  parseDate,
  parseInternalDate,
  writtenDay,
} from '../../../mail/message/date.ts';
import { seededRandom } from '../../seeded-random.ts';

const iso = (date: { readonly ms: number } | undefined) =>
  date && new Date(date.ms).toISOString().slice(0, 19);

test('dates of RFC 5322, its obsolete forms and common mistakes are read', () => {
  for (const [value, expected] of [
    ['Fri, 21 Nov 1997 09:55:06 -0600', '1997-11-21T15:55:06'],
    ['Tue, 1 Jul 2003 10:52:37 +0200', '2003-07-01T08:52:37'],
    [
      'Thu,\r\n      13\r\n        Feb\r\n          1969\r\n      23:32\r\n -0330 (Newfoundland Time)',
      '1969-02-14T03:02:00',
    ],
    ['21 Nov 97 09:55:06 GMT', '1997-11-21T09:55:06'],
    ['Fri, 21 Nov 1997 09(comment (nested)):   55  :  06 -0600', '1997-11-21T15:55:06'],
    ['1 Jan 49 00:00 Z', '2049-01-01T00:00:00'],
    ['1 Jan 50 00:00 Z', '1950-01-01T00:00:00'],
    ['1 Jan 103 00:00 EST', '2003-01-01T05:00:00'],
    ['Mon, 29 Feb 2016 12:00:00 PDT', '2016-02-29T19:00:00'],
    ['24-Nov-2026 02:21:11 +0000', '2026-11-24T02:21:11'],
    ['Tuesday, 24 November 2026 02:21:11', '2026-11-24T02:21:11'],
    ['Sat, 31 Dec 2016 23:59:60 +0000', '2017-01-01T00:00:00'],
    ['Tue, 24 Nov 2026 02:21:11 A', '2026-11-24T02:21:11'],
  ])
    assert.equal(iso(parseDate(value ?? '')), expected, value);
});

test('what is no date gives undefined', () => {
  for (const value of [
    '',
    'yesterday',
    '31 Feb 2026 00:00 +0000',
    '0 Jan 2026 00:00 +0000',
    '1 Foo 2026 00:00 +0000',
    '1 Jan 2026 24:00 +0000',
    '1 Jan 2026 00:60 +0000',
    '1 Jan 2026 00:00 +0099',
    '1 Jan 99999 00:00 +0000',
    `1 Jan 2026 ${' '.repeat(10_000)}00:00`,
  ])
    assert.equal(parseDate(value), undefined, value);
});

test('each format is read back as it was written, in every zone', () => {
  const random = seededRandom(1970);
  for (let round = 0; round < 2000; round += 1) {
    const ms = Math.floor(random() * 4e9) * 1000;
    const date = { ms, offsetMinutes: Math.floor(random() * 1681) - 840 };
    assert.deepEqual(parseDate(formatDate(date)), date);
    assert.deepEqual(parseInternalDate(formatInternalDate(date)), date);
    assert.equal(parseAsctime(formatAsctime(ms))?.ms, ms);
  }
});

test('dates are written as their RFCs have it', () => {
  const date = { ms: Date.UTC(2026, 10, 4, 2, 1, 9), offsetMinutes: -210 };
  assert.equal(formatDate(date), 'Tue, 3 Nov 2026 22:31:09 -0330');
  assert.equal(formatInternalDate(date), ' 3-Nov-2026 22:31:09 -0330');
  assert.equal(formatDate(date.ms), 'Wed, 4 Nov 2026 02:01:09 +0000');
  assert.equal(formatAsctime(date.ms), 'Wed Nov  4 02:01:09 2026');
});

test('an internal date is taken only in its exact form', () => {
  for (const text of [
    '4-Nov-2026 02:01:09 +0000',
    '04-Nov-2026 02:01 +0000',
    '04 Nov 2026 02:01:09 +0000',
    '',
  ])
    assert.equal(parseInternalDate(text), undefined);
  assert.equal(parseInternalDate('04-nov-2026 02:01:09 +0000')?.ms, Date.UTC(2026, 10, 4, 2, 1, 9));
});

test('From lines of mbox have their dates in several forms', () => {
  for (const text of [
    'Wed Nov  4 02:01:09 2026',
    'Wed Nov 4 02:01:09 GMT 2026',
    'Wed Nov  4 03:01:09 2026 +0100',
  ])
    assert.equal(iso(parseAsctime(text)), '2026-11-04T02:01:09', text);
  assert.equal(iso(parseAsctime('Wed Nov  4 02:01 2026')), '2026-11-04T02:01:00');
  assert.equal(parseAsctime('Wed Nov 4 2026'), undefined);
});

test('the day as it was written does not depend on the zone', () => {
  const day = (text: string) => {
    const date = parseDate(text);
    return date && new Date(writtenDay(date) * 86_400_000).toISOString().slice(0, 10);
  };
  assert.equal(day('Wed, 4 Nov 2026 23:30:00 -0800'), '2026-11-04');
  assert.equal(day('Wed, 4 Nov 2026 00:30:00 +1400'), '2026-11-04');
  assert.equal(day('4 Nov 26 00:00 EST'), '2026-11-04');
  assert.equal(day('Thu, 1 Jan 1970 00:00:00 +0100'), '1970-01-01');
  assert.equal(day('Wed, 31 Dec 1969 23:59:59 -0100'), '1969-12-31');
});
