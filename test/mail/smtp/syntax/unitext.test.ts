import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeUnitext, encodeUnitext } from '../../../../mail/smtp/syntax/unitext.ts';
import { decodeXtext } from '../../../../mail/smtp/syntax/xtext.ts';
import { seededRandom } from '../../../seeded-random.ts';

test('unitext embeds what an esmtp-value or an ASCII field cannot carry', () => {
  assert.equal(encodeUnitext('ñ+1 =\\@例', { ascii: false }), 'ñ\\x{2B}1\\x{20}\\x{3D}\\x{5C}@例');
  assert.equal(encodeUnitext('ñ+1@例😀', { ascii: true }), '\\x{F1}\\x{2B}1@\\x{4F8B}\\x{1F600}');
});

test('unitext carries any address there and back, and its ASCII form is an xtext as well', () => {
  const random = seededRandom(6533);
  for (let round = 0; round < 500; round++) {
    const address = Array.from({ length: 1 + random() * 20 }, () => {
      const point = 0x20 + Math.floor(random() * (random() < 0.5 ? 0x5f : 0x1ffff));
      const outside = (point >= 0x7f && point < 0xa0) || (point >= 0xd800 && point <= 0xdfff);
      return String.fromCodePoint(outside ? 0x41 : point);
    }).join('');
    for (const ascii of [true, false]) {
      const encoded = encodeUnitext(address, { ascii });
      assert.equal(decodeUnitext(encoded), address);
      if (ascii) assert.equal(decodeXtext(encoded), encoded);
    }
  }
});

test('what is no unitext, or writes a control character or half of one, is not decoded', () => {
  const malformed = ['', 'a b', 'a+b', 'a=b', 'a\\b', '\\x{}', '\\x{2', '\\x{1}', '\\x{0000041}', 'a\u0085b'];
  const unwelcome = ['\\x{0D}', '\\x{0A}', '\\x{7F}', '\\x{41}', '\\x{85}', '\\x{D800}', '\\x{110000}'];
  for (const text of [...malformed, ...unwelcome]) assert.equal(decodeUnitext(text), undefined, text);
});
