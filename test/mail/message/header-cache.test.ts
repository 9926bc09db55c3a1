import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  cachedFields,
  decodeHeaderCache,
  encodeHeaderCache,
  fieldNames,
  type CachedHeader,
} from '../../../mail/message/header-cache.ts';
import { scanHeader } from '../../../mail/message/header-scan.ts';
import { sample } from './samples.ts';

const envelope = '("Thu, 26 Nov 2026 10:00:00 +0000" "Lunch" NIL NIL NIL NIL NIL NIL NIL NIL)';

function cacheOf(bytes: Buffer): Uint8Array | undefined {
  return encodeHeaderCache({ bytes, envelope, ...scanHeader(bytes) });
}
function read(bytes: Buffer) {
  const cached = decodeHeaderCache(cacheOf(bytes) ?? assert.fail('not cached'), envelope);
  return cached ?? assert.fail('not readable');
}
const fieldsOf = (header: CachedHeader, names: readonly string[]) => cachedFields(header, fieldNames(names));

test('fields come back byte for byte, in the order of the message', () => {
  const message = Buffer.from('b: 1\r\n 2\r\nA :  3 \r\nDate: x\r\nB: \xe4\r\n\r\n', 'latin1');
  assert.equal(fieldsOf(read(message), ['a', 'B']), 'b: 1\r\n 2\r\nA :  3 \r\nB: \xe4\r\n');
  assert.equal(fieldsOf(read(message), ['none']), '');
  assert.equal(fieldsOf(read(sample('lf-only')), ['subject']), 'Subject: line\n feeds\n');
});

test('for signatures and trace the message itself must be read', () => {
  const cached = read(sample('plain'));
  assert.equal(cached.complete, false);
  assert.equal(fieldsOf(cached, ['Subject', 'Received']), undefined);
  assert.equal(fieldsOf(cached, ['subject']), 'Subject: Lunch\r\n');
});

test('a message without signatures and trace is cached whole, and answers for their names too', () => {
  const cached = read(sample('rfc2046-mixed'));
  assert.equal(cached.complete, true);
  assert.equal(fieldsOf(cached, ['Received']), '');
});

test('a usual header is cached in less than half its octets', () => {
  const bytes = sample('html-with-image');
  const cache = cacheOf(bytes);
  assert.ok(cache !== undefined && cache.length < scanHeader(bytes).headerBytes * 0.75);
});

test('a header larger than the limits is not cached', () => {
  assert.equal(cacheOf(Buffer.from(`Subject: ${'x'.repeat(70_000)}\r\n\r\n`)), undefined);
  const noise = Array.from({ length: 9000 }, (_, index) => Math.imul(index, 2654435761).toString(36)).join(
    '',
  );
  assert.equal(cacheOf(Buffer.from(`Subject: ${noise}\r\n\r\n`)), undefined);
});

test('a damaged cache, or one of another version, is no cache', () => {
  const cache = Buffer.from(cacheOf(sample('plain')) ?? assert.fail());
  assert.equal(decodeHeaderCache(Buffer.concat([Buffer.of(9), cache.subarray(1)]), envelope), undefined);
  assert.equal(decodeHeaderCache(cache.subarray(0, cache.length - 8), envelope), undefined);
  assert.equal(decodeHeaderCache(new Uint8Array(0), envelope), undefined);
});

test('what the envelope says is not kept again', () => {
  const subject = 'A rather long subject with words that no dictionary would ever have: 7f3a9c1e55';
  const bytes = Buffer.from(`Subject: ${subject}\r\n\r\n`);
  const told = encodeHeaderCache({ bytes, ...scanHeader(bytes), envelope: `(NIL "${subject}")` });
  assert.ok(told !== undefined && told.length < 20);
  const cached = decodeHeaderCache(told, `(NIL "${subject}")`);
  assert.equal(cached && fieldsOf(cached, ['subject']), `Subject: ${subject}\r\n`);
});

test('a cache of the version before, without the envelope, is read', () => {
  const cache = Buffer.from('010183737c4af39233b07a1c00', 'hex');
  const cached = decodeHeaderCache(cache, envelope);
  assert.equal(cached && fieldsOf(cached, ['subject']), 'Subject: Lunch\r\n');
});
