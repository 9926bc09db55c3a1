import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { openEnvironment } from '../../../drivers/embedded/environment.ts';
import { AnotherServerRuns, lockServer } from '../../../drivers/embedded/server-lock.ts';
import { forked } from './forked.ts';

async function withData(body: (data: string) => Promise<void>): Promise<void> {
  const data = await mkdtemp(join(tmpdir(), 'posta-lock-'));
  try {
    await body(data);
  } finally {
    await rm(data, { recursive: true });
  }
}

test('one server has a data directory at a time, and gives it back', () =>
  withData(async (data) => {
    const environment = openEnvironment({ data, mapBytes: 2 ** 28 });
    const lock = await lockServer(environment);
    await assert.rejects(
      lockServer(environment),
      (fault) => fault instanceof AnotherServerRuns && fault.pid === process.pid,
    );
    await lock[Symbol.asyncDispose]();
    const again = await lockServer(environment);
    await lock[Symbol.asyncDispose]();
    await assert.rejects(lockServer(environment), AnotherServerRuns);
    await again[Symbol.asyncDispose]();
    await environment.close();
  }));

test('the second server is told the pid of the first, and a killed one holds nothing', () =>
  withData(async (data) => {
    const first = forked<{ readonly held: true } | { readonly by: number }>('lock-process.ts', data);
    await first.until(({ length }) => length === 1);
    assert.deepEqual(first.told, [{ held: true }]);
    const second = forked<{ readonly held: true } | { readonly by: number }>('lock-process.ts', data);
    await second.until(({ length }) => length === 1);
    assert.deepEqual(second.told, [{ by: first.pid }]);
    await first.kill();
    const third = forked<{ readonly held: true } | { readonly by: number }>('lock-process.ts', data);
    await third.until(({ length }) => length === 1);
    assert.deepEqual(third.told, [{ held: true }]);
    await third.kill();
    await second.kill();
  }));
