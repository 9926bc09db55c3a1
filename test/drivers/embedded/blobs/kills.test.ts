import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import type { Blobs } from '../../../../mail/ports/blobs.ts';
import { bytesOf, keysOf } from '../../../contracts/blobs-use.ts';
import { seededRandom } from '../../../seeded-random.ts';
import { forked } from '../forked.ts';
import { openBlobsIn } from '../temporary-blobs.ts';
import { bodyOf } from './upload-until-killed.ts';
import type { Told } from './upload-until-killed.ts';

const rounds = Number(process.env['POSTA_TEST_ROUNDS'] ?? 4);

/** What must be there, and what may be: a delete under way may have taken place. */
function expected(told: readonly Told[]): { readonly there: Set<string>; readonly gone: Set<string> } {
  const keysOfKind = (what: Told['what']) => told.filter((each) => each.what === what).map(({ key }) => key);
  const deleting = new Set(keysOfKind('deleting'));
  return {
    there: new Set(keysOfKind('stored').filter((key) => !deleting.has(key))),
    gone: new Set(keysOfKind('deleted')),
  };
}

async function check(blobs: Blobs, told: readonly Told[]): Promise<void> {
  const { there, gone } = expected(told);
  const keys = new Set(await keysOf(blobs, ''));
  for (const key of there) assert.ok(keys.has(key), `${key} was acknowledged and is gone`);
  for (const key of keys) {
    assert.ok(!gone.has(key), `${key} was deleted and is back`);
    assert.ok((await bytesOf(blobs, key)).equals(bodyOf(key)), `${key} is not what was stored`);
  }
}

test('two processes that upload, delete and compact may be killed at any moment', async () => {
  const data = await mkdtemp(join(tmpdir(), 'posta-kills-'));
  const random = seededRandom(Number(process.env['POSTA_TEST_SEED'] ?? 11));
  const told: Told[] = [];
  try {
    for (let round = 0; round < rounds; round++) {
      const children = ['one', 'two'].map((side) =>
        forked<Told>('blobs/upload-until-killed.ts', data, `${round}-${side}`, String(round + 1)),
      );
      await Promise.all(children.map((child) => child.until(({ length }) => length > 5)));
      for (const child of children) {
        await pause(random() * 120);
        await child.kill();
        told.push(...child.told);
      }
      await using opened = await openBlobsIn(data);
      await check(opened.blobs, told);
      await opened.blobs.compact();
      await check(opened.blobs, told);
    }
    await leavesNothing(data);
  } finally {
    await rm(data, { recursive: true });
  }
});

/** When all is deleted, what the dead left behind goes too. */
async function leavesNothing(data: string): Promise<void> {
  await using opened = await openBlobsIn(data);
  await opened.blobs.delete(await keysOf(opened.blobs, ''));
  await opened.blobs.compact();
  assert.deepEqual(await readdir(opened.directory), []);
}
