/** The embedded Queue under its contract, and what it has besides. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from '../../contracts/manual-clock.ts';
import { queueContract } from '../../contracts/queue.ts';
import { now, numbers, send, sorted } from '../../contracts/queue-standard.ts';
import { queuesOf } from './opens-queues.ts';
import { storeFixture } from './store-fixture.ts';

async function fixture() {
  // The children's time is the machine's: the turned clock begins there.
  const clock = new ManualClock(Date.now());
  const made = storeFixture({
    clock,
    port: queuesOf,
    module: new URL('opens-queues.ts', import.meta.url).href,
  });
  return { ...made, pass: (ms: number) => clock.advance(ms) };
}

queueContract({ name: 'embedded queue', fixture, unsupported: {} });

test('after recover the jobs of a worker that was killed are received at once, in their order', async () => {
  const made = await fixture();
  const { port } = await made.open();
  await send(port.standard, [1, 2]);
  await send(port.fifo, [1, 2, 3], 'a');
  await port.standard.send([{ body: { number: 9 }, delayMs: 60_000 }]);
  await port.standard.receive({ ...now, max: 1, hiddenMs: 3_600_000 });
  await port.fifo.receive({ ...now, max: 2, hiddenMs: 3_600_000 });
  const again = await made.open();
  await again.port.standard.recover();
  await again.port.fifo.recover();
  assert.deepEqual(sorted(numbers(await again.port.standard.receive(now))), [1, 2]);
  assert.deepEqual(numbers(await again.port.fifo.receive(now)), [1, 2, 3]);
  assert.equal((await again.port.standard.depth()).waiting, 1);
  await made.remove();
});

test('the oldest job is known wherever it stands, until it is done', async () => {
  const made = await fixture();
  const { port } = await made.open();
  const queue = port.standard;
  assert.equal(await queue.oldestSentAt(), undefined);
  await send(queue, [1]);
  const first = await queue.oldestSentAt();
  await made.pass(60_000);
  await send(queue, [2]);
  assert.deepEqual(await queue.oldestSentAt(), first);
  const [job] = await queue.receive({ ...now, max: 1, hiddenMs: 1000 });
  assert.deepEqual(await queue.oldestSentAt(), first, 'out');
  await queue.done([job?.receipt ?? '']);
  assert.equal((await queue.oldestSentAt())?.getTime(), (first?.getTime() ?? 0) + 60_000);
  await made.remove();
});
