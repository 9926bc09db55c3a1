import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseAddressList } from '../../../mail/message/address-list.ts';
import { formatAddress } from '../../../mail/message/address.ts';
import { scanHeader } from '../../../mail/message/header-scan.ts';
import { addressesOf, authorsOf } from '../../../mail/message/strict-addresses.ts';

const mine = 'me@mine.test';
const strict = (value: string) => {
  const found = addressesOf(value);
  return found.kind === 'ok' ? found.addresses.map(formatAddress) : found.kind;
};

test('mailboxes of RFC 5322 appendix A are read, whatever surrounds them', () => {
  for (const [value, ...expected] of [
    ['me@mine.test', mine],
    [' John Doe <me@mine.test>', mine],
    ['"Joe Q. Public" <john.q.public@example.com>', 'john.q.public@example.com'],
    ['Joe Q. Public <me@mine.test>', mine],
    ['me@mine.test (me)', mine],
    ['(me) <me@mine.test> (again)', mine],
    ['< me@mine.test >', mine],
    ['Mary <mary@x.test>,\r\n me@mine.test', 'mary@x.test', mine],
    ['"quoted local"@mine.test', '"quoted local"@mine.test'],
    ['lit@[192.0.2.1]', 'lit@[192.0.2.1]'],
    ['Jos\xc3\xa9 <jos\xc3\xa9@mine.test>', 'josé@mine.test'],
    ['A Group:me@mine.test, Other <o@x.test>;', mine, 'o@x.test'],
    ['A: a@x.test;, me@mine.test', 'a@x.test', mine],
  ])
    assert.deepEqual(strict(value ?? ''), expected, value);
});

test('no name, comment, quote or encoded word passes for an address', () => {
  for (const value of [
    '"boss@bank.test" <me@mine.test>',
    '(boss@bank.test) me@mine.test',
    'me@mine.test (<boss@bank.test>)',
    '"<boss@bank.test>," me <me@mine.test>',
    '=?utf-8?q?boss=40bank.test?= <me@mine.test>',
  ])
    assert.deepEqual(strict(value), [mine], value);
  assert.deepEqual(strict('me@mine.test, boss@bank.test'), [mine, 'boss@bank.test']);
  assert.deepEqual(strict('x:me@mine.test,boss@bank.test;'), [mine, 'boss@bank.test']);
});

test('what two readers might read in two ways is malformed', () => {
  for (const value of [
    '',
    'boss@bank.test <me@mine.test>',
    '<boss@bank.test> <me@mine.test>',
    'me@mine.test boss@bank.test',
    'me@mine.test; boss@bank.test',
    'Paco paco@mine.test',
    'me@mine.test,',
    ',me@mine.test',
    'me',
    'me@mine.test>',
    '<me@mine.test',
    '"me@mine.test',
    'me@mine.test (open',
    'me@(bank.test)mine.test',
    'me @mine.test',
    'me@mine.test\0',
    'me@mine.test\rboss@bank.test',
    'me\xe9@mine.test',
    'a@b@mine.test',
    '@x.test:me@mine.test',
    '<@x.test:me@mine.test>',
    'undisclosed:;',
    'g:me@mine.test',
    'g: h: me@mine.test;;',
    '=?utf-8?q?me=40mine.test?=',
    'me@=?utf-8?q?mine.test?=',
    '<>',
    'me@mine.test\\',
    `${'a@x.test,'.repeat(3000)}me@mine.test`,
  ])
    assert.equal(strict(value), 'malformed', JSON.stringify(value));
});

const authors = (text: string) => authorsOf(scanHeader(Buffer.from(text, 'latin1')));

test('several From fields are malformed, however they are written', () => {
  for (const other of ['From: boss@bank.test', 'FROM : me@mine.test', 'From\r\n : boss@bank.test'])
    assert.equal(authors(`From: ${mine}\r\n${other}\r\n\r\n`).kind, 'malformed', other);
  assert.equal(authors(`From: ${mine}\r\nSender: ${mine}\r\nsender: ${mine}\r\n`).kind, 'malformed');
  assert.equal(authors(`From: ${mine}\r\nSender: ${mine}, ${mine}\r\n`).kind, 'malformed');
});

test('From and Sender are told, and a From that is missing', () => {
  const found = authors(
    `Subject: x\r\nFrom: A <${mine}>, b@mine.test\r\nSender: c@mine.test\r\n\r\nFrom: x@y.test`,
  );
  assert.equal(found.kind, 'ok');
  if (found.kind !== 'ok') return;
  assert.deepEqual(found.from.map(formatAddress), [mine, 'b@mine.test']);
  assert.equal(found.sender && formatAddress(found.sender), 'c@mine.test');
  assert.deepEqual(authors('Subject: x\r\n\r\nFrom: me@mine.test\r\n'), { kind: 'missing' });
});

test('a header that is too large to be read whole is malformed', () => {
  const large = `From: ${mine}\r\n${`X: ${'y'.repeat(990)}\r\n`.repeat(1200)}From: boss@bank.test\r\n\r\n`;
  assert.equal(authors(large).kind, 'malformed');
});

test('groups of an address list are opened and closed, whatever is missing', () => {
  assert.deepEqual(
    parseAddressList('g: a@x, h: b@y').map(({ kind }) => kind),
    ['groupStart', 'mailbox', 'mailbox', 'groupEnd'],
  );
  assert.deepEqual(parseAddressList(';;,,'), []);
});

test('deeply nested comments take no stack', () => {
  assert.deepEqual(parseAddressList(`${'('.repeat(60_000)}x`), []);
});
