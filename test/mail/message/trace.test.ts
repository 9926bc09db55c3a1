import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatAddress } from '../../../mail/message/address.ts';
import { parseDate } from '../../../mail/message/date.ts';
import { firstValue, parseHeader } from '../../../mail/message/header.ts';
import {
  countReceived,
  deliveredTo,
  formatReceived,
  formatReturnPath,
  type ReceivedHop,
} from '../../../mail/message/trace.ts';

const ms = Date.UTC(2026, 10, 24, 2, 21, 11);
const hop: ReceivedHop = {
  helo: 'mail.example.org',
  remoteAddress: '192.0.2.1',
  by: 'mx.example.net',
  extended: true,
  authenticated: false,
  smtpUtf8: false,
  id: 'abc123',
  recipients: [{ localPart: 'paco', domain: 'example.net' }],
  date: ms,
};
const tls = { version: 'TLSv1.3', cipher: 'TLS_AES_256_GCM_SHA384' };
const value = (more: Partial<ReceivedHop>) =>
  firstValue(parseHeader(Buffer.from(formatReceived({ ...hop, ...more }))), 'received') ?? '';

test('a Received field has the clauses of RFC 5321 section 4.4 in their order', () => {
  assert.equal(
    value({ tls }),
    'from mail.example.org ([192.0.2.1]) by mx.example.net with ESMTPS (TLSv1.3) id abc123 for <paco@example.net> ' +
      'tls TLS_AES_256_GCM_SHA384; Tue, 24 Nov 2026 02:21:11 +0000',
  );
  assert.ok(
    formatReceived({ ...hop, tls })
      .split('\r\n')
      .every((line) => line.length <= 78),
  );
});

test('the protocol is the registered name', () => {
  for (const [more, protocol] of [
    [{ extended: false }, 'SMTP'],
    [{}, 'ESMTP'],
    [{ tls }, 'ESMTPS'],
    [{ authenticated: true }, 'ESMTPA'],
    [{ tls, authenticated: true }, 'ESMTPSA'],
    [{ smtpUtf8: true }, 'UTF8SMTP'],
    [{ smtpUtf8: true, tls, authenticated: true }, 'UTF8SMTPSA'],
  ] as const)
    assert.match(value(more), new RegExp(` with ${protocol} `));
});

test('an IPv6 address is tagged, and an IPv4 address within one is itself', () => {
  assert.match(value({ remoteAddress: '2001:db8::1' }), /\(\[IPv6:2001:db8::1\]\)/);
  assert.match(value({ remoteAddress: '::ffff:192.0.2.9' }), /\(\[192\.0\.2\.9\]\)/);
  assert.match(value({ remoteAddress: 'fe80::1%eth0' }), /\(\[IPv6:fe80::1\]\)/);
});

test('recipients are named only where there is one, and it can be written', () => {
  const other = { localPart: 'ana', domain: 'example.net' };
  assert.doesNotMatch(value({ recipients: [...hop.recipients, other] }), / for |paco|ana/);
  const international = [{ localPart: 'josé', domain: 'example.net' }];
  assert.doesNotMatch(value({ recipients: international }), / for /);
  assert.match(
    formatReceived({ ...hop, recipients: international, smtpUtf8: true }),
    /for <josé@example.net>/,
  );
});

test('what a client calls itself cannot add clauses, comments or fields', () => {
  const received = value({ helo: 'x) by evil (\r\nBcc: y' });
  assert.match(received, /^from x--by-evil----Bcc:-y \(\[192\.0\.2\.1\]\) by mx\.example\.net with/);
  assert.match(value({ helo: '[IPv6:2001:db8::1]' }), /^from \[IPv6:2001:db8::1\] /);
  assert.match(value({ helo: '' }), /^from unknown /);
});

test('the date of a Received field can be read', () => {
  assert.equal(parseDate(value({}).split('; ')[1] ?? '')?.ms, ms);
});

test('hops and mailboxes are found for loop detection', () => {
  const address = { localPart: 'a b', domain: 'example.net' };
  const header =
    formatReceived(hop) +
    `Delivered-To: ${formatAddress(address)}\r\n` +
    formatReceived(hop) +
    formatReturnPath(null);
  const fields = parseHeader(Buffer.from(header));
  assert.equal(countReceived(fields), 2);
  assert.deepEqual(deliveredTo(fields, 10), ['"a b"@example.net']);
  assert.deepEqual(deliveredTo(fields, 0), []);
  assert.equal(formatReturnPath(address), 'Return-Path: <"a b"@example.net>\r\n');
});
