/** SQS and SNS behind a network that throttles and loses answers: nothing is lost. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { SQSClient } from '@aws-sdk/client-sqs';
import { SqsQueue } from '../../../../drivers/aws/queue/queue.ts';
import { systemClock } from '../../../../drivers/system/clock.ts';
import type { Numbered } from '../../../contracts/queue.ts';
import { now, numbers, receiveAll, sorted } from '../../../contracts/queue-standard.ts';
import { FaultyHandler, first, type Fault } from '../faulty-handler.ts';
import { createQueue } from './temporary-queues.ts';

const throttled: Fault = {
  kind: 'status',
  status: 400,
  body: JSON.stringify({ __type: 'com.amazonaws.sqs#RequestThrottled', message: 'Request is throttled.' }),
};
const broken: Fault = {
  kind: 'status',
  status: 500,
  body: JSON.stringify({ __type: 'com.amazonaws.sqs#InternalError', message: 'no' }),
};

async function faultyQueue(kind: 'standard' | 'fifo' = 'standard') {
  const network = new FaultyHandler();
  const client = new SQSClient({ requestHandler: network, maxAttempts: 1 });
  const urls = await createQueue(client, {
    name: `faulty-${randomUUID()}`,
    fifo: kind === 'fifo',
    maxReceiveCount: 3,
  });
  const queue = new SqsQueue<Numbered>({
    client,
    name: 'faulty',
    kind,
    ...urls,
    maxAttempts: 3,
    clock: systemClock(),
  });
  return { queue, network };
}

const jobs = Array.from({ length: 25 }, (_, number) => ({ body: { number } }));
const all = jobs.map(({ body }) => body.number);
const named = (operation: string) => (asked: { readonly target: string }) => asked.target.endsWith(operation);

for (const [name, fault] of Object.entries({ throttled, broken, reset: { kind: 'reset' } } as const))
  test(`a send that meets "${name}" is made again, and each job comes once`, async () => {
    const { queue, network } = await faultyQueue();
    network.fault = first(2, fault, named('SendMessageBatch'));
    await queue.send(jobs);
    assert.deepEqual(sorted(numbers(await receiveAll(queue))), all);
  });

test('a send whose answer is lost leaves no job out; in a FIFO queue none is doubled either', async () => {
  const standard = await faultyQueue();
  standard.network.fault = first(1, { kind: 'lost' }, named('SendMessageBatch'));
  await standard.queue.send(jobs);
  assert.deepEqual([...new Set(sorted(numbers(await receiveAll(standard.queue))))], all);
  const fifo = await faultyQueue('fifo');
  fifo.network.fault = first(1, { kind: 'lost' }, named('SendMessageBatch'));
  await fifo.queue.send(jobs.map((job) => ({ ...job, group: 'a' })));
  const received: number[] = [];
  for (;;) {
    const batch = await fifo.queue.receive(now);
    if (batch.length === 0) break;
    received.push(...numbers(batch));
    await fifo.queue.done(batch.map(({ receipt }) => receipt));
  }
  assert.deepEqual(received, all);
});

test('jobs of a batch that were not taken are sent again; what is never taken is said', async () => {
  const { queue, network } = await faultyQueue();
  const partly = (senderFault: boolean): Fault => ({
    kind: 'status',
    status: 200,
    body: JSON.stringify({
      Successful: [],
      Failed: [{ Id: '0', SenderFault: senderFault, Code: 'InternalError', Message: 'no' }],
    }),
  });
  network.fault = first(1, partly(false), named('SendMessageBatch'));
  await queue.send([{ body: { number: 1 } }]);
  assert.deepEqual(numbers(await queue.receive(now)), [1]);
  network.fault = () => partly(true);
  await assert.rejects(
    queue.send([{ body: { number: 2 } }]),
    /1 of 1 jobs could not be sent .*InternalError no/,
  );
});

test('a worker that waits goes on after a fault', async () => {
  const { queue, network } = await faultyQueue();
  await queue.send([{ body: { number: 1 } }]);
  network.fault = first(2, { kind: 'reset' }, named('ReceiveMessage'));
  assert.deepEqual(numbers(await queue.receive({ ...now, waitMs: 10_000 })), [1]);
});
