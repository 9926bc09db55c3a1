/** The embedded store as a whole: what a data directory goes through between programs, boots and full disks. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { promisify } from 'node:util';
import {
  commitFault,
  DataDirectoryFull,
  DataDirectoryNewer,
  DataDirectoryUnreadable,
  StoreClosed,
} from '../../../drivers/embedded/data-directory-faults.ts';
import { openEnvironment } from '../../../drivers/embedded/environment.ts';
import { openStore } from '../../../drivers/embedded/store.ts';
import { schemaVersion } from '../../../drivers/schema-version.ts';
import { startChild } from '../../contracts/child-process.ts';
import { ManualClock } from '../../contracts/manual-clock.ts';

const clock = new ManualClock();
const storeKey = { pk: 'posta', sk: 'store' } as const;
const module = new URL('opens-table.ts', import.meta.url).href;

function dataDirectory(context: TestContext): string {
  const data = mkdtempSync(join(tmpdir(), 'posta-store-'));
  context.after(() => rmSync(data, { recursive: true, force: true }));
  return data;
}

/** Opens a store in another process and kills it there, as a power failure would. */
async function openAndKill(data: string): Promise<void> {
  const child = startChild('table-child.ts', { module, argument: data }, 'groups');
  await child.printed(1);
  await child.kill();
}

test('a new store has the schema version and epoch 1, and its directory is for its user alone', async (context) => {
  const data = dataDirectory(context);
  const store = await openStore({ data, clock });
  assert.deepEqual(await store.table.get(storeKey), { ...storeKey, schemaVersion, epoch: 1 });
  assert.equal(store.epoch, 1);
  assert.equal(statSync(join(data, 'table')).mode & 0o077, 0);
  await store.close();
});

test('a store that was closed keeps its epoch over a boot', async (context) => {
  const data = dataDirectory(context);
  for (const bootId of ['boot 1', 'boot 2', 'boot 2']) {
    const store = await openStore({ data, clock, bootId });
    assert.equal(store.epoch, 1);
    await store.close();
  }
});

test('a store that was not closed raises its epoch when another boot opens it, once', async (context) => {
  const data = dataDirectory(context);
  await openAndKill(data);
  const first = await openStore({ data, clock, bootId: 'the next boot' });
  const second = await openStore({ data, clock, bootId: 'the next boot' });
  assert.equal(first.epoch, 2);
  assert.equal(second.epoch, 2);
  await second.close();
  await first.close();
  const third = await openStore({ data, clock, bootId: 'one more' });
  assert.equal(third.epoch, 2);
  await third.close();
});

test('a process that is killed does not raise the epoch within the same boot', async (context) => {
  const data = dataDirectory(context);
  await openAndKill(data);
  const store = await openStore({ data, clock });
  assert.equal(store.epoch, 1);
  await store.close();
});

test('a command that comes and goes does not make the store of a running program clean', async (context) => {
  const data = dataDirectory(context);
  const child = startChild('table-child.ts', { module, argument: data }, 'groups');
  await child.printed(1);
  const command = await openStore({ data, clock });
  assert.equal(command.epoch, 1);
  await command.close();
  await child.kill();
  const next = await openStore({ data, clock, bootId: 'the next boot' });
  assert.equal(next.epoch, 2);
  await next.close();
});

test('a store of a newer schema version is refused, and left as it is', async (context) => {
  const data = dataDirectory(context);
  const store = await openStore({ data, clock });
  const newer = { ...storeKey, schemaVersion: schemaVersion + 1, epoch: 7 };
  await store.table.commit([{ kind: 'put', item: newer }]);
  await store.close();
  await assert.rejects(openStore({ data, clock, bootId: 'another' }), (fault) => {
    assert.ok(fault instanceof DataDirectoryNewer);
    const versions = `schema version ${schemaVersion + 1}.*understands ${schemaVersion}`;
    assert.match(fault.message, new RegExp(`${versions}.*run the newer Posta`));
    return true;
  });
  const environment = openEnvironment({ data });
  assert.equal(environment.records('openers').getCount(), 0);
  await environment.close();
});

test('a store of an older schema version is of this one as soon as it is opened', async (context) => {
  const data = dataDirectory(context);
  const store = await openStore({ data, clock });
  await store.table.commit([{ kind: 'put', item: { ...storeKey, schemaVersion: 1, epoch: 1 } }]);
  await store.close();
  const again = await openStore({ data, clock });
  assert.deepEqual(await again.table.get(storeKey), { ...storeKey, schemaVersion, epoch: again.epoch });
  await again.close();
});

test('what is not a data directory is refused with what to do', async (context) => {
  const data = dataDirectory(context);
  writeFileSync(join(data, 'file'), 'x');
  await assert.rejects(openStore({ data: join(data, 'file'), clock }), (fault) => {
    assert.ok(fault instanceof DataDirectoryUnreadable);
    assert.match(fault.message, /file\/table: it is not a directory; .*name another data directory/);
    return true;
  });
});

test('a directory that may not be written to is refused', async (context) => {
  const data = dataDirectory(context);
  if (process.getuid?.() === 0) return context.skip('root may write everywhere');
  chmodSync(data, 0o500);
  await assert.rejects(openStore({ data, clock }), DataDirectoryUnreadable);
  assert.equal(existsSync(join(data, 'table')), false);
});

test('a damaged table is refused, whatever the damage', async (context) => {
  for (const damage of ['not ours', 'short', 'zeroed', 'behind the first pages']) {
    const data = dataDirectory(context);
    await (await openStore({ data, clock })).close();
    const path = join(data, 'table', 'data.mdb');
    const bytes = readFileSync(path);
    if (damage === 'not ours') bytes.fill('x');
    else if (damage === 'behind the first pages') bytes.fill(0x55, 8192);
    else bytes.fill(0);
    writeFileSync(path, damage === 'short' ? bytes.subarray(0, 1000) : bytes);
    await assert.rejects(
      openStore({ data, clock }),
      (fault) => fault instanceof DataDirectoryUnreadable && /damaged.*put that right/.test(fault.message),
      damage,
    );
  }
});

test('a table whose making was cut short is made anew', async (context) => {
  const data = dataDirectory(context);
  await (await openStore({ data, clock })).close();
  writeFileSync(join(data, 'table', 'data.mdb'), '');
  const store = await openStore({ data, clock });
  assert.equal(store.epoch, 1);
  await store.close();
});

test('a commit that finds no room on the disk is told so and leaves nothing, and the store goes on', async (context) => {
  const data = dataDirectory(context);
  const script = join(import.meta.dirname, 'full-disk-child.ts');
  const limited = ['-c', 'ulimit -f 4096; exec "$0" "$@"', process.execPath, script, data];
  // lmdb writes the reason to standard error as well.
  const { stdout } = await promisify(execFile)('sh', limited);
  assert.deepEqual(JSON.parse(stdout), [
    'fits: committed',
    'does not fit: DataDirectoryFault',
    'fits again: committed',
  ]);
  const store = await openStore({ data, clock });
  const { items } = await store.table.query({ pk: 'disk' });
  assert.deepEqual(
    items.map(({ sk }) => sk),
    ['fits', 'fits again', 'fits again, beside it', 'fits, beside it'],
  );
  await store.close();
});

test('what LMDB says of a full disk names the directory and what to do', () => {
  const full = commitFault('data/table', new Error('MDB_MAP_FULL: Environment mapsize limit reached'));
  assert.ok(full instanceof DataDirectoryFull);
  assert.match(full.message, /nothing was written to data\/table: .*largest size; free space on its disk/);
  const fault = commitFault('data/table', new Error('Input/output error'));
  assert.match(fault.message, /a commit to data\/table failed: .*look at the disk/);
});

test('an action that throws in the middle leaves nothing, and the others of its group are not harmed', async (context) => {
  const environment = openEnvironment({ data: dataDirectory(context) });
  const records = environment.records('test');
  const put = (name: string, thrown?: string) =>
    environment.writes.run(() => {
      void records.put(Buffer.from(name), Buffer.from('x'));
      if (thrown !== undefined) throw new RangeError(thrown);
      return name;
    });
  const outcomes = await Promise.allSettled([
    put('a'),
    put('b', 'thrown'),
    put('c'),
    put('d', 'too'),
    put('e'),
  ]);
  assert.deepEqual(
    outcomes.map((outcome) => (outcome.status === 'fulfilled' ? outcome.value : String(outcome.reason))),
    ['a', 'RangeError: thrown', 'c', 'RangeError: too', 'e'],
  );
  environment.refresh();
  const names = [...records.getKeys({ start: Buffer.alloc(1) })].map((key) => Buffer.from(key).toString());
  assert.deepEqual(names, ['a', 'c', 'e']);
  await environment.close();
});

test('a store waits for what is under way when it is closed, and refuses what comes after', async (context) => {
  const data = dataDirectory(context);
  const store = await openStore({ data, clock });
  const late = store.table.commit([{ kind: 'put', item: { pk: 'late', sk: 'item' } }]);
  await store.close();
  assert.deepEqual(await late, { kind: 'committed' });
  await assert.rejects(store.table.get({ pk: 'late', sk: 'item' }), StoreClosed);
  await assert.rejects(store.table.commit([{ kind: 'put', item: { pk: 'a', sk: 'b' } }]), StoreClosed);
  const again = await openStore({ data, clock });
  assert.ok(await again.table.get({ pk: 'late', sk: 'item' }));
  await again.close();
});

test('one queue has one object in a store, and one set of options', async (context) => {
  const store = await openStore({ data: dataDirectory(context), clock });
  const options = { name: 'route', kind: 'standard', maxAttempts: 3 } as const;
  assert.equal(store.queue(options), store.queue(options));
  assert.throws(() => store.queue({ ...options, maxAttempts: 4 }), RangeError);
  assert.throws(() => store.queue({ ...options, name: 'no name' }), RangeError);
  await store.close();
});
