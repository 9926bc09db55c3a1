/** What the death of one process does to the commits of another on the same data directory: nothing. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { openEnvironment } from '../../../drivers/embedded/environment.ts';
import { openStore } from '../../../drivers/embedded/store.ts';
import { ManualClock } from '../../contracts/manual-clock.ts';
import { seededRandom } from '../../seeded-random.ts';
import type { Told } from './commit-until-killed.ts';
import { forked } from './forked.ts';

const rounds = Number(process.env['POSTA_TEST_ROUNDS'] ?? 3);
const clock = new ManualClock();

function dataDirectory(context: TestContext): string {
  const data = mkdtempSync(join(tmpdir(), 'posta-table-'));
  context.after(() => rmSync(data, { recursive: true, force: true }));
  return data;
}

/** LMDB's MDB_OVERLAPPINGSYNC, in the flags of the first sub-database on a meta page. */
const overlappingSync = 0x1000;
const flagsAt = 52;
const pageBytes = 4096;

test('a commit is flushed under the lock of the writers, whose recovery alone is safe when its owner is killed', async (context) => {
  const data = dataDirectory(context);
  const store = await openStore({ data, clock });
  for (const sk of ['1', '2', '3']) await store.table.commit([{ kind: 'put', item: { pk: 'a', sk } }]);
  const file = readFileSync(join(data, 'table', 'data.mdb'));
  for (const page of [0, 1])
    assert.equal(file.readUInt16LE(page * pageBytes + flagsAt) & overlappingSync, 0, `meta page ${page}`);
  await store.close();
});

test('a process goes on, and keeps all that it has committed, while others are killed beside it', async (context) => {
  const data = dataDirectory(context);
  const random = seededRandom(Number(process.env['POSTA_TEST_SEED'] ?? 5));
  const start = (pk: string) => ({ pk, child: forked<Told>('commit-until-killed.ts', data, pk) });
  const survivor = start('survivor');
  const started = [survivor];
  for (let round = 0; round < rounds; round++) {
    const killed = start(`killed ${round}`);
    started.push(killed);
    await killed.child.until(({ length }) => length > 20);
    await pause(random() * 100);
    await killed.child.kill();
    const before = survivor.child.told.length;
    await survivor.child.until(({ length }) => length > before + 100);
  }
  await survivor.child.kill();
  const store = await openStore({ data, clock });
  for (const { pk, child } of started)
    for (const { sk } of child.told)
      assert.ok(await store.table.get({ pk, sk }), `${pk}: ${sk} was acknowledged and is gone`);
  await store.close();
});

test('the room of old items is used again after a process that was reading is killed', async (context) => {
  const data = dataDirectory(context);
  const environment = openEnvironment({ data, lookForDeadMs: 0 });
  const items = environment.records('items');
  const file = join(data, 'table', 'data.mdb');
  const replace = async (times: number) => {
    for (let number = 0; number < times; number++)
      await environment.writes.run(() => void items.put(Buffer.from('key'), Buffer.alloc(40_000, number)));
    return statSync(file).size;
  };
  await replace(10);
  const child = forked('reads-until-killed.ts', data);
  await child.until(({ length }) => length > 0);
  const whileRead = await replace(30);
  await child.kill();
  assert.equal(await replace(60), whileRead);
  await environment.close();
});
