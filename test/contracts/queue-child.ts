/** A process that uses a queue: `send N` sends N jobs and prints each; `work N` ends N jobs and prints each. */
import { openedByChild } from './opened-by-child.ts';
import type { Queues } from './queue.ts';

const { opened, parameters } = await openedByChild<Queues>();
const [mode = '', count = '0'] = parameters;
const { standard } = opened.port;

if (mode === 'send')
  for (let number = 0; number < Number(count); number++) {
    await standard.send([{ body: { number }, group: `group ${number % 5}` }]);
    process.stdout.write(`${number}\n`);
  }
else
  for (let left = Number(count); left > 0;) {
    const jobs = await standard.receive({ max: Math.min(left, 5), waitMs: 500, hiddenMs: 30_000 });
    await standard.done(jobs.map(({ receipt }) => receipt));
    for (const { body } of jobs) process.stdout.write(`${body.number}\n`);
    left -= jobs.length;
  }
await opened.close();
