import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Catalog } from '../../../../drivers/embedded/blobs/catalog.ts';
import { openSegmentFiles } from '../../../../drivers/embedded/blobs/segment-files.ts';
import { bytesOf, keysOf, put } from '../../../contracts/blobs-use.ts';
import { seededBytes } from '../../../contracts/seeded-bytes.ts';
import { openBlobsIn } from '../temporary-blobs.ts';
import { failingFiles } from './failing-files.ts';

async function failingBlobs() {
  const data = await mkdtemp(join(tmpdir(), 'posta-blobs-'));
  const files = failingFiles(await openSegmentFiles(join(data, 'blobs')));
  const opened = await openBlobsIn(data, { files });
  return {
    ...opened,
    files,
    async [Symbol.asyncDispose]() {
      await opened[Symbol.asyncDispose]();
      await rm(data, { recursive: true });
    },
  };
}

const small = seededBytes('small', 10_000);
const large = seededBytes('large', 3_000_000);

for (const step of ['create', 'write', 'flush'] as const)
  for (const code of ['ENOSPC', 'EIO'] as const)
    test(`${code} at ${step} fails the uploads under way, leaves nothing half, and the next go well`, async () => {
      await using opened = await failingBlobs();
      const { blobs, files } = opened;
      if (step !== 'create') await put(blobs, 'before', { body: small });
      files.fail = { step, code };
      const uploads = [
        ...Array.from({ length: 10 }, (_, at) => put(blobs, `small-${at}`, { body: small })),
        put(blobs, 'large', { body: large }),
      ];
      for (const outcome of await Promise.allSettled(uploads)) {
        assert.equal(outcome.status, 'rejected');
        const fault = outcome.reason as Error;
        assert.equal(((fault.cause ?? fault) as NodeJS.ErrnoException).code, code);
      }
      files.fail = undefined;
      assert.deepEqual(await keysOf(blobs, ''), step === 'create' ? [] : ['before']);
      await put(blobs, 'small', { body: small });
      await put(blobs, 'large', { body: large });
      const catalog = new Catalog(opened.environment);
      // What a failed flush has left of the file is unknown: nothing may follow it there.
      assert.notEqual(catalog.entry('small')?.segment, catalog.entry('before')?.segment);
      await blobs.compact();
      assert.ok((await bytesOf(blobs, 'small')).equals(small));
      assert.ok((await bytesOf(blobs, 'large')).equals(large));
      if (step !== 'create') assert.ok((await bytesOf(blobs, 'before')).equals(small));
    });

test('a failed upload gives its room back at once', async () => {
  await using opened = await failingBlobs();
  const { blobs, files, directory } = opened;
  const upload = blobs.begin();
  await upload.write(large.subarray(0, 2_500_000));
  assert.equal((await readdir(directory)).length, 1);
  files.fail = { step: 'write', code: 'ENOSPC' };
  await assert.rejects(upload.write(large.subarray(2_500_000)));
  assert.deepEqual(await readdir(directory), []);
  await assert.rejects(upload.finish({ key: 'failed' }), /failed/);
  await upload.abort();
});

test('a compaction that cannot write leaves all where it was', async () => {
  await using opened = await failingBlobs();
  const { blobs, files, log } = opened;
  for (let at = 0; at < 120; at++) await put(blobs, `key-${at}`, { body: seededBytes(`${at}`, 10_000) });
  await blobs.delete(Array.from({ length: 100 }, (_, at) => `key-${at}`));
  files.fail = { step: 'flush', code: 'EIO' };
  await blobs.compact();
  assert.ok(log.lines.some(({ event }) => event === 'blobs.compaction.failed'));
  files.fail = undefined;
  for (const _ of ['left alone', 'compacted']) {
    for (let at = 100; at < 120; at++)
      assert.ok((await bytesOf(blobs, `key-${at}`)).equals(seededBytes(`${at}`, 10_000)));
    await blobs.compact();
  }
});
