import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  canonicalAddress,
  canonicalDomain,
  formatAddress,
  needsUtf8,
  parseAddress,
} from '../../../mail/message/address.ts';

test('addresses of RFC 5321 and 6531 are read and written back', () => {
  for (const text of [
    'paco@example.net',
    'a.b+c=d@x',
    "!#$%&'*+/=?^_`{|}~-@example.net",
    '"john doe"@example.org',
    '"a\\"b\\\\c"@example.org',
    '"a@b"@example.org',
    'lit@[192.0.2.1]',
    'lit@[IPv6:2001:db8::1]',
    'josé@bücher.example',
    '用户@例子.广告',
    `${'a'.repeat(64)}@x.test`,
  ]) {
    const address = parseAddress(text);
    assert.ok(address !== undefined, text);
    assert.equal(formatAddress(address), text);
  }
});

test('quotes that are not needed are not kept', () => {
  assert.deepEqual(parseAddress('"paco"@example.net'), { localPart: 'paco', domain: 'example.net' });
});

test('what is no address gives undefined', () => {
  for (const text of [
    '',
    'paco',
    '@example.net',
    'paco@',
    'a b@example.net',
    '.a@x',
    'a.@x',
    'a..b@x',
    'a@x.',
    'a@.x',
    'a@-x',
    'a@x_y',
    'a@x y',
    'a@b@c',
    '""@x',
    '"a@x',
    'a"b@x',
    '"a\0b"@x',
    'a@[x',
    '<a@b>',
    'a\u0085@x',
    'a\u2028@x',
    '\ud800@x',
    `${'a'.repeat(65)}@x`,
    `${'é'.repeat(33)}@x`,
    `a@${'x.'.repeat(127)}xx`,
  ])
    assert.equal(parseAddress(text), undefined, JSON.stringify(text));
});

test('a canonical domain is in lower case and in A-labels', () => {
  assert.equal(canonicalDomain('EXAMPLE.Net'), 'example.net');
  assert.equal(canonicalDomain('BÜCHER.example'), 'xn--bcher-kva.example');
  assert.equal(canonicalDomain('[IPv6:2001:DB8::1]'), '[ipv6:2001:db8::1]');
  assert.equal(canonicalDomain('localhost'), 'localhost');
});

test('numbers, and labels or names that are too long, are no domain', () => {
  for (const domain of [
    '1.2',
    '0x7f.1',
    '192.0.2.1',
    '１.２.３.４',
    `${'a'.repeat(64)}.test`,
    'a.'.repeat(127) + 'aa',
  ])
    assert.equal(canonicalDomain(domain), undefined, domain);
  assert.equal(canonicalDomain(`${'a'.repeat(63)}.test`), `${'a'.repeat(63)}.test`);
});

test('canonical addresses are equal where the case or the form of their characters differs', () => {
  const canonical = (text: string) => {
    const address = parseAddress(text);
    return address && canonicalAddress(address);
  };
  assert.equal(canonical('"Paco"@EXAMPLE.net'), 'paco@example.net');
  assert.equal(canonical('jose\u0301@example.net'), canonical('jos\u00e9@EXAMPLE.NET'));
  assert.notEqual(canonical('"a b"@example.net'), canonical('ab@example.net'));
  assert.equal(canonical('a@1.2'), undefined);
});

test('only octets outside ASCII need SMTPUTF8', () => {
  assert.equal(needsUtf8({ localPart: 'a', domain: 'xn--bcher-kva.example' }), false);
  assert.equal(needsUtf8({ localPart: 'é', domain: 'x' }), true);
  assert.equal(needsUtf8({ localPart: 'a', domain: 'bücher.example' }), true);
});
