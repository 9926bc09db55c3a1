import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from './manual-clock.ts';

test('a sleeper wakes when its time has come and not before', async () => {
  const clock = new ManualClock();
  let woken = false;
  const slept = clock.sleep(100).then(() => (woken = true));
  await clock.advance(99);
  assert.equal(woken, false);
  await clock.advance(1);
  assert.equal(woken, true);
  await slept;
});

test('sleepers wake in the order of their times, and sleep again on the way', async () => {
  const clock = new ManualClock(0);
  const seen: string[] = [];
  const every = async (name: string, ms: number) => {
    for (let round = 0; round < 2; round++) {
      await clock.sleep(ms);
      seen.push(`${name} ${clock.now()}`);
    }
  };
  const both = Promise.all([every('slow', 30), every('fast', 20)]);
  await clock.advance(60);
  await both;
  assert.deepEqual(seen, ['fast 20', 'slow 30', 'fast 40', 'slow 60']);
  assert.equal(clock.now(), 60);
});

test('an aborted signal ends a sleep at once', async () => {
  const clock = new ManualClock();
  const abort = new AbortController();
  const slept = clock.sleep(1000, abort.signal);
  assert.equal(clock.sleeping, 1);
  abort.abort();
  await slept;
  await clock.sleep(1000, abort.signal);
  assert.equal(clock.sleeping, 0);
});
