import assert from 'node:assert/strict';
import { test } from 'node:test';
import { previewOf } from '../../../mail/message/preview.ts';
import { scanMessage } from '../../../mail/message/scan-message.ts';

const plain = (text: string | Buffer, encoding = '8BIT', charset?: string) =>
  previewOf({
    bytes: Buffer.from(text),
    encoding,
    html: false,
    ...(charset === undefined ? {} : { charset }),
  });
const html = (text: string) => previewOf({ bytes: Buffer.from(text), encoding: '8BIT', html: true });

test('a preview is the first 200 characters on one line', () => {
  assert.equal(plain('  Hello,\r\n\r\n\tworld \u200b\r\n'), 'Hello, world');
  assert.equal(plain('x'.repeat(1000)), 'x'.repeat(200));
  assert.equal(plain('😀'.repeat(300)), '😀'.repeat(200));
});

test('transfer encodings and charsets are decoded', () => {
  assert.equal(plain(Buffer.from('¡Hola!').toString('base64'), 'BASE64', 'utf-8'), '¡Hola!');
  assert.equal(plain('caf=E9 =\r\nsolo', 'QUOTED-PRINTABLE', 'iso-8859-1'), 'café solo');
  assert.equal(plain(Buffer.from([0xc7, 0xd1, 0xb1, 0xdb]), '8BIT', 'euc-kr'), '한글');
  assert.equal(plain('¡Hola!', '8BIT', 'no-such-charset'), '¡Hola!');
});

test('a character that the limit cuts is left out', () => {
  assert.equal(plain(Buffer.from('aé').subarray(0, 2)), 'a');
});

test('lines that quote are left out, unless there is nothing else', () => {
  assert.equal(plain('> you said\r\nI say\r\n'), 'I say');
  assert.equal(plain('> only this\r\n'), '> only this');
});

test('HTML loses its tags, comments, styles and scripts', () => {
  assert.equal(
    html('<style>p{}</style><p>One<br>two <b>th</b>ree<!-- no --> &amp; &#x1F600; &iexcl;&nope;'),
    'One two three & 😀 ¡&nope;',
  );
  assert.equal(html('<head><title>no</title></head><body>1 < 2<script>x'), '1 < 2');
  assert.equal(html('<p unclosed'), '');
});

test('an attachment, or a message within, gives no preview; HTML does where there is no plain text', () => {
  const of = (type: string, more: string, body: string) =>
    scanMessage(
      Buffer.from(
        `Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: ${type}\r\n${more}\r\n${body}\r\n--b--\r\n`,
      ),
    ).preview;
  assert.equal(of('text/plain', '', 'shown'), 'shown');
  assert.equal(of('text/html', '', '<p>shown'), 'shown');
  assert.equal(of('text/plain', 'Content-Disposition: attachment\r\n', 'hidden'), '');
  assert.equal(of('message/rfc822', '', 'Subject: x\r\n\r\nhidden'), '');
  assert.equal(of('text/csv', '', 'hidden'), '');
});

test('of a long text no more is looked at than its preview needs, and nothing torn is shown', () => {
  const quoted = Buffer.from('😀').reduce((text, octet) => `${text}=${octet.toString(16).toUpperCase()}`, '');
  for (let shift = 0; shift < 16; shift += 1) {
    const before = 'x'.repeat(shift);
    const expected = before + '😀'.repeat(200 - shift);
    assert.equal(plain(before + '😀'.repeat(3000)), expected);
    assert.equal(html(before + '&#128512;'.repeat(3000)), expected);
    assert.equal(plain(before + `${quoted}=\r\n`.repeat(3000), 'QUOTED-PRINTABLE', 'utf-8'), expected);
    assert.equal(
      plain(Buffer.from(expected.repeat(20)).toString('base64'), 'BASE64', 'utf-8'),
      Array.from(expected).slice(0, 200).join(''),
    );
  }
  assert.equal(plain(`${'> quoted words\r\n'.repeat(500)}my own`), 'my own');
  assert.equal(plain('> quoted words\r\n'.repeat(500)).slice(0, 14), '> quoted words');
  assert.equal(html(`<style>${'p { color: red }\n'.repeat(500)}</style>seen`), 'seen');
});
