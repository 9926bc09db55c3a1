/** Blobs that no message, no recipient or no lifecycle rule keeps. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sideObjectKey } from '../../../mail/mailbox/index-record.ts';
import { numbered } from './mail-kit.ts';
import { blobKeyOf, dayMs, deliverStored, sweepKit } from './sweep-kit.ts';
import type { SweepKit } from './sweep-kit.ts';

const keysOf = (kit: SweepKit) => [...kit.blobs.stored.keys()].toSorted();

test('a blob of no message goes when it is 30 days old; those of messages stay', async () => {
  await using kit = await sweepKit();
  await deliverStored(kit, ['a']);
  const stray = blobKeyOf('stray');
  const foreign = 'mailboxes/not-ours';
  for (const key of [stray, sideObjectKey(stray), foreign]) kit.blobs.put(key);
  kit.clock.nowMs += 30 * dayMs - 1;
  assert.equal((await kit.sweep()).orphanBlobs, 0);
  kit.clock.nowMs += 1;
  assert.equal((await kit.sweep()).orphanBlobs, 2);
  assert.deepEqual(keysOf(kit), [blobKeyOf('a'), foreign]);
});

test('a run looks at so many blobs, and the next goes on from there', async () => {
  await using kit = await sweepKit();
  for (const id of numbered('stray', 1200)) kit.blobs.put(blobKeyOf(id));
  kit.clock.nowMs += 31 * dayMs;
  const swept = [];
  for (let run = 0; run < 4; run++) swept.push((await kit.sweep({ maxBlobs: 500 })).orphanBlobs);
  assert.deepEqual(swept, [500, 500, 200, 0]);
  for (const id of numbered('later', 3)) kit.blobs.put(blobKeyOf(id));
  kit.clock.nowMs += 31 * dayMs;
  await kit.sweep({ maxBlobs: 500 });
  assert.deepEqual(keysOf(kit), []);
});

test('incoming blobs go by age, where no lifecycle rule does it', async () => {
  await using kit = await sweepKit();
  kit.blobs.put('incoming/old.eml');
  kit.clock.nowMs += 30 * dayMs;
  kit.blobs.put('incoming/new.eml');
  assert.equal((await kit.sweep({ lifecycle: false })).incomingBlobs, 0);
  assert.equal((await kit.sweep()).incomingBlobs, 1);
  assert.deepEqual(keysOf(kit), ['incoming/new.eml']);
});

test('what a job may still need stays, however long the server was off', async () => {
  await using kit = await sweepKit();
  kit.blobs.put('incoming/before.eml');
  kit.clock.nowMs += 2 * dayMs;
  const oldestJobAt = new Date(kit.clock.nowMs);
  kit.blobs.put('incoming/waits.eml');
  kit.blobs.put(blobKeyOf('waits'));
  kit.clock.nowMs += 400 * dayMs;
  await kit.sweep({ oldestJobAt });
  assert.deepEqual(keysOf(kit).toSorted(), ['incoming/waits.eml', blobKeyOf('waits')].toSorted());
  await kit.sweep();
  assert.deepEqual(keysOf(kit), []);
});

test('an outbound blob goes with its records when the last of them ended 30 days ago', async () => {
  await using kit = await sweepKit();
  const recipient = (message: string, name: string, endedAt?: string) =>
    kit.table.commit([
      {
        kind: 'put',
        item: {
          pk: `outbound#${message}`,
          sk: `recipient#${name}@elsewhere.test`,
          state: endedAt === undefined ? 'held' : 'delivered',
          ...(endedAt === undefined ? {} : { endedAt }),
        },
      },
    ]);
  for (const message of ['done', 'held', 'recent', 'nobodys']) kit.blobs.put(`outbound/${message}.eml`);
  await recipient('done', 'a', '2026-11-24T10:00:00.000Z');
  await recipient('done', 'b', '2026-11-25T10:00:00.000Z');
  await recipient('held', 'a', '2026-11-24T10:00:00.000Z');
  await recipient('held', 'b');
  await recipient('recent', 'a', '2026-12-20T10:00:00.000Z');
  kit.clock.nowMs += 32 * dayMs;
  const counts = await kit.sweep();
  assert.deepEqual([counts.outboundBlobs, counts.outboundRecords], [2, 2]);
  assert.deepEqual(keysOf(kit), ['outbound/held.eml', 'outbound/recent.eml']);
  assert.deepEqual((await kit.table.query({ pk: 'outbound#done' })).items, []);
  assert.equal((await kit.table.query({ pk: 'outbound#held' })).items.length, 2);
});
