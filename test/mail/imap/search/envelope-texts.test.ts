import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EnvelopeTexts } from '../../../../mail/imap/search/envelope-texts.ts';
import { parseMailboxId, sound } from '../../../../mail/mailbox/types.ts';

const inbox = sound(parseMailboxId('inbox'), 'mailbox id');
const other = sound(parseMailboxId('other'), 'mailbox id');
/** Room for ten texts of 20 characters. */
const roomForTen = 1000;
const text = 'X'.repeat(20);

test('what one search learned the next one knows, by mailbox, field and uid', () => {
  const all = new EnvelopeTexts();
  const search = all.of(inbox);
  assert.equal(search.find('from', 7), undefined);
  search.keep('from', 7, 'ANA');
  search.keep('subject', 7, null);
  assert.equal(search.find('from', 7), 'ANA');
  const next = all.of(inbox);
  assert.equal(next.find('from', 7), 'ANA');
  assert.equal(next.find('subject', 7), null);
  assert.equal(next.find('to', 7), undefined);
  assert.equal(next.find('from', 8), undefined);
  assert.equal(all.of(other).find('from', 7), undefined);
});

test('a mailbox that needs room takes that of the one searched longest ago, and no more than there is', () => {
  const all = new EnvelopeTexts(roomForTen);
  for (let uid = 1; uid <= 6; uid += 1) all.of(other).keep('from', uid, text);
  for (let uid = 1; uid <= 4; uid += 1) all.of(inbox).keep('to', uid, text);
  const large = all.of(inbox);
  for (let uid = 1; uid <= 20; uid += 1) large.keep('from', uid, text);
  assert.equal(all.of(other).find('from', 1), undefined);
  assert.equal(all.of(inbox).find('to', 1), undefined);
  assert.deepEqual(
    [1, 10, 11, 20].map((uid) => all.of(inbox).find('from', uid)),
    [text, text, undefined, undefined],
  );
});

test('a search whose texts were let go meanwhile takes no more room', () => {
  const all = new EnvelopeTexts(roomForTen);
  const slow = all.of(other);
  slow.keep('from', 1, text);
  const quick = all.of(inbox);
  for (let uid = 1; uid <= 10; uid += 1) quick.keep('from', uid, text);
  slow.keep('from', 2, text);
  assert.equal(slow.find('from', 2), undefined);
  assert.equal(all.of(inbox).find('from', 10), text);
});
