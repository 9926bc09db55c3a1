/** Route and deliver as the workers and Lambdas run them: where mail ends, and that a failing step changes nothing of it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Queue } from '../../../mail/ports/queue.ts';
import { addDomain, setDomain } from '../../../mail/directory/change-domain.ts';
import { settleDeadLetters } from '../../../mail/delivery/dead-letters.ts';
import { createNotifySender } from '../../../mail/delivery/notify-sender.ts';
import { sendNotificationOutside } from '../../../mail/delivery/outbound/queue-outbound.ts';
import type { Envelope, NotifyKeyword } from '../../../mail/routing/envelope.ts';
import type { DeliverJob, RouteJob } from '../../../mail/routing/jobs.ts';
import { FailingBlobs, InjectedFailure } from '../../contracts/failing-blobs.ts';
import { ManualClock } from '../../contracts/manual-clock.ts';
import { readNotification } from './read-notification.ts';
import { hostname, Way, type WayPorts } from './way-kit.ts';

const message = 'From: someone@elsewhere.test\r\nSubject: hello\r\n\r\nText.\r\n';

test('a message for one account lies where delivery adopts it, its trace fields before its bytes', async () => {
  await using way = await Way.open('ann');
  const accepted = await way.accept(way.envelope('someone@elsewhere.test', 'ann'), message);
  assert.equal(accepted.kind, 'queued');
  const [key, ...others] = await way.blobKeys();
  assert.match(key ?? '', /^mailboxes\/example\.test\/ann~[a-z0-9]+\/\d{4}-\d\d\/[0-9a-f]+\.eml$/);
  await way.settle();
  const [text, ...more] = await way.inbox('ann');
  assert.match(
    text ?? '',
    /^Return-Path: <someone@elsewhere\.test>\r\nReceived: from mail\.elsewhere\.test \(\[192\.0\.2\.7\]\) by\s+mx\.example\.test with ESMTP\s+id /,
  );
  assert.ok(text?.endsWith(message));
  assert.deepEqual([others, more, await way.blobKeys()], [[], [], [key]]);
});

test('a message for one account goes to deliver at once, with what its sender wants to hear; any other to route', async () => {
  await using way = await Way.open('ann', 'bob', 'sender');
  await way.addAlias('other', 'ann');
  const { route, deliver } = way.machine.queues;
  const waiting = async () => [(await route.depth()).waiting, (await deliver.depth()).waiting];
  await way.accept(asking(way.envelope('sender', 'ann+tag'), 'SUCCESS'), message);
  assert.deepEqual(await waiting(), [0, 1]);
  await way.accept(way.envelope('sender', 'other'), message);
  await way.accept(way.envelope('sender', 'ann', 'bob'), message);
  assert.deepEqual(await waiting(), [2, 1]);
  await way.settle();
  assert.deepEqual(await toldTo(way, 'sender'), ['delivered ann+tag@example.test 2.0.0']);
  assert.deepEqual([(await way.inbox('ann')).length, (await way.inbox('bob')).length], [3, 1]);
});

test('a message for one address elsewhere lies where the outbound queue keeps it; for several it is copied there', async () => {
  await using way = await Way.open('ann');
  await way.accept(way.envelope('ann', 'bob@elsewhere.test'), message);
  const [key, ...others] = await way.blobKeys();
  assert.match(key ?? '', /^outbound\/[0-9a-f]+\.eml$/);
  await way.settle();
  assert.deepEqual([others, await way.blobKeys()], [[], [key]]);
  await way.accept(way.envelope('ann', 'bob@elsewhere.test', 'eve@elsewhere.test'), message);
  await way.settle();
  assert.deepEqual(
    (await way.blobKeys()).map((name) => name.split('/')[0]),
    ['incoming', 'outbound', 'outbound'],
  );
});

test('aliases, circles and several addresses of one account: each account gets one copy', async () => {
  await using way = await Way.open('ann', 'bob');
  await way.addAlias('team', 'ann', 'bob');
  await way.addAlias('all', 'team', 'ann');
  await way.accept(way.envelope('someone@elsewhere.test', 'all', 'ann', 'ann+tag', 'bob'), message);
  await way.settle();
  assert.equal((await way.inbox('ann')).length, 1);
  assert.equal((await way.inbox('bob')).length, 1);
});

test('a message without a header keeps its text out of the header that is put before it', async () => {
  await using way = await Way.open('ann');
  await way.accept(way.envelope('someone@elsewhere.test', 'ann'), 'just text\r\n');
  await way.accept(way.envelope('someone@elsewhere.test', 'ann'), '\r\ntext behind an empty header\r\n');
  await way.settle();
  const [plain, headless] = await way.inbox('ann');
  assert.match(plain ?? '', /\d{4}\r\n\r\njust text\r\n$/);
  assert.match(headless ?? '', /\d{4}\r\n\r\ntext behind an empty header\r\n$/);
});

test('a recipient that went away after RCPT becomes a notification in the INBOX of a sender who is here', async () => {
  await using way = await Way.open('ann', 'bob');
  await way.accept(way.envelope('ann', 'gone', 'bob'), message);
  await way.settle();
  assert.equal((await way.inbox('bob')).length, 1);
  const [notification, ...more] = await way.inbox('ann');
  assert.equal(more.length, 0);
  assert.match(
    notification ?? '',
    /^Return-Path: <>\r\nTo: ann@example\.test\r\nFrom: Mail Delivery <MAILER-DAEMON@mx\.example\.test>\r\n/,
  );
  assert.match(
    notification ?? '',
    /Final-Recipient: rfc822; gone@example\.test\r\nAction: failed\r\nStatus: 5\.1\.1\r\n/,
  );
  assert.match(notification ?? '', /Content-Type: text\/rfc822-headers\r\n[^]*Subject: hello\r\n/);
});

test('a mailbox that filled up after RCPT: the sender elsewhere gets a notification, by the outbound queue', async () => {
  await using way = await Way.open('ann');
  await way.addAccount('full', 300);
  await way.accept(way.envelope('someone@elsewhere.test', 'full', 'ann'), message.repeat(10));
  await way.settle();
  assert.deepEqual([(await way.inbox('full')).length, (await way.inbox('ann')).length], [0, 1]);
  const key = (await way.blobKeys()).find((name) => name.startsWith('outbound/')) ?? '';
  const id = /^outbound\/([0-9a-f]{40})\.eml$/.exec(key)?.[1];
  assert.ok(id, key);
  const held = await way.machine.store.table.get({
    pk: `outbound#${id}`,
    sk: 'recipient#someone@elsewhere.test',
  });
  assert.equal(held?.['state'], 'waiting');
  assert.equal(held?.['reversePath'], null);
});

test('a message that turns out too large for its only recipient is refused at its end, and leaves nothing', async () => {
  await using way = await Way.open();
  await way.addAccount('small', 1000);
  const envelope = way.envelope('someone@elsewhere.test', 'small');
  assert.deepEqual(await way.accept(envelope, message.repeat(100)), { kind: 'mailboxFull', permanent: true });
  assert.equal((await way.accept(envelope, message.repeat(10))).kind, 'queued');
  await way.settle();
  assert.deepEqual(await way.accept(envelope, message.repeat(10)), { kind: 'mailboxFull', permanent: false });
  assert.equal((await way.blobKeys()).length, 1);
});

test('a thousand recipients with the longest addresses are taken, and each account gets the message once', async () => {
  await using way = await Way.open('ann');
  const domain = `a-very-long-label-of-a-domain-name-of-ours.${'x'.repeat(60)}.${'y'.repeat(60)}.test`;
  const added = await addDomain(way.admin, domain);
  assert.equal(added.kind, 'done');
  const set = await setDomain(way.admin, domain, { catchAll: 'ann@example.test' });
  assert.equal(set.kind, 'done');
  const recipients = Array.from({ length: 1000 }, (_, at) => `${'u'.repeat(58)}${at}@${domain}`);
  const accepted = await way.accept(way.envelope('someone@elsewhere.test', ...recipients), message);
  assert.equal(accepted.kind, 'queued');
  await way.settle();
  assert.equal((await way.inbox('ann')).length, 1);
});

test('a null sender is never answered, and the log says so', async () => {
  await using way = await Way.open();
  await way.accept(way.envelope(null, 'gone'), message);
  await way.settle();
  assert.ok(!(await way.blobKeys()).some((key) => key.startsWith('outbound/')));
  assert.ok(way.log.lines.some(({ event }) => event === 'notification.none'));
});

test('more than 50 Received fields are a loop', async () => {
  await using way = await Way.open('ann');
  const hops = (count: number) => 'Received: from a by b; Tue, 24 Nov 2026 00:00:00 +0000\r\n'.repeat(count);
  const envelope = way.envelope('someone@elsewhere.test', 'ann');
  assert.equal((await way.accept(envelope, hops(50) + message)).kind, 'queued');
  assert.deepEqual(await way.accept(envelope, hops(51) + message), { kind: 'tooManyHops' });
});

test('a notification that cannot be delivered is not answered by another', async () => {
  await using way = await Way.open('ann');
  await way.addAlias('circle', 'circle2');
  await way.addAlias('circle2', 'nobody');
  await way.accept(way.envelope('circle', 'gone'), message);
  await way.settle();
  assert.deepEqual(await way.inbox('ann'), []);
});

/** The envelope with NOTIFY at each recipient. */
function asking(envelope: Envelope, ...notify: readonly NotifyKeyword[]): Envelope {
  return { ...envelope, recipients: envelope.recipients.map((each) => ({ ...each, notify })) };
}

/** The notifications in an account's INBOX: what each says of whom, in order. */
async function toldTo(way: Way, name: string): Promise<readonly string[]> {
  const told = (await way.inbox(name)).flatMap((text) => {
    const bytes = Buffer.from(text, 'latin1');
    const { status } = readNotification(bytes.subarray('Return-Path: <>\r\n'.length));
    return status.recipients.map((each) =>
      [each['Action'], each['Final-Recipient'], each['Status']].join(' ').replace('rfc822; ', ''),
    );
  });
  return told.toSorted();
}

test('who asked for SUCCESS hears of the delivery to each recipient, two of one account too', async () => {
  await using way = await Way.open('ann', 'bob', 'sender');
  await way.addAlias('only', 'bob');
  const envelope = way.envelope('sender', 'ann', 'ann+tag', 'only');
  await way.accept({ ...asking(envelope, 'SUCCESS'), envid: 'E1' }, message);
  await way.settle();
  assert.deepEqual(await toldTo(way, 'sender'), [
    'delivered ann+tag@example.test 2.0.0',
    'delivered ann@example.test 2.0.0',
    'delivered only@example.test 2.0.0',
  ]);
  assert.equal((await way.inbox('ann')).length, 1);
  for (const text of await way.inbox('sender')) assert.match(text, /^Original-Envelope-Id: E1\r$/m);
});

test('an alias with several targets is expanded, and its members that fail are told as the alias', async () => {
  await using way = await Way.open('ann', 'sender');
  await way.addAccount('full', 300);
  await way.addAlias('team', 'ann', 'full', 'gone');
  await way.accept(asking(way.envelope('sender', 'team'), 'SUCCESS', 'FAILURE'), message.repeat(10));
  await way.settle();
  assert.equal((await way.inbox('ann')).length, 1);
  assert.deepEqual(await toldTo(way, 'sender'), [
    'expanded team@example.test 2.0.0',
    'failed team@example.test 5.1.1',
    'failed team@example.test 5.2.2',
  ]);
});

test('nobody who asked for nothing hears of a delivery, and nobody with NEVER of a failure', async () => {
  await using way = await Way.open('ann', 'sender');
  await way.accept(way.envelope('sender', 'ann'), message);
  await way.accept(asking(way.envelope('sender', 'ann', 'gone'), 'NEVER'), message);
  await way.accept(asking(way.envelope('sender', 'gone'), 'SUCCESS', 'DELAY'), message);
  await way.settle();
  assert.equal((await way.inbox('ann')).length, 2);
  assert.deepEqual(await way.inbox('sender'), []);
  const unasked = way.log.lines.filter(({ event }) => event === 'notification.unasked');
  assert.deepEqual(
    unasked.map(({ fields }) => fields['failed']),
    [['gone@example.test 5.1.1'], ['gone@example.test 5.1.1']],
  );
});

test('RET=FULL brings a message back as its sender sent it, with the trace of its way here', async () => {
  await using way = await Way.open('ann', 'sender');
  await way.accept({ ...way.envelope('sender', 'gone', 'ann'), ret: 'FULL' }, message);
  await way.settle();
  const [text] = await way.inbox('sender');
  const { returned } = readNotification(
    Buffer.from(text ?? '', 'latin1').subarray('Return-Path: <>\r\n'.length),
  );
  assert.equal(returned?.type, 'message/rfc822');
  assert.match(returned.body.toString(), /^Received: /);
  assert.ok(returned.body.toString().endsWith(message));
});

test('a thousand recipients of one account, each with the longest ORCPT: each delivery is told once', async () => {
  await using way = await Way.open('ann', 'sender');
  const orcpt = { addressType: 'rfc822', address: '"'.repeat(493) };
  const envelope = asking(
    way.envelope('sender', ...Array.from({ length: 1000 }, (_, at) => `ann+${at}${'u'.repeat(50)}`)),
    'SUCCESS',
    'FAILURE',
    'DELAY',
  );
  const recipients = envelope.recipients.map((each) => ({ ...each, orcpt }));
  assert.equal((await way.accept({ ...envelope, recipients }, message)).kind, 'queued');
  await way.settle();
  assert.equal((await way.inbox('ann')).length, 1);
  assert.equal((await toldTo(way, 'sender')).length, 1000);
});

/** Ports of which the nth call that changes something fails, before or after it took place. */
function failingAt(
  real: WayPorts,
  nth: number,
  at: 'before' | 'after',
): { ports: WayPorts; calls: () => number } {
  let calls = 0;
  const step = async <Result>(run: () => Promise<Result>): Promise<Result> => {
    calls++;
    if (calls === nth && at === 'before') throw new InjectedFailure(`call ${nth}`);
    const result = await run();
    if (calls === nth && at === 'after') throw new InjectedFailure(`call ${nth}`);
    return result;
  };
  const queue = <Body>(inner: Queue<Body>): Queue<Body> => ({
    name: inner.name,
    send: (jobs) => step(() => inner.send(jobs)),
    receive: (options) => inner.receive(options),
    done: (receipts) => step(() => inner.done(receipts)),
    release: (receipt, delayMs) => inner.release(receipt, delayMs),
    deadLetters: (limit) => inner.deadLetters(limit),
    redrive: () => inner.redrive(),
    depth: () => inner.depth(),
  });
  const blobs = new FailingBlobs(real.blobs, (name) => {
    if (name === 'head' || name === 'list') return undefined;
    calls++;
    return calls === nth ? at : undefined;
  });
  return {
    ports: {
      blobs,
      routeQueue: queue(real.routeQueue),
      deliverQueue: queue(real.deliverQueue),
      asideQueue: queue(real.asideQueue),
    },
    calls: () => calls,
  };
}

for (const at of ['before', 'after'] as const)
  test(`whichever step fails ${at} it took place, each account gets the message once and the sender one notification of each`, async () => {
    for (let nth = 1; ; nth++) {
      await using way = await Way.open('ann', 'bob', 'sender');
      await way.addAlias('team', 'ann', 'bob');
      const envelope = asking(way.envelope('sender', 'ann', 'team', 'gone'), 'SUCCESS', 'FAILURE');
      await way.accept({ ...envelope, ret: 'FULL' }, message);
      const { ports, calls } = failingAt(way.real, nth, at);
      await way.settle(ports);
      const when = `after call ${nth} failed`;
      for (const name of ['ann', 'bob']) assert.equal((await way.inbox(name)).length, 1, `${name} ${when}`);
      assert.deepEqual(
        await toldTo(way, 'sender'),
        [
          'delivered ann@example.test 2.0.0',
          'expanded team@example.test 2.0.0',
          'failed gone@example.test 5.1.1',
        ],
        when,
      );
      if (calls() < nth) {
        assert.ok(nth > 10, `only ${nth} calls`);
        break;
      }
    }
  });

/** A queue whose only job is dead: how to look after it some days later, which gives the dead letters that are left. */
async function doomed(way: Way, body: RouteJob | DeliverJob): Promise<(days: number) => Promise<number>> {
  const { store, blobs, queues, clock: realClock } = way.machine;
  const queue = store.queue<RouteJob | DeliverJob>({ name: 'doomed', kind: 'standard', maxAttempts: 1 });
  await queue.send([{ body }]);
  const [received] = await queue.receive({ max: 1, waitMs: 0, hiddenMs: 60_000 });
  await queue.release(received?.receipt ?? '', 0);
  const clock = new ManualClock();
  const { log, metrics } = way;
  const { directory } = way.admin;
  const { table } = store;
  const ports = { directory, blobs, table, routeQueue: queues.route, clock, log, metrics, hostname };
  const outbound = { table, blobs, clock, random: way.machine.random, relayQueue: queues.relay };
  const notifySender = createNotifySender({ ...ports, sendOutside: sendNotificationOutside(outbound) });
  return async (days) => {
    clock.set(realClock.now() + days * 86_400_000);
    await settleDeadLetters({ ...ports, queues: [queue], notifySender });
    return (await queue.depth()).dead;
  };
}

/** The route job of a message that was accepted before, dead in another queue as well. */
async function deadLetter(way: Way, ...recipients: readonly string[]) {
  const { route } = way.machine.queues;
  await way.accept(way.envelope('sender', ...recipients), message);
  const [job] = await route.receive({ max: 1, waitMs: 0, hiddenMs: 60_000 });
  assert.ok(job);
  const run = await doomed(way, job.body);
  await route.release(job.receipt, 0);
  return { run, job: job.body };
}

/** The message never came through its own way. */
async function dropRouteJob(way: Way): Promise<void> {
  const { route } = way.machine.queues;
  const [job] = await route.receive({ max: 1, waitMs: 0, hiddenMs: 60_000 });
  await route.done([job?.receipt ?? '']);
}

test('a dead letter is counted, and after five days its sender is told', async () => {
  await using way = await Way.open('sender', 'ann');
  const { run } = await deadLetter(way, 'gone', 'ann');
  await dropRouteJob(way);
  assert.equal(await run(4.9), 1);
  assert.equal(await run(5.1), 0);
  await way.settle();
  const [notification] = await way.inbox('sender');
  assert.match(
    notification ?? '',
    /gone@example\.test[^]*Status: 5\.3\.0[^]*ann@example\.test[^]*Status: 5\.3\.0/,
  );
});

test('a dead letter whose message was delivered all the same ends without a word', async () => {
  await using way = await Way.open('sender', 'ann');
  await way.addAlias('other', 'ann');
  const { run } = await deadLetter(way, 'other');
  await way.settle();
  assert.equal((await way.inbox('ann')).length, 1);
  assert.equal(await run(5.1), 0);
  await way.settle();
  assert.deepEqual(await way.inbox('sender'), []);
});

test('a dead letter whose bytes are gone is told of without the header', async () => {
  await using way = await Way.open('sender', 'ann');
  await way.addAlias('other', 'ann');
  const { run, job } = await deadLetter(way, 'other');
  await dropRouteJob(way);
  await way.machine.blobs.delete([job.blobKey]);
  assert.equal(await run(5.1), 0);
  await way.settle();
  assert.match((await way.inbox('sender'))[0] ?? '', /other@example\.test[^]*Status: 5\.3\.0/);
});

test('a dead letter whose message was delivered tells that to who asked for it', async () => {
  await using way = await Way.open('sender', 'ann');
  const accepted = await way.accept(way.envelope('sender', 'ann'), message);
  await way.settle();
  const ann = await way.admin.directory.findAccountByAddress({ localPart: 'ann', domain: 'example.test' });
  const [blobKey] = await way.blobKeys();
  assert.ok(accepted.kind === 'queued' && ann !== undefined && blobKey !== undefined);
  const run = await doomed(way, {
    messageId: accepted.id,
    blobKey,
    sizeBytes: 0,
    accountId: ann.id,
    accountAddress: 'ann@example.test',
    recipients: [
      { recipient: 'ann@example.test', notify: ['SUCCESS'] },
      { recipient: 'ann+tag@example.test' },
    ],
    reversePath: 'sender@example.test',
    receivedAt: '2026-11-24T00:00:00Z',
    returnPathBytes: 0,
  });
  assert.equal(await run(5.1), 0);
  await way.settle();
  assert.deepEqual(await toldTo(way, 'sender'), ['delivered ann@example.test 2.0.0']);
});
