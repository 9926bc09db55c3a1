import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
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
