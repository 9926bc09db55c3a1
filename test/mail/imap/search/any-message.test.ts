/** Any program over any message: what is told early is what is told in the end, and that is what is known to be true. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readMessage } from '../../../../mail/imap/search/read-message.ts';
import { parseHeader } from '../../../../mail/message/header.ts';
import { seededRandom } from '../../../seeded-random.ts';
import { anyKey, anyMessage } from './any-message.ts';
import { ChoppedBlobs, criterionOf, testMessage } from './search-kit.ts';

const rounds = Number(process.env['POSTA_FUZZ_ROUNDS'] ?? 1000) * 3;
const noPause = () => Promise.resolve();

test('an answer is right, stays whatever more is read, and comes at the latest when all is read', async () => {
  const random = seededRandom(6440);
  const stages = { record: 0, index: 0, text: 0 };
  for (let round = 0; round < rounds; round += 1) {
    const known = anyMessage(random);
    const key = anyKey(random);
    const system = Math.floor(random() * 32);
    const expected = key.expected(known, system);
    const why = () => `round ${round}: ${key.text} of ${JSON.stringify(known.bytes.toString('latin1'))}`;
    const { message, index } = testMessage(known.bytes, { system });
    const criterion = criterionOf(key.text);
    if (criterion.byFlags !== undefined) assert.equal(criterion.byFlags(system), expected, why());
    const early = (stage: keyof typeof stages) => {
      const matches = criterion.matches(message);
      if (matches === undefined) return false;
      assert.equal(matches, expected, `${stage}, ${why()}`);
      stages[stage] += 1;
      return true;
    };
    early('record');
    // Sometimes without a cache of the header, as of large ones.
    const { headers: _, ...uncached } = index;
    message.learnIndex(random() < 0.3 ? uncached : index);
    if (!early('index')) {
      const blobs = new ChoppedBlobs(known.bytes, 1 + Math.floor(random() * 300));
      await readMessage(message, { criterion, blobs, pause: noPause });
      assert.ok(early('text'), `not decided in the end, ${why()}`);
    }
    // Whatever else becomes known.
    message.learnHeader(parseHeader(known.bytes));
    assert.equal(criterion.matches(message), expected, `in the end, ${why()}`);
  }
  for (const [stage, decided] of Object.entries(stages))
    assert.ok(decided > rounds / 20, `only ${decided} of ${rounds} were decided by ${stage}`);
});
