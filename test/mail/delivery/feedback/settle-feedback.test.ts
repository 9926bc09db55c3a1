/** What a next hop says afterwards, over a real outbound queue. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Feedback } from '../../../../mail/delivery/feedback/feedback.ts';
import { FeedbackTooEarly, settleFeedback } from '../../../../mail/delivery/feedback/settle-feedback.ts';
import { rememberNextHopId } from '../../../../mail/delivery/outbound/next-hop-ids.ts';
import { retrySchedule } from '../../../../mail/delivery/outbound/retry-schedule.ts';
import { findSuppressed, unsuppress } from '../../../../mail/delivery/suppression.ts';
import { seededRandom } from '../../mailbox/mail-kit.ts';
import { RelayKit } from '../outbound/relay-kit.ts';

const bounce = (messageId: string | undefined, more: Partial<Feedback> = {}): Feedback => ({
  kind: 'bounced',
  nextHopId: 'ses-1',
  permanent: true,
  remote: 'mx.there.test',
  text: 'The other server refused it (Permanent, General)',
  recipients: [{ address: 'Bob@there.test', status: '5.1.1', diagnostic: '550 5.1.1 user unknown' }],
  ...(messageId === undefined ? {} : { messageId }),
  ...more,
});

async function sentMessage() {
  const kit = await RelayKit.open();
  await kit.queue('m1', ['bob@there.test', 'carol@there.test']);
  const relay = kit.relay();
  await relay.take('m1');
  await relay.settled();
  const ports = {
    table: kit.table,
    blobs: kit.blobs,
    clock: kit.clock,
    random: seededRandom(9),
    notifySender: async (told: (typeof kit.told)[number]) => void kit.told.push(told),
    schedule: retrySchedule,
    log: kit.log,
    metrics: kit.metrics,
  };
  return { kit, ports };
}

test('a bounce fails the recipient, tells the sender with the other server’s words, and suppresses the address', async () => {
  const { kit, ports } = await sentMessage();
  await using _ = kit;
  await settleFeedback(ports, bounce('m1'));
  assert.deepEqual(await kit.states('m1'), ['bob@there.test failed', 'carol@there.test sent']);
  const [told] = kit.told;
  assert.equal(kit.told.length, 1);
  assert.equal(told?.reversePath, 'ann@here.test');
  const [report] = told.reports;
  assert.equal(report?.action, 'failed');
  assert.equal(report.status, '5.1.1');
  assert.equal(report.reply, '550 5.1.1 user unknown');
  assert.equal(report.remote, 'mx.there.test');
  assert.deepEqual([...(await findSuppressed(kit.table, ['bob@there.test'])).keys()], ['bob@there.test']);
  assert.equal(kit.metrics.total('feedback.bounced'), 1);
});

test('the same bounce again, and one by the next hop’s own id, change nothing more', async () => {
  const { kit, ports } = await sentMessage();
  await using _ = kit;
  await rememberNextHopId(ports, { id: 'ses-1', messageId: 'm1' });
  await settleFeedback(ports, bounce(undefined));
  await settleFeedback(ports, bounce('m1'));
  await settleFeedback(ports, bounce('m1'));
  assert.equal(kit.told.length, 1);
  assert.equal(kit.metrics.total('feedback.bounced'), 1);
});

test('a sender that could not be told is told when the bounce comes again', async () => {
  const { kit, ports } = await sentMessage();
  await using _ = kit;
  const failing = { ...ports, notifySender: () => Promise.reject(new Error('the queue is away')) };
  await assert.rejects(settleFeedback(failing, bounce('m1')));
  await settleFeedback(ports, bounce('m1'));
  assert.equal(kit.told.length, 1);
});

test('a bounce that comes before its sending is written down comes again', async () => {
  const kit = await RelayKit.open();
  await using _ = kit;
  await kit.queue('m1', ['bob@there.test']);
  const answer = Promise.withResolvers<void>();
  kit.answer = async ({ recipients }) => {
    await answer.promise;
    return {
      outcomes: recipients.map(() => ({
        kind: 'sent',
        dsn: false,
        said: { status: '2.0.0', text: 'taken' },
      })),
      unavailable: false,
    };
  };
  const relay = kit.relay();
  await relay.take('m1');
  const ports = {
    table: kit.table,
    blobs: kit.blobs,
    log: kit.log,
    metrics: kit.metrics,
    clock: kit.clock,
    random: seededRandom(9),
    notifySender: async (told: (typeof kit.told)[number]) => void kit.told.push(told),
    schedule: retrySchedule,
  };
  await assert.rejects(settleFeedback(ports, bounce('m1')), FeedbackTooEarly);
  answer.resolve();
  await relay.settled();
  await settleFeedback(ports, bounce('m1'));
  assert.deepEqual(await kit.states('m1'), ['bob@there.test failed']);
});

test('a bounce that may pass fails the message and leaves the address open; a delivery after it changes nothing', async () => {
  const { kit, ports } = await sentMessage();
  await using _ = kit;
  await settleFeedback(ports, bounce('m1', { permanent: false }));
  await settleFeedback(ports, bounce('m1', { kind: 'delivered', permanent: false }));
  assert.deepEqual(await kit.states('m1'), ['bob@there.test failed', 'carol@there.test sent']);
  assert.equal((await findSuppressed(kit.table, ['bob@there.test'])).size, 0);
});

test('who complained gets no more mail, until an admin says otherwise', async () => {
  const { kit, ports } = await sentMessage();
  await using _ = kit;
  await settleFeedback(ports, bounce('m1', { kind: 'complained', permanent: false }));
  assert.deepEqual(await kit.states('m1'), ['bob@there.test sent', 'carol@there.test sent']);
  const relay = kit.relay();
  await kit.queue('m2', ['bob@there.test', 'carol@there.test']);
  await relay.take('m2');
  await relay.settled();
  assert.deepEqual(await kit.states('m2'), ['bob@there.test failed', 'carol@there.test sent']);
  assert.match(kit.told[0]?.reports[0]?.text ?? '', /called it junk/);
  assert.equal(await unsuppress(kit.table, 'bob@there.test'), 'removed');
  await kit.queue('m3', ['bob@there.test']);
  await relay.take('m3');
  await relay.settled();
  assert.deepEqual(await kit.states('m3'), ['bob@there.test sent']);
});

test('a bounce of a message that nobody knows is logged, and is no fault', async () => {
  const { kit, ports } = await sentMessage();
  await using _ = kit;
  await settleFeedback(ports, bounce(undefined));
  assert.ok(kit.log.lines.some(({ event }) => event === 'feedback.unknownMessage'));
  assert.equal(kit.told.length, 0);
});

test('the list knows an address however it is written', async () => {
  const { kit, ports } = await sentMessage();
  await using _ = kit;
  await settleFeedback(ports, bounce('m1'));
  const relay = kit.relay();
  await kit.queue('m2', ['BOB@There.test', 'Carol@there.test']);
  await relay.take('m2');
  await relay.settled();
  assert.deepEqual(await kit.states('m2'), ['BOB@There.test failed', 'Carol@there.test sent']);
});

test('the header comes back with a bounce, though the copy that went out is gone', async () => {
  const { kit, ports } = await sentMessage();
  await using _ = kit;
  assert.equal(kit.blobs.stored.size, 0);
  kit.blobs.stored.set('incoming/m1.eml', Buffer.from('Return-Path: <ann@here.test>\r\nSubject: m1\r\n\r\n'));
  const there: (boolean | undefined)[] = [];
  const notifySender = async ({ blobKey }: (typeof kit.told)[number]) =>
    void there.push(kit.blobs.stored.has(blobKey));
  await settleFeedback({ ...ports, notifySender }, bounce('m1'));
  await settleFeedback({ ...ports, notifySender }, bounce('m1'));
  assert.deepEqual(there, [true]);
  assert.deepEqual([...kit.blobs.stored.keys()], ['incoming/m1.eml']);
});

test('a bounce of a server that was tried in vain says nothing of days of ours', async () => {
  const { kit, ports } = await sentMessage();
  await using _ = kit;
  const recipients = [{ address: 'bob@there.test', status: '4.4.7' }];
  await settleFeedback(ports, bounce('m1', { permanent: false, recipients }));
  assert.equal(kit.told[0]?.reports[0]?.text, 'The other server refused it (Permanent, General)');
});
