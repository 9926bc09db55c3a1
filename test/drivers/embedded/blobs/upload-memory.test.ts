import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { test } from 'node:test';
import { seededBytes } from '../../../contracts/seeded-bytes.ts';
import { temporaryBlobs } from '../temporary-blobs.ts';

const megabyte = seededBytes('a megabyte', 1_000_000);

test('a megabyte is gathered while there is memory for it, and a segment of its own is begun where there is none', async () => {
  await using opened = await temporaryBlobs({ uploadMemoryBytes: 2_000_000 });
  const { blobs, directory } = opened;
  const uploads = [blobs.begin(), blobs.begin(), blobs.begin()];
  const segments = [];
  for (const upload of uploads) {
    await upload.write(megabyte);
    segments.push((await readdir(directory)).length);
  }
  assert.deepEqual(segments, [0, 0, 1]);
  for (const upload of uploads) await upload.abort();
});

test('what an upload had is there for the next, however it ended', async () => {
  await using opened = await temporaryBlobs({ uploadMemoryBytes: 1_000_000 });
  const { blobs, directory } = opened;
  const finished = blobs.begin();
  await finished.write(megabyte);
  await finished.finish({ key: 'one' });
  const aborted = blobs.begin();
  await aborted.write(megabyte);
  await aborted.abort();
  const spilled = blobs.begin();
  for (const _ of [1, 2, 3]) await spilled.write(megabyte);
  const before = (await readdir(directory)).length;
  const next = blobs.begin();
  await next.write(megabyte);
  assert.equal((await readdir(directory)).length, before);
  await next.abort();
  await spilled.abort();
});
