import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NeedleFinder, needleOf } from '../../../../mail/imap/search/needle.ts';
import { seededRandom } from '../../../seeded-random.ts';
import { inPieces } from '../../message/pieces.ts';

function found(needles: readonly string[], pieces: readonly string[]): readonly string[] {
  const all: string[] = [];
  const finder = new NeedleFinder(
    needles.map((folded) => needleOf(folded, 'body')),
    ({ folded }) => all.push(folded),
  );
  for (const piece of pieces) finder.write(piece);
  return all.toSorted();
}

test('each needle is found once, wherever the pieces are cut', () => {
  const text = 'AABAACAADAABAABA';
  const needles = ['AABA', 'AADAABAABA', 'C', text, 'AAC', 'BAB', `${text}A`];
  const held = needles.filter((needle) => text.includes(needle)).toSorted();
  for (let at = 0; at <= text.length; at += 1)
    assert.deepEqual(found(needles, [text.slice(0, at), text.slice(at)]), held, `at ${at}`);
  assert.deepEqual(found(needles, text.split('')), held);
});

test('any needles in any text are found as includes finds them', () => {
  const random = seededRandom(1977);
  const any = (letters: string, most: number) =>
    Array.from({ length: 1 + Math.floor(random() * most) }, () =>
      letters.charAt(Math.floor(random() * letters.length)),
    ).join('');
  for (let round = 0; round < 5000; round += 1) {
    const letters = random() < 0.5 ? 'AB' : 'AÉ日B😀';
    const text = any(letters, 60);
    const needles = [...new Set(Array.from({ length: 4 }, () => any(letters, 8)))];
    assert.deepEqual(
      found(needles, inPieces(random, text)),
      needles.filter((needle) => text.includes(needle)).toSorted(),
      JSON.stringify([needles, text]),
    );
  }
});
