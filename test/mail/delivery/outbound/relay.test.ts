/** The outbound queue and what sends it: nothing lost, nothing sent twice, and senders told. */
import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import { test } from 'node:test';
import {
  changeOutbound,
  dueEntries,
  readOutbound,
} from '../../../../mail/delivery/outbound/outbound-queue.ts';
import { neverMs } from '../../../../mail/delivery/outbound/outbound-recipient.ts';
import { claimMs } from '../../../../mail/delivery/outbound/claims.ts';
import type { Relay } from '../../../../mail/delivery/outbound/relay.ts';
import { laneLimits } from '../../../../mail/delivery/outbound/lanes.ts';
import type { Fault } from '../../mailbox/mail-kit.ts';
import { seededRandom } from '../../mailbox/mail-kit.ts';
import { deferred, failed, RelayKit, sent, startMs } from './relay-kit.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const never = new AbortController().signal;

async function swept(relay: Relay): Promise<void> {
  await relay.sweep(never);
  await relay.settled();
}

async function taken(relay: Relay, messageId: string): Promise<void> {
  await relay.take(messageId);
  await relay.settled();
}

async function dueCount(kit: RelayKit): Promise<number> {
  let count = 0;
  for await (const entry of dueEntries(kit.table, { fromMs: 0, toMs: neverMs }))
    count += entry === undefined ? 0 : 1;
  return count;
}

/** When what is due from then on is due. */
async function outboundDue(kit: RelayKit, fromMs: number): Promise<readonly number[]> {
  const due = [];
  // What is under way is due when its claim ends.
  for await (const entry of dueEntries(kit.table, { fromMs, toMs: kit.nowMs + 30 * minute }))
    for (const { dueAtMs, claimedBy } of await readOutbound(kit.table, entry.messageId))
      if (claimedBy === undefined) due.push(dueAtMs);
  return due;
}

test('recipients of one domain go out together, without our Return-Path, and the bytes go when all have them', async () => {
  await using kit = await RelayKit.open();
  await kit.queue('m1', ['a@x.test', 'b@x.test', 'c@y.test']);
  const relay = kit.relay();
  await taken(relay, 'm1');
  assert.deepEqual(
    kit.transmissions.map(({ domain, recipients }) => `${domain}: ${recipients.join(' ')}`).toSorted(),
    ['x.test: a@x.test b@x.test', 'y.test: c@y.test'],
  );
  assert.equal(kit.transmissions[0]?.bytes, 'Subject: m1\r\n\r\nText\r\n');
  assert.deepEqual(await kit.states('m1'), ['a@x.test sent', 'b@x.test sent', 'c@y.test sent']);
  assert.deepEqual([kit.told, [...kit.blobs.stored.keys()]], [[], []]);
  // The records stay 30 days for who asks what became of it, then they go with their index.
  kit.nowMs += 30 * day - minute;
  await swept(relay);
  assert.equal((await kit.states('m1')).length, 3);
  kit.nowMs += 2 * minute;
  await swept(relay);
  assert.deepEqual([await kit.states('m1'), await dueCount(kit)], [[], 0]);
  assert.equal(kit.transmissions.length, 2);
});

test('each recipient’s outcome counts for itself', async () => {
  await using kit = await RelayKit.open();
  await kit.queue('m1', ['a@x.test', 'b@x.test', 'c@x.test']);
  kit.answer = () => ({ outcomes: [sent, deferred, failed], unavailable: false });
  const relay = kit.relay();
  await taken(relay, 'm1');
  assert.deepEqual(await kit.states('m1'), ['a@x.test sent', 'b@x.test waiting', 'c@x.test failed']);
  assert.deepEqual(
    kit.told.map(({ reports }) =>
      reports.map(({ recipient, action, status }) => `${recipient} ${action} ${status}`),
    ),
    [['c@x.test failed 5.1.1']],
  );
  kit.answer = () => ({ outcomes: [sent], unavailable: false });
  kit.nowMs += 5 * minute;
  await swept(relay);
  assert.deepEqual(kit.transmissions.at(-1)?.recipients, ['b@x.test']);
  assert.equal(kit.blobs.stored.size, 0);
});

test('five days: pauses grow, the sender hears after four hours, and at the end', async () => {
  await using kit = await RelayKit.open();
  await kit.queue('m1', ['a@x.test']);
  kit.answer = () => ({ outcomes: [deferred], unavailable: false });
  const relay = kit.relay();
  for (; kit.nowMs <= startMs + 6 * day; kit.nowMs += minute) {
    const [entry] = await readOutbound(kit.table, 'm1');
    if (entry !== undefined && entry.dueAtMs <= kit.nowMs) await swept(relay);
  }
  const minutes = kit.transmissions.map(({ atMs }) => (atMs - startMs) / minute);
  assert.deepEqual(minutes.slice(0, 8), [0, 5, 20, 50, 110, 230, 470, 710]);
  assert.equal(minutes.at(-1), 5 * 24 * 60);
  assert.ok(minutes.slice(7).every((at, index, all) => index === 0 || at - (all[index - 1] ?? 0) <= 240));
  const [delay, end, ...more] = kit.told;
  assert.deepEqual(more, []);
  assert.deepEqual(
    delay?.reports.map(({ action, willRetryUntil }) => [action, willRetryUntil?.getTime()]),
    [['delayed', startMs + 5 * day]],
  );
  assert.deepEqual(
    end?.reports.map(({ action, status, reply, text }) => [action, status, reply, text]),
    [
      [
        'failed',
        '4.2.0',
        '450 4.2.0 later',
        'It was tried for 5 days. The last time: It asks to come back later',
      ],
    ],
  );
  assert.deepEqual(await kit.states('m1'), ['a@x.test failed']);
});

test('a null sender is told nothing', async () => {
  await using kit = await RelayKit.open();
  await kit.queue('m1', ['a@x.test'], { reversePath: null });
  kit.answer = () => ({ outcomes: [failed], unavailable: false });
  await taken(kit.relay(), 'm1');
  assert.deepEqual([await kit.states('m1'), kit.told, kit.blobs.stored.size], [['a@x.test failed'], [], 0]);
});

test('who asked for SUCCESS hears of it where the next server does not tell', async () => {
  await using kit = await RelayKit.open();
  await kit.queue('m1', ['a@x.test'], { notify: ['SUCCESS'], envid: 'e1' });
  await taken(kit.relay(), 'm1');
  assert.deepEqual(
    kit.told.map(({ envid, reports }) => [envid, reports[0]?.action]),
    [['e1', 'relayed']],
  );
  await kit.queue('m2', ['a@x.test'], { notify: ['SUCCESS'] });
  kit.answer = () => ({ outcomes: [{ ...sent, dsn: true }], unavailable: false });
  await taken(kit.relay(), 'm2');
  assert.equal(kit.told.length, 1);
});

test('what a forwarding address sends on says so, so that it is known when it comes round', async () => {
  await using kit = await RelayKit.open();
  await kit.queue('m1', ['a@x.test'], { forwardedFor: 'info@here.test' });
  await taken(kit.relay(), 'm1');
  const [only] = kit.transmissions;
  assert.equal(only?.bytes, 'Delivered-To: info@here.test\r\nSubject: m1\r\n\r\nText\r\n');
  assert.equal(only.transmission.sizeBytes, only.bytes.length);
});

test('a recipient that was queued when the others were over finds the bytes again', async () => {
  await using kit = await RelayKit.open();
  await kit.queue('m1', ['a@x.test']);
  const bytes = kit.blobs.stored.get('outbound/m1.eml') ?? Buffer.of();
  kit.blobs.stored.set('incoming/m1.eml', bytes);
  const relay = kit.relay();
  await taken(relay, 'm1');
  assert.equal(kit.blobs.stored.has('outbound/m1.eml'), false);
  // Route had copied them, and was about to put the second recipient when they went.
  await kit.queue('m1', ['b@y.test']);
  kit.blobs.stored.delete('outbound/m1.eml');
  await taken(relay, 'm1');
  assert.deepEqual(await kit.states('m1'), ['a@x.test sent', 'b@y.test sent']);
  assert.match(kit.transmissions.at(-1)?.bytes ?? '', /^Subject: m1\r\n/);
});

test('what is held against the settings is an error in the log', async () => {
  await using kit = await RelayKit.open();
  await kit.queue('m1', ['a@x.test'], { reversePath: null });
  const because = 'it takes no null sender';
  const relay = kit.relay({ nextHops: { destinationOf: () => ({ kind: 'hold', because, alarm: true }) } });
  await taken(relay, 'm1');
  assert.deepEqual(await kit.states('m1'), ['a@x.test held']);
  const line = kit.log.lines.find(({ event }) => event === 'relay.held');
  assert.equal(line?.level, 'error');
  assert.equal(kit.metrics.total('relay.held'), 1);
});

test('what no next hop takes is held, and goes when it is released', async () => {
  await using kit = await RelayKit.open();
  kit.heldDomains.add('x.test');
  await kit.queue('m1', ['a@x.test', 'b@y.test']);
  const relay = kit.relay();
  await taken(relay, 'm1');
  assert.deepEqual(await kit.states('m1'), ['a@x.test held', 'b@y.test sent']);
  kit.nowMs += 10 * day;
  await swept(relay);
  assert.deepEqual(await kit.states('m1'), ['a@x.test held', 'b@y.test sent']);
  kit.heldDomains.clear();
  await changeOutbound(
    { table: kit.table, clock: kit.clock, random: seededRandom(3) },
    { messageId: 'm1', recipient: 'a@x.test' },
    (now) => ({ ...now, state: 'waiting', dueAtMs: kit.nowMs }),
  );
  await swept(relay);
  assert.deepEqual(await kit.states('m1'), ['a@x.test sent', 'b@y.test sent']);
});

test('a slow place fills its own lane, and no other waits for it', async () => {
  await using kit = await RelayKit.open();
  const slow = Promise.withResolvers<void>();
  kit.answer = async ({ domain, recipients }) => {
    if (domain === 'slow.test') await slow.promise;
    return { outcomes: recipients.map(() => sent), unavailable: false };
  };
  const relay = kit.relay({ lanes: { ...laneLimits, waiting: 100 } });
  for (let at = 0; at < 150; at++) await kit.queue(`s${at}`, ['a@slow.test']);
  await kit.queue('fast', ['a@fast.test']);
  await relay.sweep(never);
  while (!(await kit.states('fast')).includes('a@fast.test sent')) await turn();
  assert.equal(kit.transmissions.filter(({ domain }) => domain === 'slow.test').length, laneLimits.running);
  // What found no room comes again when its turn should be.
  let putOff = await outboundDue(kit, startMs + 1);
  while (putOff.length < 40) {
    await turn();
    putOff = await outboundDue(kit, startMs + 1);
  }
  assert.equal(new Set(putOff).size, 40);
  assert.ok(
    putOff.every((ms) => ms >= startMs + 5_000 && ms <= startMs + 7_500),
    String(putOff),
  );
  slow.resolve();
  await relay.settled();
  for (let sweeps = 0; sweeps < 3; sweeps++) {
    kit.nowMs += 3 * minute;
    await swept(relay);
  }
  assert.equal(kit.transmissions.filter(({ domain }) => domain === 'slow.test').length, 150);
});

test('a place that is away is asked by one attempt, not by each message', async () => {
  await using kit = await RelayKit.open();
  const away = { kind: 'deferred', said: { status: '4.4.1', text: 'Nobody listens there' } } as const;
  kit.answer = ({ recipients }) => ({ outcomes: recipients.map(() => away), unavailable: true });
  const relay = kit.relay();
  for (let at = 0; at < 40; at++) await kit.queue(`m${at}`, ['a@x.test']);
  await swept(relay);
  const first = kit.transmissions.length;
  assert.ok(first <= laneLimits.running, `${first} attempts`);
  kit.nowMs += 61 * minute;
  await swept(relay);
  assert.ok(kit.transmissions.length <= first + 1, `${kit.transmissions.length - first} attempts more`);
  kit.answer = ({ recipients }) => ({ outcomes: recipients.map(() => sent), unavailable: false });
  for (let sweeps = 0; sweeps < 12; sweeps++) {
    kit.nowMs += 31 * minute;
    await swept(relay);
  }
  const states = await Promise.all(Array.from({ length: 40 }, (_, at) => kit.states(`m${at}`)));
  assert.deepEqual(new Set(states.flat()), new Set(['a@x.test sent']));
});

test('transmissions that were under way together and fail together are one failure of the place', async () => {
  await using kit = await RelayKit.open();
  const away = { kind: 'deferred', said: { status: '4.4.1', text: 'Nobody listens there' } } as const;
  kit.answer = ({ recipients }) => ({ outcomes: recipients.map(() => away), unavailable: true });
  const relay = kit.relay();
  for (let at = 0; at < laneLimits.running + 1; at++) await kit.queue(`m${at}`, ['a@x.test']);
  await swept(relay);
  assert.equal(kit.transmissions.length, laneLimits.running);
  kit.answer = ({ recipients }) => ({ outcomes: recipients.map(() => sent), unavailable: false });
  kit.nowMs += laneLimits.firstPauseMs;
  await swept(relay);
  assert.equal(kit.transmissions.length, laneLimits.running + 1);
});

test('a place that is away is tried all the same where an admin asks for it', async () => {
  await using kit = await RelayKit.open();
  const away = { kind: 'deferred', said: { status: '4.4.1', text: 'Nobody listens there' } } as const;
  kit.answer = ({ recipients }) => ({ outcomes: recipients.map(() => away), unavailable: true });
  const relay = kit.relay();
  await kit.queue('m1', ['a@x.test']);
  await taken(relay, 'm1');
  kit.answer = ({ recipients }) => ({ outcomes: recipients.map(() => sent), unavailable: false });
  await kit.queue('m2', ['a@x.test']);
  await taken(relay, 'm2');
  assert.deepEqual(await kit.states('m2'), ['a@x.test waiting']);
  await kit.queue('m3', ['a@x.test']);
  await relay.take('m3', { asked: true });
  await relay.settled();
  assert.deepEqual(await kit.states('m3'), ['a@x.test sent']);
});

test('messages for a place that stays away fail after five days all the same', async () => {
  await using kit = await RelayKit.open();
  const away = { kind: 'deferred', said: { status: '4.4.1', text: 'Nobody listens there' } } as const;
  kit.answer = ({ recipients }) => ({ outcomes: recipients.map(() => away), unavailable: true });
  const relay = kit.relay();
  for (let at = 0; at < 15; at++) await kit.queue(`m${at}`, ['a@x.test']);
  for (; kit.nowMs < startMs + 5 * day + 6 * hour; kit.nowMs += 10 * minute) await swept(relay);
  const states = await Promise.all(Array.from({ length: 15 }, (_, at) => kit.states(`m${at}`)));
  assert.deepEqual(new Set(states.flat()), new Set(['a@x.test failed']));
  assert.equal(kit.told.filter(({ reports }) => reports[0]?.action === 'failed').length, 15);
});

test('two processes do not send the same, and a claim of one that died runs out', async () => {
  await using kit = await RelayKit.open();
  await kit.queue('m1', ['a@x.test']);
  const [one, other] = [kit.relay(), kit.relay()];
  await Promise.all([taken(one, 'm1'), taken(other, 'm1'), swept(one), swept(other)]);
  assert.equal(kit.transmissions.length, 1);

  await kit.queue('m2', ['a@x.test']);
  const stuck = Promise.withResolvers<never>();
  kit.answer = () => stuck.promise;
  await kit.relay().take('m2');
  kit.answer = () => ({ outcomes: [sent], unavailable: false });
  kit.nowMs += claimMs - minute;
  await swept(other);
  assert.deepEqual(await kit.states('m2'), ['a@x.test waiting']);
  kit.nowMs += 2 * minute;
  await swept(other);
  assert.deepEqual(await kit.states('m2'), ['a@x.test sent']);
});

test('where one server alone relays, the claims of the one before it are free at once', async () => {
  await using kit = await RelayKit.open();
  await kit.queue('m1', ['a@x.test']);
  const stuck = Promise.withResolvers<never>();
  kit.answer = () => stuck.promise;
  await kit.relay({ generation: 'g1' }).take('m1');
  kit.answer = () => ({ outcomes: [sent], unavailable: false });
  const next = kit.relay({ generation: 'g2' });
  await next.releaseClaims();
  await swept(next);
  assert.deepEqual(await kit.states('m1'), ['a@x.test sent']);
});

test('a notification that could not be sent is owed until it was', async () => {
  await using kit = await RelayKit.open();
  await kit.queue('m1', ['a@x.test']);
  kit.answer = () => ({ outcomes: [failed], unavailable: false });
  kit.notifyFault = new Error('the disk is full');
  const relay = kit.relay();
  await taken(relay, 'm1');
  assert.deepEqual(
    [await kit.states('m1'), kit.told.length, kit.blobs.stored.size],
    [['a@x.test failed'], 0, 1],
  );
  kit.notifyFault = undefined;
  kit.nowMs += minute;
  await swept(relay);
  await swept(relay);
  assert.deepEqual([kit.told.length, kit.blobs.stored.size], [1, 0]);
});

test('closing begins nothing more: what waits is due again', async () => {
  await using kit = await RelayKit.open();
  const slow = Promise.withResolvers<void>();
  kit.answer = async ({ recipients }) => {
    await slow.promise;
    return { outcomes: recipients.map(() => sent), unavailable: false };
  };
  for (let at = 0; at < 30; at++) await kit.queue(`m${at}`, ['a@x.test']);
  const relay = kit.relay();
  await relay.sweep(never);
  await relay.close({ graceMs: 1 });
  slow.resolve();
  await relay.settled();
  assert.equal(kit.transmissions.length, laneLimits.running);
  await swept(kit.relay());
  assert.equal(kit.transmissions.length, 30);
});

test('what is cut off when relay is closed was no attempt, and goes out when it is started again', async () => {
  await using kit = await RelayKit.open();
  const cut = Promise.withResolvers<void>();
  kit.answer = async ({ recipients }) => {
    await cut.promise;
    return { outcomes: recipients.map(() => deferred), unavailable: true };
  };
  await kit.queue('m1', ['a@x.test']);
  const relay = kit.relay();
  await relay.take('m1');
  await relay.close({ graceMs: 1 });
  cut.resolve();
  await relay.settled();
  const [entry] = await readOutbound(kit.table, 'm1');
  assert.deepEqual([entry?.state, entry?.attempts, entry?.dueAtMs], ['waiting', 0, kit.nowMs]);
  kit.answer = ({ recipients }) => ({ outcomes: recipients.map(() => sent), unavailable: false });
  await swept(kit.relay());
  assert.deepEqual(await kit.states('m1'), ['a@x.test sent']);
});

test('a claim that ran out while its message waited for its turn is another’s', async () => {
  await using kit = await RelayKit.open();
  const slow = Promise.withResolvers<void>();
  const messageIds = () => kit.transmissions.map(({ transmission }) => transmission.messageId);
  kit.answer = async ({ recipients, transmission }) => {
    if (transmission.messageId === 'm1') await slow.promise;
    return { outcomes: recipients.map(() => sent), unavailable: false };
  };
  for (const id of ['m1', 'm2', 'm3']) await kit.queue(id, ['a@x.test']);
  const one = kit.relay({ lanes: { ...laneLimits, running: 1 } });
  for (const id of ['m1', 'm2']) await one.take(id);
  kit.nowMs += claimMs - minute;
  await one.take('m3');
  kit.nowMs += 3 * minute;
  const other = kit.relay();
  await other.take('m2');
  await other.settled();
  slow.resolve();
  await one.settled();
  assert.deepEqual(messageIds().toSorted(), ['m1', 'm2', 'm3']);
  assert.deepEqual(await kit.states('m3'), ['a@x.test sent']);
});

test('a sweep reads what is due, and nothing of what waits', async () => {
  await using kit = await RelayKit.open();
  for (let at = 0; at < 300; at++) await kit.queue(`later${at}`, ['a@x.test'], { dueAtMs: startMs + day });
  await kit.queue('now', ['a@x.test']);
  const before = kit.staged.gets + kit.staged.queries;
  await swept(kit.relay());
  const reads = kit.staged.gets + kit.staged.queries - before;
  assert.equal(kit.transmissions.length, 1);
  assert.ok(reads < 30, `${reads} reads`);
});

test('whatever a commit answers, and wherever the process ends, each recipient is sent once', async () => {
  const faults: readonly Fault[] = ['answerLost', 'requestLost', 'conflict', 'throttled', 'late'];
  for (const fault of faults)
    for (let at = 0; at < 8; at++) {
      await using kit = await RelayKit.open();
      kit.answer = () => ({ outcomes: [sent, failed], unavailable: false });
      await kit.queue('m1', ['a@x.test', 'b@x.test']);
      const from = kit.staged.commits;
      kit.staged.faultFor = (commit) => (commit === from + at ? fault : undefined);
      const relay = kit.relay();
      await taken(relay, 'm1');
      for (let sweeps = 0; sweeps < 3; sweeps++) {
        kit.nowMs += claimMs + minute;
        await swept(relay);
      }
      const where = `${fault} at commit ${at}`;
      assert.equal(kit.transmissions.length, 1, where);
      assert.deepEqual(await kit.states('m1'), ['a@x.test sent', 'b@x.test failed'], where);
      assert.equal(kit.told.length, 1, where);
    }
});
