/** The Queue contract: a standard queue. */
import assert from 'node:assert/strict';
import type { Queue, ReceivedJob } from '../../mail/ports/queue.ts';
import type { Numbered, QueueCase } from './queue.ts';

/** Receives what is there now. */
export const now = { max: 10, waitMs: 0, hiddenMs: 30_000 } as const;

export const numbers = (jobs: readonly ReceivedJob<Numbered>[]) => jobs.map(({ body }) => body.number);
export const sorted = (values: readonly number[]) => values.toSorted((one, other) => one - other);

/** Sends jobs with the numbers given. */
export function send(queue: Queue<Numbered>, values: readonly number[], group?: string): Promise<void> {
  return queue.send(values.map((number) => ({ body: { number }, ...(group !== undefined && { group }) })));
}

/** Receives until nothing more comes. */
export async function receiveAll(queue: Queue<Numbered>): Promise<readonly ReceivedJob<Numbered>[]> {
  const all: ReceivedJob<Numbered>[] = [];
  for (;;) {
    const jobs = await queue.receive(now);
    if (jobs.length === 0) return all;
    all.push(...jobs);
  }
}

export const standardCases: readonly QueueCase[] = [
  {
    name: 'a job comes back as it was sent, and is gone when it is done',
    body: async ({ standard }, { clock }) => {
      const before = clock?.now() ?? Date.now() - 60_000;
      await standard.send([{ body: { number: 1, text: 'Grüße 🐎' }, group: 'a' }, { body: { number: 2 } }]);
      const jobs = await receiveAll(standard);
      assert.deepEqual(sorted(numbers(jobs)), [1, 2]);
      const [first] = jobs.filter(({ body }) => body.number === 1);
      assert.ok(first);
      assert.deepEqual(first.body, { number: 1, text: 'Grüße 🐎' });
      assert.equal(first.group, 'a');
      assert.equal(first.attempt, 1);
      assert.ok(first.sentAt.getTime() >= before);
      assert.equal('group' in (jobs.find(({ body }) => body.number === 2) ?? {}), false);
      await standard.done(jobs.map(({ receipt }) => receipt));
      assert.deepEqual(await standard.receive(now), []);
    },
  },
  {
    name: 'a job that was received is hidden, and comes again when its time is over',
    body: async ({ standard }, { pass }) => {
      await send(standard, [1]);
      const hidden = { ...now, hiddenMs: 5000 };
      assert.deepEqual(numbers(await standard.receive(hidden)), [1]);
      await pass(4000);
      assert.deepEqual(await standard.receive(hidden), []);
      await pass(1500);
      const again = await standard.receive(hidden);
      assert.deepEqual(numbers(again), [1]);
      assert.equal(again[0]?.attempt, 2);
    },
  },
  {
    name: 'only the latest receipt of a job counts',
    body: async ({ standard }, { pass }) => {
      await send(standard, [1]);
      const [early] = await standard.receive({ ...now, hiddenMs: 1000 });
      await pass(1500);
      const [late] = await standard.receive({ ...now, hiddenMs: 2000 });
      assert.ok(early && late);
      await standard.release(early.receipt, 0);
      assert.deepEqual(await standard.receive(now), []);
      await standard.done([early.receipt, 'no receipt', '']);
      await pass(2500);
      const [last] = await standard.receive(now);
      assert.equal(last?.attempt, 3);
      await standard.done([late.receipt]);
      assert.equal((await standard.depth()).out, 1);
      await standard.done([last.receipt]);
      await standard.done([last.receipt]);
      assert.deepEqual(await standard.depth(), { waiting: 0, out: 0, dead: 0 });
    },
  },
  {
    name: 'a job that is given back comes after its delay',
    body: async ({ standard }, { pass }) => {
      await send(standard, [1, 2]);
      const jobs = await receiveAll(standard);
      for (const { body, receipt } of jobs) await standard.release(receipt, body.number === 1 ? 0 : 3000);
      const [first] = await standard.receive(now);
      assert.equal(first?.body.number, 1);
      assert.equal(first.attempt, 2);
      assert.deepEqual(await standard.receive(now), []);
      await pass(3500);
      assert.deepEqual(numbers(await standard.receive(now)), [2]);
    },
  },
  {
    name: 'a delayed job is not received before its time',
    body: async ({ standard }, { pass }) => {
      await standard.send([{ body: { number: 1 }, delayMs: 5000 }, { body: { number: 2 } }]);
      assert.deepEqual(numbers(await receiveAll(standard)), [2]);
      await pass(4000);
      assert.deepEqual(await standard.receive(now), []);
      await pass(1500);
      const [late] = await standard.receive(now);
      assert.equal(late?.body.number, 1);
      assert.equal(late.attempt, 1);
    },
  },
  {
    name: 'a busy group does not hold up the others',
    needs: 'groups take turns',
    body: async ({ standard }) => {
      await send(
        standard,
        Array.from({ length: 200 }, (_, index) => index + 1000),
        'busy',
      );
      await send(standard, [1], 'a');
      await send(standard, [2], 'b');
      const first = numbers(await standard.receive(now));
      assert.ok(first.includes(1) && first.includes(2), first.join(' '));
      await send(standard, [3], 'c');
      const one = { ...now, max: 1 };
      const next = [...(await standard.receive(one)), ...(await standard.receive(one))];
      assert.ok(numbers(next).includes(3), numbers(next).join(' '));
      const rest = await receiveAll(standard);
      assert.equal(first.length + next.length + rest.length, 203);
    },
  },
  {
    name: 'a worker that waits is woken by a send, by the end of a delay, and by its signal',
    body: async ({ standard }, { pass }) => {
      const waiting = standard.receive({ ...now, waitMs: 20_000 });
      await send(standard, [1]);
      assert.deepEqual(numbers(await waiting), [1]);
      await standard.send([{ body: { number: 2 }, delayMs: 1000 }]);
      const later = standard.receive({ ...now, waitMs: 20_000 });
      await pass(1100);
      assert.deepEqual(numbers(await later), [2]);
      const stop = new AbortController();
      const stopped = standard.receive({ ...now, waitMs: 20_000, signal: stop.signal });
      stop.abort();
      assert.deepEqual(await stopped, []);
      const nothing = standard.receive({ ...now, waitMs: 1000 });
      await pass(1100);
      assert.deepEqual(await nothing, []);
    },
  },
  {
    name: 'of many workers each job goes to one, and the depth is right when all are done',
    body: async ({ standard }) => {
      const sent = Array.from({ length: 300 }, (_, index) => index);
      const senders = Array.from({ length: 10 }, (_, sender) =>
        send(standard, sent.slice(sender * 30, sender * 30 + 30), `group ${sender % 3}`),
      );
      await Promise.all(senders);
      const received: number[] = [];
      const work = async () => {
        for (;;) {
          const jobs = await standard.receive({ ...now, max: 7 });
          if (jobs.length === 0) return;
          received.push(...numbers(jobs));
          await standard.done(jobs.map(({ receipt }) => receipt));
        }
      };
      await Promise.all([1, 2, 3, 4].map(work));
      assert.deepEqual(sorted(received), sent);
      assert.deepEqual(await standard.depth(), { waiting: 0, out: 0, dead: 0 });
    },
  },
  {
    name: 'the depth counts what waits, what is out and what is dead',
    needs: 'exact depth',
    body: async ({ standard }) => {
      await send(standard, [1, 2, 3]);
      await standard.send([{ body: { number: 4 }, delayMs: 60_000 }]);
      await standard.receive({ ...now, max: 2 });
      assert.deepEqual(await standard.depth(), { waiting: 2, out: 2, dead: 0 });
    },
  },
  {
    name: 'a batch holds as many as were asked for',
    needs: 'large batches',
    body: async ({ standard }) => {
      for (let part = 0; part < 4; part++)
        await send(
          standard,
          Array.from({ length: 500 }, (_, index) => part * 500 + index),
          `group ${part}`,
        );
      const jobs = await standard.receive({ ...now, max: 10_000 });
      assert.equal(new Set(numbers(jobs)).size, 2000);
    },
  },
  {
    name: 'what no queue can take is refused, and nothing of that send is sent',
    body: async ({ standard, fifo }) => {
      const good = { body: { number: 1 } };
      const large = { body: { number: 2, text: 'x'.repeat(256 * 1024) } };
      await assert.rejects(standard.send([good, large]));
      await assert.rejects(standard.send([good, { ...good, delayMs: 15 * 60_000 + 1 }]));
      await assert.rejects(standard.send([good, { ...good, deduplicationId: 'x' }]));
      await assert.rejects(fifo.send([{ ...good, group: 'a' }, good]));
      await assert.rejects(fifo.send([{ ...good, group: 'a', delayMs: 1000 }]));
      await standard.send([]);
      assert.deepEqual(await standard.receive(now), []);
      assert.deepEqual(await fifo.receive(now), []);
      await standard.send([{ body: { number: 3, text: 'x'.repeat(250 * 1024) } }]);
      assert.deepEqual(numbers(await standard.receive(now)), [3]);
    },
  },
];
