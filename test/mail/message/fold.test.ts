import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fold, FoldingStream } from '../../../mail/message/fold.ts';
import { seededRandom } from '../../seeded-random.ts';
import { inPieces } from './pieces.ts';

const same = (...texts: readonly string[]) => {
  for (const text of texts) assert.equal(fold(text), fold(texts[0] ?? ''), JSON.stringify(text));
};

test('upper and lower case fold to the same', () => {
  same('Strasse', 'STRASSE', 'straße', 'STRAẞE');
  same('ΟΔΟΣ', 'οδος', 'οδοσ', 'Οδος');
  same('ПРИВЕТ', 'привет');
  same('I', 'i');
});

test('composed and decomposed, wide and narrow fold to the same', () => {
  same('José', 'JOSE\u0301', 'jose\u0301');
  same('\u1ed9', 'o\u0323\u0302', 'o\u0302\u0323');
  same('ﬁn', 'FIN', 'ｆｉｎ');
  same('한글', '한글'.normalize('NFD'));
  same('Å', '\u212b', 'a\u030a');
});

test('different letters stay different, and white space stays as it is', () => {
  assert.notEqual(fold('n'), fold('ñ'));
  assert.notEqual(fold('a b'), fold('a  b'));
  assert.ok(fold('señor').includes(fold('SEN')));
});

test('folding again changes nothing', () => {
  for (let code = 0; code <= 0x10ffff; code += 1) {
    if (code >= 0xd800 && code <= 0xdfff) continue;
    const folded = fold(String.fromCodePoint(code));
    assert.equal(fold(folded), folded, `U+${code.toString(16)}`);
  }
});

test('a text that comes in pieces folds as the whole does', () => {
  const random = seededRandom(5051);
  const letters = [
    'a',
    'Z',
    ' ',
    'é',
    'e',
    '\u0301',
    '\u0323',
    '\u0302',
    'Σ',
    'ß',
    '\u1ed9',
    '한',
    '𝐀',
    '😀',
    '日',
  ];
  for (let round = 0; round < 2000; round += 1) {
    const text = Array.from(
      { length: Math.floor(random() * 40) },
      () => letters[Math.floor(random() * letters.length)] ?? '',
    );
    const stream = new FoldingStream();
    const pieces = inPieces(random, text).map((piece) => stream.write(piece.join('')));
    assert.equal(pieces.join('') + stream.end(), fold(text.join('')), JSON.stringify(text.join('')));
  }
});

test('a run of marks without end is cut: to order it as a whole takes the square of its length', () => {
  for (const marks of ['\u0301\u0323', '\u0301\uff9e']) {
    const longest = fold(`a${marks.repeat(20_000)}`)
      .split('\u034f')
      .reduce((most, run) => Math.max(most, run.length), 0);
    assert.ok(longest <= 31, `${longest} at once`);
  }
});

test('what is held back has a bound, and no character is torn', () => {
  const stream = new FoldingStream();
  for (let round = 0; round < 100; round += 1) {
    const written = stream.write('😀𝐀'.repeat(50));
    assert.ok(round === 0 || written.length > 0);
    assert.ok(written.isWellFormed());
  }
  assert.ok(stream.end().length <= 65);
});
