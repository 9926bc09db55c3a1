import assert from 'node:assert/strict';
import { test } from 'node:test';
import { canonicalIp, clientNetwork, isLoopback } from '../../../containers/listener/ip-address.ts';

test('An address has one form', () => {
  assert.equal(canonicalIp('192.0.2.1'), '192.0.2.1');
  assert.equal(canonicalIp('::ffff:192.0.2.1'), '192.0.2.1');
  assert.equal(canonicalIp('0:0:0:0:0:ffff:c000:201'), '192.0.2.1');
  assert.equal(canonicalIp('2001:DB8:0:0:0:0:0:1'), '2001:db8::1');
  assert.equal(canonicalIp('fe80::1%eth0'), 'fe80::1');
  assert.equal(canonicalIp('localhost'), undefined);
  assert.equal(canonicalIp(''), undefined);
});

test('Loopback is 127.0.0.0/8 and ::1', () => {
  for (const address of ['127.0.0.1', '127.9.9.9', '::1']) assert.equal(isLoopback(address), true);
  for (const address of ['128.0.0.1', '12.7.0.1', '::2', '1270::1']) assert.equal(isLoopback(address), false);
});

test('A client is an IPv4 address or an IPv6 /64', () => {
  assert.equal(clientNetwork('192.0.2.1'), '192.0.2.1');
  assert.equal(clientNetwork('2001:db8:1:2:3:4:5:6'), '2001:db8:1:2::/64');
  assert.equal(clientNetwork('2001:db8::1'), '2001:db8:0:0::/64');
  assert.equal(clientNetwork('2001:db8:0:0:9::1'), '2001:db8:0:0::/64');
  assert.equal(clientNetwork('2001:db8:1:2::'), '2001:db8:1:2::/64');
  assert.equal(clientNetwork('::1'), '0:0:0:0::/64');
});
