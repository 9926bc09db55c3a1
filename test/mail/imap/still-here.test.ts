/** Who idles is told at intervals, each by its own time, and who does no longer is not. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StillHere } from '../../../mail/imap/still-here.ts';
import { ManualClock } from '../../contracts/manual-clock.ts';

const everyMs = 1000;

function told() {
  const clock = new ManualClock(0);
  const log: string[] = [];
  const of = (name: string) => () => void log.push(`${name} ${clock.now()}`);
  return { clock, log, of, stillHere: new StillHere({ clock, everyMs }) };
}

test('each is told at its own times', async () => {
  const { clock, log, of, stillHere } = told();
  stillHere.remind(of('a'));
  await clock.advance(300);
  stillHere.remind(of('b'));
  await clock.advance(2200);
  assert.deepEqual(log, ['a 1000', 'b 1300', 'a 2000', 'b 2300']);
});

test('a clock that was set back keeps nobody waiting', async () => {
  const { clock, log, of, stillHere } = told();
  let offMs = 0;
  const now = clock.now.bind(clock);
  clock.now = () => now() - offMs;
  await clock.advance(10_000);
  stillHere.remind(of('a'));
  offMs = 5000;
  await clock.advance(2000);
  assert.deepEqual(log, ['a 6000', 'a 7000']);
});

test('who is forgotten is not told, and when nobody is left nothing waits', async () => {
  const { clock, log, of, stillHere } = told();
  const [a, b] = [of('a'), of('b')];
  stillHere.remind(a);
  stillHere.remind(b);
  await clock.advance(500);
  stillHere.forget(a);
  await clock.advance(500);
  assert.deepEqual(log, ['b 1000']);
  stillHere.forget(b);
  await clock.advance(5000);
  assert.deepEqual(log, ['b 1000']);
  stillHere.remind(a);
  await clock.advance(999);
  assert.deepEqual(log, ['b 1000']);
  await clock.advance(1);
  assert.deepEqual(log, ['b 1000', 'a 7000']);
});
