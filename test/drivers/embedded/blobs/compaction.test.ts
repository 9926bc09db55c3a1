import assert from 'node:assert/strict';
import { appendFile, open, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { openBlobs } from '../../../../drivers/embedded/blobs/blobs.ts';
import { Catalog } from '../../../../drivers/embedded/blobs/catalog.ts';
import { openSegmentFiles } from '../../../../drivers/embedded/blobs/segment-files.ts';
import { openEnvironment } from '../../../../drivers/embedded/environment.ts';
import { thisProcess } from '../../../../drivers/embedded/process-identity.ts';
import { BlobMissing } from '../../../../mail/ports/blobs.ts';
import type { Blobs } from '../../../../mail/ports/blobs.ts';
import { bytesOf, keysOf, put } from '../../../contracts/blobs-use.ts';
import { seededBytes } from '../../../contracts/seeded-bytes.ts';
import { seededRandom } from '../../../seeded-random.ts';
import { openBlobsIn, temporaryBlobs } from '../temporary-blobs.ts';

const rollBytes = 100_000;
const bodyOf = (key: string) => seededBytes(key, 10_000);
const keysTo = (count: number) => Array.from({ length: count }, (_, at) => `key-${at + 100}`);

async function putAll(blobs: Blobs, keys: readonly string[]): Promise<void> {
  for (const key of keys) await put(blobs, key, { body: bodyOf(key) });
}

async function diskBytes(directory: string): Promise<number> {
  const names = await readdir(directory);
  const sizes = await Promise.all(names.map(async (name) => (await stat(join(directory, name))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}

test('compaction frees the room of the deleted and keeps the rest byte for byte', async () => {
  await using opened = await temporaryBlobs({ rollBytes });
  const { blobs, directory } = opened;
  const keys = keysTo(50);
  await putAll(blobs, keys);
  const kept = keys.filter((_, at) => at % 5 === 0);
  await blobs.delete(keys.filter((key) => !kept.includes(key)));
  const { removedSegments, movedBytes } = await blobs.compact();
  assert.ok(removedSegments >= 4);
  assert.ok(movedBytes < 120_000);
  assert.ok((await diskBytes(directory)) < 250_000);
  for (const key of kept) assert.ok((await bytesOf(blobs, key)).equals(bodyOf(key)));
  assert.deepEqual(await keysOf(blobs, ''), kept);
});

test('a segment that is mostly alive is left alone', async () => {
  await using opened = await temporaryBlobs({ rollBytes });
  await putAll(opened.blobs, keysTo(50));
  await opened.blobs.delete(keysTo(50).filter((_, at) => at % 5 === 0));
  assert.equal((await opened.blobs.compact()).movedBytes, 0);
});

test('a segment in which nothing lives goes at once, and so does a large blob', async () => {
  await using opened = await temporaryBlobs({ rollBytes });
  const { blobs, directory } = opened;
  await putAll(blobs, keysTo(50));
  await put(blobs, 'large', { body: seededBytes('large', 3_000_000) });
  await blobs.copy('large', 'copy');
  await blobs.delete([...keysTo(50), 'large']);
  assert.ok((await diskBytes(directory)) > 3_000_000);
  await blobs.delete(['copy']);
  assert.ok((await diskBytes(directory)) <= rollBytes);
});

test('an aborted and a forgotten large upload leave no file', async () => {
  await using opened = await temporaryBlobs();
  const { blobs, directory } = opened;
  const upload = blobs.begin();
  await upload.write(seededBytes('aborted', 3_000_000));
  assert.equal((await readdir(directory)).length, 1);
  await upload.abort();
  assert.deepEqual(await readdir(directory), []);
  await blobs.begin().write(seededBytes('forgotten', 3_000_000));
  await blobs.close();
  assert.deepEqual(await readdir(directory), []);
});

test('copies share the bytes, and compaction moves them together', async () => {
  await using opened = await temporaryBlobs({ rollBytes });
  const { blobs, directory } = opened;
  await putAll(blobs, keysTo(40));
  const before = await diskBytes(directory);
  await blobs.copy('key-105', 'copy');
  assert.equal(await diskBytes(directory), before);
  await blobs.delete(keysTo(40).filter((key) => key !== 'key-105'));
  await blobs.compact();
  await blobs.delete(['key-105']);
  assert.ok((await bytesOf(blobs, 'copy')).equals(bodyOf('key-105')));
  assert.ok((await diskBytes(directory)) < rollBytes);
});

test('a reader finishes though its blob is deleted or moved meanwhile, here or by another process', async () => {
  await using opened = await temporaryBlobs({ rollBytes: 400_000 });
  await using other = await openBlobsIn(opened.data, { rollBytes: 400_000 });
  const body = seededBytes('read', 200_000);
  for (const key of ['deleted', 'moved']) await put(opened.blobs, key, { body });
  for (const reader of [opened.blobs, other.blobs]) {
    await putAll(opened.blobs, keysTo(60));
    await put(opened.blobs, 'deleted', { body });
    const chunks: Record<'deleted' | 'moved', Uint8Array[]> = { deleted: [], moved: [] };
    const both = (['deleted', 'moved'] as const).map((key) => ({
      key,
      reading: reader.read(key)[Symbol.asyncIterator](),
    }));
    for (const { key, reading } of both) chunks[key].push((await reading.next()).value as Uint8Array);
    await opened.blobs.delete([...keysTo(60), 'deleted']);
    await opened.blobs.compact();
    for (const { key, reading } of both)
      for (let next = await reading.next(); next.done !== true; next = await reading.next())
        chunks[key].push(next.value);
    for (const key of ['deleted', 'moved'] as const) assert.ok(Buffer.concat(chunks[key]).equals(body));
  }
  await assert.rejects(bytesOf(other.blobs, 'deleted'), BlobMissing);
});

test('a reader whose segment goes between its look into the catalog and its opening looks again', async () => {
  await using opened = await temporaryBlobs({ rollBytes });
  const files = await openSegmentFiles(opened.directory);
  let meanwhile: () => Promise<unknown> = async () => undefined;
  const openForReading = async (id: number) => {
    const now = meanwhile;
    meanwhile = async () => undefined;
    await now();
    return files.openForReading(id);
  };
  await using reader = await openBlobsIn(opened.data, { rollBytes, files: { ...files, openForReading } });
  const keys = keysTo(30);
  await putAll(opened.blobs, keys);
  meanwhile = async () => {
    await opened.blobs.delete(keys.slice(1));
    assert.ok((await opened.blobs.compact()).movedBytes > 0);
  };
  assert.ok((await bytesOf(reader.blobs, 'key-100')).equals(bodyOf('key-100')));
});

test('the small segments that processes leave are put together', async () => {
  await using opened = await temporaryBlobs();
  const { data, directory, blobs } = opened;
  for (const key of keysTo(20)) {
    await using process = await openBlobsIn(data);
    await put(process.blobs, key, { body: bodyOf(key) });
  }
  assert.equal((await readdir(directory)).length, 20);
  await blobs.compact();
  assert.equal((await readdir(directory)).length, 1);
  for (const key of keysTo(20)) assert.ok((await bytesOf(blobs, key)).equals(bodyOf(key)));
});

test('one process compacts at a time, and one that stopped loses its turn', async () => {
  await using opened = await temporaryBlobs({ rollBytes });
  const { blobs, clock, environment } = opened;
  await putAll(blobs, keysTo(30));
  await blobs.delete(keysTo(30).slice(1));
  const lease = { owner: thisProcess(), instance: 'another', until: clock.now() + 60_000 };
  await new Catalog(environment).commit((change) => change.putLease(lease));
  assert.equal((await blobs.compact()).movedBytes, 0);
  clock.set(clock.now() + 60_001);
  assert.ok((await blobs.compact()).movedBytes > 0);
  assert.ok((await bytesOf(blobs, 'key-100')).equals(bodyOf('key-100')));
});

test('who compacts and dies loses its turn at once', async () => {
  await using opened = await temporaryBlobs({ rollBytes });
  const { blobs, clock, environment } = opened;
  await putAll(blobs, keysTo(30));
  await blobs.delete(keysTo(30).slice(1));
  const dead = { pid: thisProcess().pid, started: 'in another boot' };
  const lease = { owner: dead, instance: 'another', until: clock.now() + 60_000 };
  await new Catalog(environment).commit((change) => change.putLease(lease));
  assert.ok((await blobs.compact()).movedBytes > 0);
});

test('a process that was taken for dead finishes its uploads in a new segment', async () => {
  await using opened = await temporaryBlobs({ rollBytes });
  const { blobs, environment, log } = opened;
  await put(blobs, 'before', { body: bodyOf('before') });
  await new Catalog(environment).commit((change) => change.seal(1));
  await put(blobs, 'after', { body: bodyOf('after') });
  for (const key of ['before', 'after']) assert.ok((await bytesOf(blobs, key)).equals(bodyOf(key)));
  assert.deepEqual(
    log.lines.map(({ event }) => event),
    ['blobs.segment.taken'],
  );
});

test('damage is told to the admin, and what can be read is kept', async () => {
  await using opened = await temporaryBlobs({ rollBytes });
  const { blobs, directory, log } = opened;
  await putAll(blobs, keysTo(15));
  await blobs.delete(keysTo(15).slice(1));
  const file = await open(join(directory, '000000000001.segment'), 'r+');
  await file.write('damaged', 5_000);
  await file.close();
  await blobs.compact();
  assert.deepEqual(
    log.lines.map(({ event, fields }) => [event, fields]),
    [['blobs.damaged', { key: 'key-100' }]],
  );
  assert.equal((await bytesOf(blobs, 'key-100')).length, 10_000);
});

test('a file that no catalog knows is removed, and other files are left', async () => {
  await using opened = await temporaryBlobs();
  const { blobs, directory } = opened;
  await put(blobs, 'key', { body: bodyOf('key') });
  await writeFile(join(directory, '0000000000ff.segment'), 'left behind');
  await writeFile(join(directory, 'notes.txt'), 'an admin wrote this');
  await blobs.compact();
  assert.deepEqual((await readdir(directory)).toSorted(), ['000000000001.segment', 'notes.txt']);
});

test('a torn tail is never seen, and appending goes on elsewhere', async () => {
  await using opened = await temporaryBlobs();
  const { blobs, directory, data } = opened;
  await put(blobs, 'key', { body: bodyOf('key') });
  await appendFile(join(directory, '000000000001.segment'), 'Pblb and half a record');
  await using other = await openBlobsIn(data);
  await put(other.blobs, 'other', { body: bodyOf('other') });
  assert.deepEqual(await keysOf(blobs, ''), ['key', 'other']);
  for (const key of ['key', 'other']) assert.ok((await bytesOf(blobs, key)).equals(bodyOf(key)));
});

test('a directory whose catalog is lost is refused, and nothing in it is touched', async () => {
  await using opened = await temporaryBlobs();
  const { blobs, directory, clock, log } = opened;
  await put(blobs, 'key', { body: bodyOf('key') });
  const environment = openEnvironment({ data: join(opened.data, 'new'), mapBytes: 2 ** 28 });
  try {
    await assert.rejects(openBlobs({ directory, environment, clock, log }), /catalog is lost/);
  } finally {
    await environment.close();
  }
  assert.ok((await bytesOf(blobs, 'key')).equals(bodyOf('key')));
});

test('compaction under load loses, doubles and revives nothing', async () => {
  await using opened = await temporaryBlobs({ rollBytes });
  await using other = await openBlobsIn(opened.data, { rollBytes });
  const random = seededRandom(Number(process.env['POSTA_TEST_SEED'] ?? 7));
  const sides = [opened.blobs, other.blobs];
  /** What each key must hold: only one worker changes it. */
  const model = new Map<string, string>();
  const rounds = Number(process.env['POSTA_TEST_ROUNDS'] ?? 60);
  const working = new AbortController();
  let movedBytes = 0;
  const size = (seed: string) =>
    500 + ((seed.length * 7919 + seed.charCodeAt(seed.length - 1) * 104_729) % 20_000);
  const work = async (worker: number) => {
    for (let round = 0; round < rounds; round++) {
      const blobs = sides[round % 2] as Blobs;
      const key = `w${worker}/${Math.floor(random() * 12)}`;
      const kind = random();
      if (kind < 0.6) {
        const seed = `${key} ${round}`;
        await put(blobs, key, { body: seededBytes(seed, size(seed)) });
        model.set(key, seed);
      } else if (kind < 0.8) {
        await blobs.delete([key]);
        model.delete(key);
      } else {
        const to = `w${worker}/copy${Math.floor(random() * 3)}`;
        const seed = model.get(key);
        if (seed === undefined) await assert.rejects(blobs.copy(key, to), BlobMissing);
        else {
          await blobs.copy(key, to);
          model.set(to, seed);
        }
      }
      const seed = model.get(key);
      if (seed === undefined) await assert.rejects(bytesOf(blobs, key), BlobMissing);
      else assert.ok((await bytesOf(blobs, key)).equals(seededBytes(seed, size(seed))), key);
    }
  };
  const compacting = (async () => {
    while (!working.signal.aborted)
      for (const blobs of sides) movedBytes += (await blobs.compact()).movedBytes;
  })();
  await Promise.all(Array.from({ length: 8 }, (_, worker) => work(worker)));
  working.abort();
  await compacting;
  assert.ok(movedBytes > 0);
  await opened.blobs.compact();
  assert.deepEqual(await keysOf(other.blobs, ''), [...model.keys()].toSorted());
  for (const [key, seed] of model)
    assert.ok((await bytesOf(other.blobs, key)).equals(seededBytes(seed, size(seed))), key);
  assert.deepEqual([...opened.log.lines, ...other.log.lines], []);
});
