/** Wake over SNS and SQS under its contract, and what becomes of queues whose tasks were killed. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { CreateTopicCommand, ListSubscriptionsByTopicCommand, SNSClient } from '@aws-sdk/client-sns';
import { ListQueuesCommand, SQSClient, TagQueueCommand } from '@aws-sdk/client-sqs';
import { sweepOrphanQueues } from '../../../../drivers/aws/wake/orphan-queues.ts';
import { publishingWake } from '../../../../drivers/aws/wake/publish.ts';
import { aliveTag } from '../../../../drivers/aws/wake/task-queue.ts';
import { openTaskWake } from '../../../../drivers/aws/wake/task-wake.ts';
import { systemClock } from '../../../../drivers/system/clock.ts';
import { recordingLog } from '../../../contracts/recording-log.ts';
import { hears, listen, wakeContract } from '../../../contracts/wake.ts';

const clock = systemClock();

async function topic() {
  const opened = new AsyncDisposableStack();
  const sns = opened.adopt(new SNSClient(), (client) => client.destroy());
  const sqs = opened.adopt(new SQSClient(), (client) => client.destroy());
  const { TopicArn: topicArn = '' } = await sns.send(
    new CreateTopicCommand({ Name: `wake-${randomUUID()}` }),
  );
  const queuePrefix = `wake-${randomUUID().slice(0, 8)}-`;
  const log = recordingLog();
  const options = { sns, sqs, topicArn, queuePrefix, log, clock };
  return { ...options, opened, task: () => openTaskWake(options) };
}

wakeContract('SNS and SQS', async (count) => {
  const { task, opened } = await topic();
  const wakes = await Promise.all(Array.from({ length: count }, task));
  for (const wake of wakes) opened.use(wake);
  return { wakes, [Symbol.asyncDispose]: () => opened.disposeAsync() };
});

test('what a Lambda publishes is heard by every task, several commits of an account once', async () => {
  const { task, opened, sns, topicArn, log } = await topic();
  await using _ = opened;
  const wakes = [opened.use(await task()), opened.use(await task())];
  const ears = await Promise.all(wakes.map(listen));
  const lambda = publishingWake({ client: sns, topicArn, log });
  await lambda.publish([1, 2, 3].map((rev) => ({ kind: 'mail', account: 'a', rev })));
  for (const ear of ears) {
    await hears(ear, 1);
    assert.deepEqual(ear.heard, [{ kind: 'mail', account: 'a', rev: 3 }]);
  }
});

test('what a task publishes comes to the queues of the others only', async () => {
  const { task, opened, sqs } = await topic();
  await using _ = opened;
  const wakes = [opened.use(await task()), opened.use(await task())];
  let taken = 0;
  sqs.middlewareStack.add(
    (next, { commandName }) =>
      (args) => {
        if (commandName === 'DeleteMessageBatchCommand') taken++;
        return next(args);
      },
    { step: 'initialize' },
  );
  const [own, others] = await Promise.all(wakes.map(listen));
  await wakes[0]?.publish([{ kind: 'access', account: 'a' }]);
  await hears(others ?? assert.fail(), 1);
  await systemClock().sleep(300);
  assert.deepEqual([own?.heard.length, taken], [1, 1]);
});

test('a topic that is away loses wake-ups, and nothing more', async () => {
  const { opened, sns, topicArn, log } = await topic();
  await using _ = opened;
  await publishingWake({ client: sns, topicArn: `${topicArn}-away`, log }).publish([
    { kind: 'access', account: 'a' },
  ]);
  assert.deepEqual(
    log.lines.map(({ event }) => event),
    ['wake.lost'],
  );
});

test('a task that ends takes its queue along; the queue of one that was killed is swept, of one that lives is not', async () => {
  const made = await topic();
  const { task, opened, sns, sqs, topicArn, queuePrefix } = made;
  await using _ = opened;
  const ended = await task();
  await ended[Symbol.asyncDispose]();
  const queues = async () =>
    (await sqs.send(new ListQueuesCommand({ QueueNamePrefix: queuePrefix }))).QueueUrls ?? [];
  const subscriptions = async () =>
    (await sns.send(new ListSubscriptionsByTopicCommand({ TopicArn: topicArn }))).Subscriptions ?? [];
  assert.deepEqual([await queues(), await subscriptions()], [[], []]);
  const killed = await task();
  const [QueueUrl = ''] = await queues();
  const longAgo = new Date(Date.now() - 2 * 60 * 60_000).toISOString();
  await sqs.send(new TagQueueCommand({ QueueUrl, Tags: { [aliveTag]: longAgo } }));
  const living = opened.use(await task());
  assert.equal(await sweepOrphanQueues(made), 1);
  assert.equal((await queues()).length, 1);
  assert.equal((await subscriptions()).length, 1);
  const ear = await listen(living);
  await publishingWake({ client: sns, topicArn, log: made.log }).publish([{ kind: 'access', account: 'a' }]);
  await hears(ear, 1);
  await killed[Symbol.asyncDispose]();
});
