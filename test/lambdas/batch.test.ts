/** A batch and its failures, the sweep's schedules, the stream, and the admin's events: over the embedded table. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DynamoDBStreamEvent, SQSEvent } from 'aws-lambda';
import { adminEvent } from '../../lambdas/admin/admin-event.ts';
import { adminCommands } from '../../lambdas/admin/registry.ts';
import { feedBatch } from '../../lambdas/feed/feed-batch.ts';
import { eachAlone } from '../../lambdas/handling/batch.ts';
import { relayBatch } from '../../lambdas/relay/relay-batch.ts';
import { relayDue } from '../../lambdas/sweep/relay-due.ts';
import { sweepEvent, type SweepEventPorts } from '../../lambdas/sweep/sweep-event.ts';
import { nextHopsBy } from '../../mail/delivery/next-hop/rules.ts';
import { recordingLog } from '../contracts/recording-log.ts';
import { RelayKit, sent } from '../mail/delivery/outbound/relay-kit.ts';
import { seededRandom } from '../mail/mailbox/mail-kit.ts';
import { MemoryQueue } from './way/memory-queue.ts';

const context = { getRemainingTimeInMillis: () => 60_000 };

async function eventOf(...bodies: readonly { readonly messageId: string }[]): Promise<SQSEvent> {
  const queue = new MemoryQueue<{ readonly messageId: string }>('q');
  await queue.send(bodies.map((body) => ({ body })));
  return queue.batch();
}

const failedOf = ({ batchItemFailures }: { batchItemFailures: { itemIdentifier: string }[] }) =>
  batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);

test('only the jobs that failed come again, and what is no job is one of them', async () => {
  const log = recordingLog();
  const event = await eventOf({ messageId: 'a' }, { messageId: 'b' }, { messageId: 'c' });
  event.Records[2] = {
    ...event.Records[2],
    body: 'no JSON',
    messageId: 'q-3',
  } as (typeof event.Records)[number];
  const done: string[] = [];
  const response = await eachAlone<{ messageId: string }>(event, { log }, async ({ messageId }) => {
    if (messageId === 'b') throw new Error('on purpose');
    done.push(messageId);
  });
  assert.deepEqual(done, ['a']);
  assert.deepEqual(failedOf(response).toSorted(), ['q-2', 'q-3']);
  assert.deepEqual(
    log.lines.map(({ event: name, fields }) => [name, fields['messageId']]),
    [
      ['queue.unreadable', undefined],
      ['worker.jobFailed', 'b'],
    ],
  );
});

test('what is due becomes one job for each message; what is not due does not', async () => {
  await using kit = await RelayKit.open();
  await kit.queue('m1', ['bob@there.test', 'carol@there.test']);
  await kit.queue('m2', ['bob@there.test']);
  await kit.queue('later', ['bob@there.test'], { dueAtMs: kit.nowMs + 60_000 });
  const relayQueue = new MemoryQueue<{ readonly messageId: string }>('relay');
  const { signal } = new AbortController();
  const count = await relayDue({ table: kit.table, relayQueue, clock: kit.clock, log: kit.log }, signal);
  assert.equal(count, 2);
  assert.deepEqual(relayQueue.sent.map(({ messageId }) => messageId).toSorted(), ['m1', 'm2']);
});

test('a batch of the relay queue is sent when it is answered; its next hops are closed', async () => {
  await using kit = await RelayKit.open();
  await kit.queue('m1', ['bob@there.test']);
  let closed = 0;
  const ses = { name: 'SES', hop: { transmit: async () => ({ outcomes: [sent], unavailable: false }) } };
  const handle = relayBatch({
    table: kit.table,
    blobs: kit.blobs,
    notifySender: async () => undefined,
    clock: kit.clock,
    random: seededRandom(3),
    log: kit.log,
    metrics: kit.metrics,
    openNextHops: () => ({
      ...nextHopsBy({ routes: new Map(), ses }),
      [Symbol.asyncDispose]: async () => void (closed += 1),
    }),
  });
  const response = await handle(await eventOf({ messageId: 'm1' }), context);
  assert.deepEqual(failedOf(response), []);
  assert.deepEqual(await kit.states('m1'), ['bob@there.test sent']);
  assert.equal(closed, 1);
});

test('a next hop that takes longer than the invocation may is cut off, and its message stays due', async () => {
  await using kit = await RelayKit.open();
  await kit.queue('m1', ['bob@there.test']);
  const cut = Promise.withResolvers<void>();
  const said = { status: '4.4.1', text: 'cut off' };
  const hop = {
    transmit: async () => {
      await cut.promise;
      return { outcomes: [{ kind: 'deferred', said } as const], unavailable: false };
    },
  };
  const handle = relayBatch({
    table: kit.table,
    blobs: kit.blobs,
    notifySender: async () => undefined,
    clock: kit.clock,
    random: seededRandom(4),
    log: kit.log,
    metrics: kit.metrics,
    openNextHops: () => ({
      ...nextHopsBy({ routes: new Map(), ses: { name: 'SES', hop } }),
      [Symbol.asyncDispose]: async () => cut.resolve(),
    }),
  });
  await handle(await eventOf({ messageId: 'm1' }), { getRemainingTimeInMillis: () => 15_050 });
  assert.deepEqual(await kit.states('m1'), ['bob@there.test waiting']);
  assert.ok(kit.log.lines.some(({ event }) => event === 'relay.cutOff'));
});

test('a part of the sweep that fails does not stop the others, and the invocation fails', async () => {
  await using kit = await RelayKit.open();
  const broken = { depth: () => Promise.reject(new Error('SQS is away')) };
  let orphans = 0;
  const before: Date[] = [];
  const ports = {
    table: kit.table,
    blobs: kit.blobs,
    clock: kit.clock,
    log: kit.log,
    metrics: kit.metrics,
    random: seededRandom(2),
    retentionDays: 30,
    queues: { route: broken, deliver: broken, deliverAside: broken, relay: broken },
    sweepOrphanQueues: async () => (orphans += 1),
    removePasswordsBefore: async (date: Date) => before.push(date),
  } as unknown as SweepEventPorts;
  await assert.rejects(sweepEvent(ports)({ sweep: 'daily' }, context), /the sweep of deadLetters failed/);
  assert.equal(orphans, 1);
  assert.deepEqual(before, [new Date(kit.clock.now() - 86_400_000)]);
  assert.ok(kit.log.lines.some(({ event }) => event === 'sweep.done'));
  await assert.rejects(sweepEvent(ports)({ sweep: 'hourly' }, context));
});

test('a stream whose records cannot even be put aside comes again', async () => {
  await using kit = await RelayKit.open();
  const event = {
    Records: [
      {
        dynamodb: {
          SequenceNumber: '1',
          NewImage: { pk: { S: 'account#a' }, sk: { S: 'c#0000000000000001' }, damaged: { BOOL: true } },
        },
      },
    ],
  } as unknown as DynamoDBStreamEvent;
  const ports = {
    table: kit.table,
    clock: kit.clock,
    random: seededRandom(2),
    log: kit.log,
    metrics: kit.metrics,
    retentionDays: 30,
    envelopePages: 'packed',
  } as const;
  // Damaged for good: it is put aside, and the stream goes on.
  await feedBatch(ports)(event, context);
  assert.equal(kit.metrics.total('feed.putAside'), 1);
  const away = Object.assign(Object.create(kit.table) as typeof kit.table, {
    commit: () => Promise.reject(new Error('the table is away')),
  });
  await assert.rejects(feedBatch({ ...ports, table: away })(event, context), /the table is away/);
});

test('an admin’s event that names no command says which there are', async () => {
  const answer = (await adminEvent({} as never)({ command: 'make coffee' })) as Record<string, unknown>;
  assert.equal(answer['kind'], 'refused');
  for (const name of ['domain add', 'account password', 'queue retry', 'message trace', 'suppression list'])
    assert.ok(adminCommands.has(name) && String(answer['hint']).includes(name), name);
});
