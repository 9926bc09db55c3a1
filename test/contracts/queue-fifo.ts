/** The Queue contract: a FIFO queue. */
import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import { seededRandom } from '../seeded-random.ts';
import { now, numbers, send } from './queue-standard.ts';
import { maxAttempts } from './queue.ts';
import type { QueueCase } from './queue.ts';

export const fifoCases: readonly QueueCase[] = [
  {
    name: 'FIFO: jobs of a group come in the order of sending, a batch of one group at a time',
    body: async ({ fifo }) => {
      await send(fifo, [1, 2], 'a');
      await send(fifo, [11], 'b');
      await send(fifo, [3], 'a');
      const batches = [await fifo.receive(now), await fifo.receive(now)];
      for (const jobs of batches) assert.equal(new Set(jobs.map(({ group }) => group)).size, 1);
      const a = batches.find((jobs) => jobs[0]?.group === 'a') ?? [];
      const b = batches.find((jobs) => jobs[0]?.group === 'b') ?? [];
      assert.deepEqual(numbers(a), [1, 2, 3]);
      assert.deepEqual(numbers(b), [11]);
    },
  },
  {
    name: 'FIFO: a group with a job out is not received from until all that are out are done',
    body: async ({ fifo }) => {
      await send(fifo, [1, 2, 3, 4], 'a');
      const out = await fifo.receive({ ...now, max: 2 });
      assert.deepEqual(numbers(out), [1, 2]);
      assert.deepEqual(await fifo.receive(now), []);
      await fifo.done(out.slice(1).map(({ receipt }) => receipt));
      assert.deepEqual(await fifo.receive(now), []);
      await fifo.done(out.slice(0, 1).map(({ receipt }) => receipt));
      assert.deepEqual(numbers(await fifo.receive(now)), [3, 4]);
    },
  },
  {
    name: 'FIFO: a job that is given back comes again before the later ones of its group',
    body: async ({ fifo }, { pass }) => {
      await send(fifo, [1, 2, 3], 'a');
      const out = await fifo.receive({ ...now, max: 2 });
      await fifo.done(out.slice(1).map(({ receipt }) => receipt));
      for (const { receipt } of out.slice(0, 1)) await fifo.release(receipt, 3000);
      assert.deepEqual(await fifo.receive(now), []);
      await pass(3500);
      const again = await fifo.receive(now);
      assert.deepEqual(numbers(again), [1, 3]);
      assert.deepEqual(
        again.map(({ attempt }) => attempt),
        [2, 1],
      );
    },
  },
  {
    name: 'FIFO: jobs whose time is over come again in their order',
    body: async ({ fifo }, { pass }) => {
      await send(fifo, [1, 2, 3], 'a');
      await fifo.receive({ ...now, max: 2, hiddenMs: 2000 });
      await pass(2500);
      assert.deepEqual(numbers(await fifo.receive(now)), [1, 2, 3]);
    },
  },
  {
    name: 'FIFO: a dead letter no longer holds up its group',
    body: async ({ fifo }) => {
      await send(fifo, [1, 2], 'a');
      for (let attempt = 1; attempt <= maxAttempts; attempt++) {
        const [job] = await fifo.receive({ ...now, max: 1 });
        assert.equal(job?.body.number, 1);
        await fifo.release(job.receipt, 0);
      }
      assert.deepEqual(numbers(await fifo.receive(now)), [2]);
      assert.deepEqual(numbers(await fifo.deadLetters(10)), [1]);
    },
  },
  {
    name: 'FIFO: a job with an id is sent once within 5 minutes, even after it is done',
    body: async ({ fifo }) => {
      const job = { body: { number: 1 }, group: 'a', deduplicationId: 'one' };
      await fifo.send([job, job]);
      await fifo.send([job, { ...job, body: { number: 2 }, deduplicationId: 'two' }]);
      const jobs = await fifo.receive(now);
      assert.deepEqual(numbers(jobs), [1, 2]);
      await fifo.done(jobs.map(({ receipt }) => receipt));
      await fifo.send([job]);
      assert.deepEqual(await fifo.receive(now), []);
    },
  },
  {
    name: 'FIFO: after 5 minutes a job with the same id is sent again',
    needs: 'turned clock',
    body: async ({ fifo }, { pass }) => {
      const job = { body: { number: 1 }, group: 'a', deduplicationId: 'one' };
      await fifo.send([job]);
      await fifo.done((await fifo.receive(now)).map(({ receipt }) => receipt));
      await pass(5 * 60_000 + 1);
      await fifo.send([job]);
      assert.deepEqual(numbers(await fifo.receive(now)), [1]);
    },
  },
  {
    name: 'FIFO: many workers that fail now and then keep the order in each group',
    needs: 'attempts only for failures',
    body: async ({ fifo }) => {
      const random = seededRandom(5);
      const groups = ['a', 'b', 'c', 'd', 'e'];
      for (let number = 0; number < 30; number++)
        await fifo.send(groups.map((group) => ({ body: { number }, group })));
      const ended = new Map(groups.map((group) => [group, [] as number[]]));
      const working = new Set<string>();
      let left = groups.length * 30;
      const work = async () => {
        while (left > 0) {
          const jobs = await fifo.receive({ ...now, max: 1 + Math.floor(random() * 4) });
          const group = jobs[0]?.group ?? '';
          assert.ok(group === '' || !working.has(group), 'a group is with one worker at a time');
          working.add(group);
          await turn();
          // One that fails takes with it those behind it in the batch, or they would overtake it.
          const failing = jobs.findIndex(({ attempt }) => attempt < maxAttempts && random() < 0.15);
          const good = failing < 0 ? jobs : jobs.slice(0, failing);
          ended.get(group)?.push(...numbers(good));
          left -= good.length;
          working.delete(group);
          await fifo.done(good.map(({ receipt }) => receipt));
          if (failing >= 0)
            for (const { receipt } of jobs.slice(failing).toReversed()) await fifo.release(receipt, 0);
          await turn();
        }
      };
      await Promise.all([1, 2, 3].map(work));
      const dead = await fifo.deadLetters(1000);
      assert.deepEqual(dead, []);
      for (const [group, all] of ended)
        assert.deepEqual(
          all,
          Array.from({ length: 30 }, (_, index) => index),
          group,
        );
    },
  },
];
