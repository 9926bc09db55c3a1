import assert from 'node:assert/strict';
import { test } from 'node:test';
import { whileWaiting } from '../../bin/while-waiting.ts';

test('what takes longer than two seconds is said on a terminal, and nowhere else', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const saidAfter = async (ms: number, isTTY: boolean) => {
    let said = '';
    const stream = { isTTY, write: (text: string | Uint8Array) => ((said += String(text)), true) };
    await whileWaiting('asking posta', async () => t.mock.timers.tick(ms), stream);
    t.mock.timers.tick(10_000);
    return said;
  };
  assert.equal(await saidAfter(1999, true), '');
  assert.equal(await saidAfter(2000, true), 'asking posta …\n');
  assert.equal(await saidAfter(2000, false), '');
});
