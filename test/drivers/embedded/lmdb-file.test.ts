import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { open } from 'lmdb';
import { refuseDamagedFile } from '../../../drivers/embedded/lmdb-file.ts';

/** A file of LMDB's with some records, in pages of that size; its path. */
async function file(context: TestContext, pageSize: number): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), 'posta-lmdb-'));
  context.after(() => rmSync(directory, { recursive: true }));
  const path = join(directory, 'data.mdb');
  // What lmdb takes in pages of another size than the system's.
  const root = open({ path, pageSize, encoding: 'binary', noMemInit: true });
  for (let key = 0; key < 300; key++) await root.put(key, Buffer.alloc(100, key));
  await root.close();
  return path;
}

for (const pageSize of [4096, 16_384])
  test(`a sound file is let through, one that is damaged at its roots is not (${pageSize} octets a page)`, async (context) => {
    const path = await file(context, pageSize);
    refuseDamagedFile(path);
    const sound = readFileSync(path);
    assert.equal(sound.readUInt32LE(48), pageSize);
    const damaged = Buffer.from(sound).fill(0x55, 2 * pageSize);
    for (const bytes of [
      damaged,
      sound.subarray(0, 1000),
      sound.subarray(0, 2 * pageSize),
      Buffer.alloc(sound.length),
    ]) {
      writeFileSync(path, bytes);
      assert.throws(() => refuseDamagedFile(path), /damaged/);
    }
    truncateSync(path);
    refuseDamagedFile(path);
  });

test('a file that is not there is yet to be made', () => {
  refuseDamagedFile(join(tmpdir(), 'posta-no-such-file'));
});
