import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MessageColumns } from '../../../mail/mailbox/message-columns.ts';
import type { MessageRecord } from '../../../mail/mailbox/message-record.ts';
import { parseRev, parseUid, sound } from '../../../mail/mailbox/types.ts';

function record(uid: number): MessageRecord {
  return {
    uid: sound(parseUid(uid), 'uid'),
    modSeq: sound(parseRev(1), 'modSeq'),
    system: 0,
    keywords: [],
    size: 1,
    internalDateSeconds: 0,
    saveDateSeconds: 0,
  };
}

test('a uid is found wherever the last one was found, and not where it no longer is', () => {
  const columns = new MessageColumns(4);
  for (const uid of [1, 2, 3, 4]) columns.set(record(uid));
  assert.deepEqual(
    [1, 2, 3, 4, 5].map((uid) => columns.indexOf(uid)),
    [0, 1, 2, 3, -1],
  );
  assert.equal(columns.indexOf(3), 2);
  columns.removeAll([2]);
  // Behind the end there is still a 4.
  assert.equal(columns.indexOf(4), 2);
  assert.equal(columns.indexOf(4), 2);
  assert.equal(columns.indexOf(2), -1);
  columns.set(record(2));
  assert.deepEqual(
    [4, 3, 2, 1].map((uid) => columns.indexOf(uid)),
    [3, 2, 1, 0],
  );
});
