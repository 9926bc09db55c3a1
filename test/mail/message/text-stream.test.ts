import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TextForm } from '../../../mail/message/text-parts.ts';
import { TextStream } from '../../../mail/message/text-stream.ts';
import { seededRandom } from '../../seeded-random.ts';
import { inPieces } from './pieces.ts';

function textOf(form: TextForm, pieces: readonly Uint8Array[]): string {
  const stream = new TextStream(form);
  return pieces.map((piece) => stream.write(piece)).join('') + stream.end();
}

const plain = (charset: string, encoding = '8BIT'): TextForm => ({ encoding, charset, html: false });

/** The same text in charsets of one, two and more octets a character, and with shifts. */
const samples: readonly (readonly [string, string, string])[] = [
  ['utf-8', 'c3a9e0a4a8f09f9880', 'éन😀'],
  ['iso-8859-1', 'e980', 'é€'],
  ['iso-8859-2', 'b1e6ea', 'ąćę'],
  ['koi8-r', 'f0d2c9d7c5d4', 'Привет'],
  ['windows-1251', 'cff0e8e2e5f2', 'Привет'],
  ['shift_jis', '93fa967b8cea', '日本語'],
  ['iso-2022-jp', '1b2442467c4b5c386c1b2842', '日本語'],
  ['euc-jp', 'c6fccbdcb8ec', '日本語'],
  ['gb18030', 'd6d0cec490308130', '中文\u{10000}'],
  ['big5', 'a4a4a4e5', '中文'],
  ['euc-kr', 'c7d1b1db', '한글'],
  ['utf-16le', '41003dd800de', 'A😀'],
];

test('each charset is decoded, octet by octet and in one piece', () => {
  for (const [charset, hex, text] of samples) {
    const bytes = Buffer.from(hex, 'hex');
    assert.equal(textOf(plain(charset), [bytes]), text, charset);
    assert.equal(
      textOf(
        plain(charset),
        [...bytes].map((octet) => Uint8Array.of(octet)),
      ),
      text,
      charset,
    );
  }
});

test('without a charset, or with one that is not known or that lies, a text is UTF-8', () => {
  const bytes = Buffer.from('año');
  assert.equal(textOf({ encoding: '8BIT', html: false }, [bytes]), 'año');
  assert.equal(textOf(plain('no-such-charset'), [bytes]), 'año');
  assert.equal(textOf(plain('US-ASCII'), [bytes]), 'año');
});

test('references of HTML are replaced, also over the border of two pieces', () => {
  const bytes = Buffer.from('caf&eacute; &#x1F600;&amp;lt; &nope; &eacut', 'latin1');
  const html: TextForm = { encoding: '7BIT', charset: 'utf-8', html: true };
  for (let at = 0; at <= bytes.length; at += 1)
    assert.equal(textOf(html, [bytes.subarray(0, at), bytes.subarray(at)]), 'café 😀&lt; &nope; &eacut');
  assert.equal(textOf({ ...html, html: false }, [bytes]), bytes.toString());
});

test('any octets in any pieces give one text', () => {
  const random = seededRandom(10646);
  const alphabet = Buffer.from('&a;#x1=9\r\n<é\x1b$B\x80\xff', 'latin1');
  for (let round = 0; round < 3000; round += 1) {
    const bytes = Buffer.from(
      Array.from(
        { length: Math.floor(random() * 80) },
        () => alphabet[Math.floor(random() * alphabet.length)] ?? 0,
      ),
    );
    const [charset] = samples[Math.floor(random() * samples.length)] ?? ['utf-8'];
    const encoding = ['7BIT', 'BASE64', 'QUOTED-PRINTABLE'][Math.floor(random() * 3)] ?? '7BIT';
    const form = { encoding, charset, html: random() < 0.5 };
    assert.equal(
      textOf(form, inPieces(random, bytes)),
      textOf(form, [bytes]),
      JSON.stringify([form, bytes.toString('hex')]),
    );
  }
});
