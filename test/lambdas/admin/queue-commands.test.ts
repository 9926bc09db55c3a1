/** The admin's commands for the outbound queue, over the queue itself. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  queueHold,
  queueList,
  queueRelease,
  queueRemove,
  queueRetry,
  queueShow,
  type QueuePorts,
} from '../../../lambdas/admin/queue-commands.ts';
import type { RelayJob } from '../../../mail/delivery/outbound/relay-job.ts';
import { isRefused, type Refused } from '../../../mail/directory/refused.ts';
import type { Job, Queue } from '../../../mail/ports/queue.ts';
import { seededRandom } from '../../mail/mailbox/mail-kit.ts';
import { deferred, RelayKit } from '../../mail/delivery/outbound/relay-kit.ts';

/** What was sent to wake relay. */
class WakeUps implements Partial<Queue<RelayJob>> {
  readonly ids: string[] = [];
  async send(jobs: readonly Job<RelayJob>[]): Promise<void> {
    this.ids.push(...jobs.map(({ body }) => body.messageId));
  }
}

function portsOf(kit: RelayKit, wakeUps: WakeUps): QueuePorts {
  return {
    table: kit.table,
    clock: kit.clock,
    random: seededRandom(11),
    log: kit.log,
    relayQueue: wakeUps as unknown as Queue<RelayJob>,
  };
}

function done<Result>(result: Result | Refused): Result {
  if (isRefused(result)) assert.fail(`${result.reason} ${result.hint}`);
  return result;
}

test('the queue is listed page by page, with what happened last', async () => {
  await using kit = await RelayKit.open();
  const ports = portsOf(kit, new WakeUps());
  kit.answer = ({ recipients }) => ({ outcomes: recipients.map(() => deferred), unavailable: false });
  const relay = kit.relay();
  for (let at = 0; at < 25; at++) await kit.queue(`m${at}`, ['a@x.test']);
  await kit.queue('held', ['b@x.test'], { state: 'held', heldBecause: 'no next hop takes it' });
  await kit.queue('over', ['c@x.test'], { state: 'sent', endedAtMs: kit.nowMs });
  await relay.take('m3');
  await relay.settled();
  const listed: string[] = [];
  for (let after: string | null | undefined; after !== null;) {
    const page = done(await queueList(ports, { limit: 7, ...(after === undefined ? {} : { after }) }));
    assert.ok(page.recipients.length <= 7);
    listed.push(...page.recipients.map(({ messageId, state }) => `${messageId} ${state}`));
    after = page.next;
  }
  const all = [...Array.from({ length: 25 }, (_, at) => `m${at} waiting`), 'held held'];
  assert.deepEqual(listed.toSorted(), all.toSorted());
  const held = done(await queueList(ports, { state: 'held' }));
  assert.deepEqual(
    held.recipients.map(({ messageId, heldBecause }) => [messageId, heldBecause]),
    [['held', 'no next hop takes it']],
  );
  const shown = done(await queueShow(ports, { messageId: 'm3' }));
  assert.deepEqual(
    shown.recipients.map(({ attempts, status, last, nextAttemptAt }) => [
      attempts,
      status,
      last,
      nextAttemptAt,
    ]),
    [[1, '4.2.0', '450 4.2.0 later', new Date(kit.nowMs + 300_000).toISOString()]],
  );
});

test('a message is sent now, held, released, and taken out, and relay is woken where there is something to do', async () => {
  await using kit = await RelayKit.open();
  const wakeUps = new WakeUps();
  const ports = portsOf(kit, wakeUps);
  const later = kit.nowMs + 3_600_000;
  await kit.queue('m1', ['a@x.test', 'b@x.test'], { dueAtMs: later });
  const outcomes = ({ recipients }: { recipients: readonly { outcome: string; state: string }[] }) =>
    recipients.map(({ outcome, state }) => `${outcome} ${state}`);
  assert.deepEqual(outcomes(done(await queueRetry(ports, { messageId: 'm1', recipient: 'a@x.test' }))), [
    'changed waiting',
  ]);
  assert.deepEqual(outcomes(done(await queueHold(ports, { messageId: 'm1' }))), [
    'changed held',
    'changed held',
  ]);
  assert.deepEqual(outcomes(done(await queueHold(ports, { messageId: 'm1' }))), [
    'alreadySo held',
    'alreadySo held',
  ]);
  const relay = kit.relay();
  await relay.take('m1');
  await relay.settled();
  assert.equal(kit.transmissions.length, 0);
  assert.deepEqual(outcomes(done(await queueRelease(ports, { messageId: 'm1', recipient: 'b@x.test' }))), [
    'changed waiting',
  ]);
  assert.deepEqual(outcomes(done(await queueRemove(ports, { messageId: 'm1', recipient: 'a@x.test' }))), [
    'changed removed',
  ]);
  assert.deepEqual(wakeUps.ids, ['m1', 'm1', 'm1']);
  await relay.take('m1');
  await relay.settled();
  assert.deepEqual(await kit.states('m1'), ['a@x.test removed', 'b@x.test sent']);
  assert.deepEqual(
    kit.told.map(({ reports }) =>
      reports.map(({ recipient, action, status }) => [recipient, action, status]),
    ),
    [[['a@x.test', 'failed', '5.7.1']]],
  );
  assert.deepEqual(outcomes(done(await queueRemove(ports, { messageId: 'm1' }))), [
    'over removed',
    'over sent',
  ]);
});

test('what is being sent stays as it is, and nobody is told of what is removed in silence', async () => {
  await using kit = await RelayKit.open();
  const ports = portsOf(kit, new WakeUps());
  const stuck = Promise.withResolvers<never>();
  await kit.queue('m1', ['a@x.test']);
  kit.answer = () => stuck.promise;
  await kit.relay().take('m1');
  const now = done(await queueRemove(ports, { messageId: 'm1' }));
  assert.deepEqual(
    now.recipients.map(({ outcome, state }) => [outcome, state]),
    [['beingSent', 'sending']],
  );
  await kit.queue('m2', ['a@x.test']);
  done(await queueRemove(ports, { messageId: 'm2', silent: true }));
  const relay = kit.relay();
  await relay.take('m2');
  await relay.settled();
  assert.deepEqual([kit.told, kit.blobs.stored.has('outbound/m2.eml')], [[], false]);
});

test('a message that is not there is refused with where to look', async () => {
  await using kit = await RelayKit.open();
  const ports = portsOf(kit, new WakeUps());
  for (const refused of [
    await queueShow(ports, { messageId: 'nothing' }),
    await queueRetry(ports, { messageId: 'nothing' }),
  ]) {
    assert.ok(isRefused(refused));
    assert.match(`${refused.reason} ${refused.hint}`, /No message nothing .* posta queue list/);
  }
});
