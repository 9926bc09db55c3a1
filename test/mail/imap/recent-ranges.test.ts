import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RecentRanges } from '../../../mail/imap/recent-ranges.ts';
import { seededRandom } from '../../seeded-random.ts';
import { fuzzRounds } from '../wire/splits.ts';

/** Where a uid is, or would be, among `uids`. */
const lowerBoundIn = (uids: readonly number[]) => (uid: number) => {
  const at = uids.findIndex((each) => each >= uid);
  return at < 0 ? uids.length : at;
};

test('nothing is recent before something was given', () => {
  const recent = new RecentRanges();
  recent.add(7, 7);
  recent.add(9, 7);
  assert.equal(recent.end, 0);
  assert.ok(!recent.has(7));
  assert.equal(recent.count(lowerBoundIn([7])), 0);
});

test('ranges have their first uid and not their last', () => {
  const recent = new RecentRanges();
  recent.add(3, 5);
  recent.add(5, 6);
  recent.add(9, 10);
  assert.deepEqual(
    [2, 3, 4, 5, 6, 8, 9, 10].filter((uid) => recent.has(uid)),
    [3, 4, 5, 9],
  );
  assert.equal(recent.end, 10);
  assert.equal(recent.count(lowerBoundIn([1, 4, 7, 9, 12])), 2);
});

test('whatever is given, the same uids are recent as in a plain set', () => {
  const random = seededRandom(2351);
  for (let round = 0; round < fuzzRounds / 10; round++) {
    const recent = new RecentRanges();
    const plain = new Set<number>();
    let end = 1;
    for (let adds = Math.floor(random() * 20); adds > 0; adds--) {
      const from = end + Math.floor(random() * 4);
      end = from + Math.floor(random() * 4);
      recent.add(from, end);
      for (let uid = from; uid < end; uid++) plain.add(uid);
    }
    const uids = Array.from({ length: end + 3 }, (_, at) => at + 1);
    assert.deepEqual(
      uids.filter((uid) => recent.has(uid)),
      uids.filter((uid) => plain.has(uid)),
    );
    const there = uids.filter(() => random() < 0.5);
    assert.equal(recent.count(lowerBoundIn(there)), there.filter((uid) => plain.has(uid)).length);
    assert.ok(recent.end <= end && recent.end === Math.max(-1, ...plain) + 1);
  }
});
