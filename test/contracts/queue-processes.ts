/** The Queue contract: several processes, and processes that are killed. */
import assert from 'node:assert/strict';
import { seededRandom } from '../seeded-random.ts';
import { startChild } from './child-process.ts';
import { now, numbers, receiveAll, send } from './queue-standard.ts';
import type { QueueCase } from './queue.ts';

/** Longer than a test takes; jobs of a killed worker come back sooner only as the clock is turned. */
const hiddenMs = 10 * 60_000;

export const processCases: readonly QueueCase[] = [
  {
    name: 'jobs that other processes send and work on are each done once',
    body: async ({ standard }, { child }) => {
      const sender = startChild('queue-child.ts', child, 'send', '200');
      const worker = startChild('queue-child.ts', child, 'work', '120');
      const mine: number[] = [];
      while (mine.length < 80) {
        const jobs = await standard.receive({ ...now, max: Math.min(10, 80 - mine.length), hiddenMs });
        mine.push(...numbers(jobs));
        await standard.done(jobs.map(({ receipt }) => receipt));
        await new Promise((resolve) => setImmediate(resolve));
      }
      await Promise.all([sender.ended(), worker.ended()]);
      const all = [...mine, ...worker.lines.map(Number)];
      assert.equal(all.length, 200);
      assert.equal(new Set(all).size, 200);
    },
  },
  {
    name: 'what a sender was told is sent is received after kill -9 of the sender',
    body: async ({ standard }, { child }) => {
      const random = seededRandom(17);
      for (let round = 0; round < 3; round++) {
        const killed = startChild('queue-child.ts', child, 'send', '1000000');
        await killed.printed(1 + Math.floor(random() * 60));
        await killed.kill();
        const jobs = await receiveAll(standard);
        const received = new Set(numbers(jobs));
        for (const line of killed.lines)
          assert.ok(received.has(Number(line)), `job ${line} was acknowledged`);
        await standard.done(jobs.map(({ receipt }) => receipt));
      }
      assert.deepEqual(await standard.depth(), { waiting: 0, out: 0, dead: 0 });
    },
  },
  {
    name: 'the jobs of a worker that is killed with -9 come again when their time is over, and none is lost',
    body: async ({ standard, fifo }, { child, pass }) => {
      const sent = Array.from({ length: 150 }, (_, index) => index);
      await send(standard, sent);
      await send(fifo, sent, 'a');
      const killed = startChild('queue-child.ts', child, 'work', '1000');
      await killed.printed(20);
      await killed.kill();
      await pass(60_000);
      const left = await receiveAll(standard);
      const done = new Set([...killed.lines.map(Number), ...numbers(left)]);
      assert.equal(done.size, sent.length);
      const inOrder: number[] = [];
      while (inOrder.length < sent.length) {
        const jobs = await fifo.receive({ ...now, max: 150 });
        assert.ok(jobs.length > 0, `${inOrder.length} of ${sent.length} came`);
        inOrder.push(...numbers(jobs));
        await fifo.done(jobs.map(({ receipt }) => receipt));
      }
      assert.deepEqual(inOrder, sent);
    },
  },
];
