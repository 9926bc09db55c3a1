/** The Queue contract: attempts, dead letters, redrive. */
import assert from 'node:assert/strict';
import { now, numbers, send, sorted } from './queue-standard.ts';
import { maxAttempts } from './queue.ts';
import type { Numbered, QueueCase } from './queue.ts';
import type { Queue } from '../../mail/ports/queue.ts';

/** Receives and gives back everything until nothing more comes. */
async function failAll(queue: Queue<Numbered>): Promise<void> {
  for (;;) {
    const jobs = await queue.receive(now);
    if (jobs.length === 0) return;
    for (const { receipt } of jobs) await queue.release(receipt, 0);
  }
}

export const deadLetterCases: readonly QueueCase[] = [
  {
    name: 'a job that was given back as often as it may fail is a dead letter, and is not received',
    body: async ({ standard }) => {
      await send(standard, [1]);
      for (let attempt = 1; attempt <= maxAttempts; attempt++) {
        const [job] = await standard.receive(now);
        assert.equal(job?.attempt, attempt);
        await standard.release(job.receipt, 0);
      }
      assert.deepEqual(await standard.receive(now), []);
      const [dead] = await standard.deadLetters(10);
      assert.equal(dead?.body.number, 1);
      assert.equal(dead.attempt, maxAttempts);
    },
  },
  {
    name: 'a job whose time was over as often as it may fail is a dead letter',
    body: async ({ standard, fifo }, { pass }) => {
      await send(standard, [1]);
      await send(fifo, [1, 2], 'a');
      for (let attempt = 1; attempt <= maxAttempts; attempt++) {
        assert.deepEqual(numbers(await standard.receive({ ...now, hiddenMs: 1000 })), [1]);
        assert.deepEqual(numbers(await fifo.receive({ ...now, max: 1, hiddenMs: 1000 })), [1]);
        await pass(1500);
      }
      assert.deepEqual(await standard.receive(now), []);
      assert.deepEqual(numbers(await standard.deadLetters(10)), [1]);
      assert.deepEqual(numbers(await fifo.receive(now)), [2]);
      assert.deepEqual(numbers(await fifo.deadLetters(10)), [1]);
    },
  },
  {
    name: 'dead letters are sent again from the start',
    body: async ({ standard }) => {
      await send(standard, [1, 2, 3], 'a');
      await failAll(standard);
      assert.deepEqual(sorted(numbers(await standard.deadLetters(10))), [1, 2, 3]);
      assert.equal(await standard.redrive(), 3);
      assert.deepEqual(await standard.deadLetters(10), []);
      const again = await standard.receive(now);
      assert.deepEqual(sorted(numbers(again)), [1, 2, 3]);
      assert.deepEqual(new Set(again.map(({ attempt, group }) => `${attempt} ${group}`)), new Set(['1 a']));
      assert.equal(await standard.redrive(), 0);
    },
  },
  {
    name: 'a list of dead letters has at most its limit, and is not changed by looking',
    body: async ({ standard }) => {
      await send(standard, [1, 2, 3]);
      await failAll(standard);
      assert.equal((await standard.deadLetters(2)).length, 2);
      assert.equal((await standard.deadLetters(10)).length, 3);
      assert.equal((await standard.depth()).dead, 3);
    },
  },
];
