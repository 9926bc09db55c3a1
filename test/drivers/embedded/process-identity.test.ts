import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { test } from 'node:test';
import { isRunning, thisProcess } from '../../../drivers/embedded/process-identity.ts';

test('this process runs', () => {
  assert.equal(isRunning(thisProcess()), true);
});

test('a process of the same pid that started at another time is another', () => {
  assert.equal(isRunning({ ...thisProcess(), started: 'earlier' }), false);
});

test('a process that ended does not run', async () => {
  const child = spawn(process.execPath, ['--version'], { stdio: 'ignore' });
  const pid = child.pid ?? 0;
  await once(child, 'exit');
  assert.equal(isRunning({ pid, started: 'unknown' }), false);
});

test('a process that has no file left to look with takes none for dead', async () => {
  const script = join(import.meta.dirname, 'out-of-files-child.ts');
  const child = spawn('sh', ['-c', 'ulimit -n 256; exec "$0" "$1"', process.execPath, script], {
    stdio: 'ignore',
  });
  const [code] = (await once(child, 'exit')) as [number | null];
  assert.equal(code, 0);
});
