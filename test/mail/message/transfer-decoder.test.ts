import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeTransfer, transferDecoder } from '../../../mail/message/transfer-decoder.ts';
import { seededRandom } from '../../seeded-random.ts';
import { inPieces } from './pieces.ts';

const decoded = (text: string, encoding: string) =>
  Buffer.from(decodeTransfer(Buffer.from(text, 'latin1'), encoding)).toString('latin1');

test('base64 is read whatever stands between its characters, and past its padding', () => {
  assert.equal(decoded('SGVs\r\nbG8=\r\n', 'BASE64'), 'Hello');
  assert.equal(decoded('SG*Vs bG!8', 'BASE64'), 'Hello');
  assert.equal(decoded('SGk=SGk=', 'BASE64'), 'HiHi');
  assert.equal(decoded('SGVsbA', 'BASE64'), 'Hell');
  assert.equal(decoded('', 'BASE64'), '');
});

test('quoted-printable is read by RFC 2045 section 6.7, and what is none of it stays', () => {
  assert.equal(decoded('caf=E9 =\r\nso=\nlo', 'QUOTED-PRINTABLE'), 'caf\xe9 solo');
  assert.equal(decoded('a= \t\r\nb', 'QUOTED-PRINTABLE'), 'ab');
  assert.equal(decoded('1=2 =e9 =', 'QUOTED-PRINTABLE'), '1=2 \xe9 =');
});

test('another encoding leaves the octets as they are', () => {
  assert.equal(decoded('a=\r\n\xff', '8BIT'), 'a=\r\n\xff');
  assert.equal(decoded('a=', 'X-UUENCODE'), 'a=');
});

test('what comes in pieces is decoded as the whole is', () => {
  const random = seededRandom(2045);
  const alphabet = Buffer.from('AbQ=+/=\r\n =9Ee \t-\xe9', 'latin1');
  for (let round = 0; round < 3000; round += 1) {
    const bytes = Buffer.from(
      Array.from(
        { length: Math.floor(random() * 100) },
        () => alphabet[Math.floor(random() * alphabet.length)] ?? 0,
      ),
    );
    for (const encoding of ['BASE64', 'QUOTED-PRINTABLE', '7BIT']) {
      const decoder = transferDecoder(encoding);
      const pieces = inPieces(random, bytes).map((piece) => Buffer.from(decoder.write(piece)));
      assert.deepEqual(
        Buffer.concat([...pieces, decoder.end()]),
        Buffer.concat([decodeTransfer(bytes, encoding)]),
        `${encoding} ${JSON.stringify(bytes.toString('latin1'))}`,
      );
    }
  }
});

test('what was encoded comes back', () => {
  const random = seededRandom(1);
  for (let round = 0; round < 300; round += 1) {
    const bytes = Buffer.from(
      Array.from({ length: Math.floor(random() * 300) }, () => Math.floor(random() * 256)),
    );
    const base64 = bytes.toString('base64').replace(/.{76}/g, '$&\r\n');
    assert.deepEqual(Buffer.from(decodeTransfer(Buffer.from(base64), 'BASE64')), bytes);
    const quoted = [...bytes].map((octet) => `=${octet.toString(16).padStart(2, '0')}`).join('');
    assert.deepEqual(Buffer.from(decodeTransfer(Buffer.from(quoted), 'QUOTED-PRINTABLE')), bytes);
  }
});
