import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LoginThrottle, throttleFlushMs } from '../../../mail/auth/throttle.ts';
import { throttlePartition } from '../../../mail/auth/throttle-item.ts';
import { addressSubject, forgetFailuresMs, pauseMs, ruleFor } from '../../../mail/auth/throttle-rules.ts';
import { sweepThrottles } from '../../../mail/auth/throttle-store.ts';
import type { Table } from '../../../mail/ports/table.ts';
import { ManualClock } from '../../contracts/manual-clock.ts';
import { recordingLog } from '../../contracts/recording-log.ts';
import { StagedTable, temporaryTable } from '../mailbox/mail-kit.ts';

interface Kit extends AsyncDisposable {
  readonly clock: ManualClock;
  readonly table: StagedTable;
  readonly log: ReturnType<typeof recordingLog>;
  readonly throttle: LoginThrottle;
  another(): LoginThrottle;
}

async function throttleKit(): Promise<Kit> {
  const temporary = await temporaryTable();
  const table = new StagedTable(temporary.table);
  const clock = new ManualClock();
  const log = recordingLog();
  const made: LoginThrottle[] = [];
  const another = () => {
    const throttle = new LoginThrottle({ table, clock, log });
    made.push(throttle);
    return throttle;
  };
  return {
    clock,
    table,
    log,
    throttle: another(),
    another,
    async [Symbol.asyncDispose]() {
      for (const throttle of made) await throttle[Symbol.asyncDispose]();
      await temporary[Symbol.asyncDispose]();
    },
  };
}

type Result = 'succeeded' | 'failed' | 'unchecked';

/** One attempt: how long it must wait, 0 when it was let in and ended so. */
async function attempt(
  throttle: LoginThrottle,
  remoteAddress: string,
  { user = 'ann@example.test', result = 'failed' }: { user?: string; result?: Result } = {},
): Promise<number> {
  const admission = await throttle.admit({ remoteAddress, user });
  if (admission.kind === 'throttled') return admission.retryAfterMs;
  admission.ended(result);
  return 0;
}

/** Failures of an address at accounts that differ, so that only the address counts. */
async function failures(throttle: LoginThrottle, remoteAddress: string, count: number): Promise<number[]> {
  const waits: number[] = [];
  for (let at = 0; at < count; at++)
    waits.push(await attempt(throttle, remoteAddress, { user: `${at}@${remoteAddress}.test` }));
  return waits;
}

test('addresses are counted whole, of IPv6 by /64, loopback as one', () => {
  const value = (text: string) => addressSubject(text).value;
  assert.equal(value('192.0.2.7'), '192.0.2.7');
  assert.equal(value('::ffff:192.0.2.7'), '192.0.2.7');
  assert.equal(value('2001:db8:1:2:3:4:5:6'), '2001:db8:1:2::/64');
  assert.equal(value('2001:DB8:1:2::9'), '2001:db8:1:2::/64');
  assert.equal(value('2001:db8::1'), '2001:db8:0:0::/64');
  assert.equal(value('fe80::1%eth0'), 'fe80:0:0:0::/64');
  assert.equal(value(''), 'unknown');
  assert.notEqual(value('2001:db8:1:3::9'), value('2001:db8:1:2::9'));
  for (const text of ['127.0.0.1', '127.1.2.3', '::1', '::ffff:127.0.0.1'])
    assert.equal(value(text), 'loopback', text);
});

test('pauses begin after the free failures, double, and end at the longest', () => {
  const rule = ruleFor({ kind: 'address', value: '192.0.2.7' });
  assert.equal(pauseMs(rule, rule.freeFailures), 0);
  assert.equal(pauseMs(rule, rule.freeFailures + 1), rule.firstPauseMs);
  assert.equal(pauseMs(rule, rule.freeFailures + 3), 4 * rule.firstPauseMs);
  assert.equal(pauseMs(rule, 1_000_000), rule.longestPauseMs);
  assert.ok(forgetFailuresMs > rule.longestPauseMs);
  const loopback = ruleFor(addressSubject('127.0.0.1'));
  assert.ok(loopback.longestPauseMs <= 2000 && loopback.freeFailures > rule.freeFailures);
});

test('an address that fails often waits longer and longer, and others do not', async () => {
  await using kit = await throttleKit();
  const { throttle, clock } = kit;
  assert.deepEqual(await failures(throttle, '192.0.2.7', 7), [0, 0, 0, 0, 0, 0, 1000]);
  assert.equal(await attempt(throttle, '192.0.2.8', { user: 'bob@example.test' }), 0);
  await clock.advance(999);
  assert.deepEqual(await failures(throttle, '192.0.2.7', 1), [1]);
  await clock.advance(1);
  assert.deepEqual(await failures(throttle, '192.0.2.7', 2), [0, 2000]);
  await clock.advance(2000);
  assert.deepEqual(await failures(throttle, '192.0.2.7', 2), [0, 4000]);
  await clock.advance(forgetFailuresMs);
  assert.deepEqual(await failures(throttle, '192.0.2.7', 3), [0, 0, 0]);
});

test('of a client that has logged in a moment ago no failures are read', async () => {
  await using kit = await throttleKit();
  const { throttle, table } = kit;
  await attempt(throttle, '192.0.2.7', { result: 'succeeded' });
  const { batches } = table;
  assert.ok(batches > 0);
  await attempt(throttle, '192.0.2.7', { result: 'succeeded' });
  assert.equal(table.batches, batches);
  await attempt(throttle, '192.0.2.8', { result: 'succeeded' });
  assert.equal(table.batches, batches + 1);
});

test('an account is protected from many addresses, whether there is one or not', async () => {
  await using kit = await throttleKit();
  const waits: number[] = [];
  for (let at = 0; at < 12; at++) waits.push(await attempt(kit.throttle, `192.0.2.${at}`));
  assert.deepEqual(waits, [...Array.from({ length: 11 }, () => 0), 1000]);
  assert.equal(await attempt(kit.throttle, '192.0.2.99', { user: 'bob@example.test' }), 0);
});

test('logging in to one account does not clear what was counted', async () => {
  await using kit = await throttleKit();
  const { throttle } = kit;
  for (let at = 0; at < 6; at++) {
    assert.equal(await attempt(throttle, '192.0.2.7', { user: `victim${at}@example.test` }), 0);
    assert.equal(await attempt(throttle, '192.0.2.7', { user: 'own@example.test', result: 'succeeded' }), 0);
  }
  assert.equal(await attempt(throttle, '192.0.2.7', { user: 'victim9@example.test' }), 1000);
});

test('a client that has logged in is slowed down by its own failures only', async () => {
  await using kit = await throttleKit();
  const { throttle, clock } = kit;
  const home = '198.51.100.1';
  assert.equal(await attempt(throttle, home, { result: 'succeeded' }), 0);
  for (let at = 0; at < 11; at++) await attempt(throttle, `192.0.2.${at}`);
  assert.equal(await attempt(throttle, '192.0.2.50', { result: 'succeeded' }), 1000);
  assert.equal(await attempt(throttle, home, { result: 'succeeded' }), 0);
  for (let at = 0; at < 6; at++) assert.equal(await attempt(throttle, home), 0);
  assert.equal(await attempt(throttle, home, { result: 'succeeded' }), 1000);
  await clock.advance(1000);
  assert.equal(await attempt(throttle, home, { result: 'succeeded' }), 0);
});

test('after a pause one attempt at a time is checked, and a flood waits', async () => {
  await using kit = await throttleKit();
  const { throttle, clock } = kit;
  const flood = await Promise.all(
    Array.from({ length: 60 }, (_, at) =>
      throttle.admit({ remoteAddress: '192.0.2.7', user: `${at}@example.test` }),
    ),
  );
  const allowed = flood.filter((admission) => admission.kind === 'allowed');
  assert.equal(allowed.length, 50);
  for (const admission of allowed) admission.ended('failed');
  await clock.advance(15 * 60_000);
  const probes = await Promise.all(
    [1, 2, 3].map((at) => throttle.admit({ remoteAddress: '192.0.2.7', user: `${at}@probe.test` })),
  );
  assert.deepEqual(probes.map(({ kind }) => kind).sort(), ['allowed', 'throttled', 'throttled']);
});

test('what was not checked does not count', async () => {
  await using kit = await throttleKit();
  for (let at = 0; at < 30; at++)
    assert.equal(await attempt(kit.throttle, '192.0.2.7', { result: 'unchecked' }), 0);
});

test('another process knows of the failures a few seconds later, and both are added up', async () => {
  await using kit = await throttleKit();
  const { throttle, clock } = kit;
  const other = kit.another();
  await failures(throttle, '192.0.2.7', 3);
  await failures(other, '192.0.2.7', 3);
  assert.equal(await attempt(other, '192.0.2.7', { user: 'x@example.test', result: 'unchecked' }), 0);
  await clock.advance(throttleFlushMs);
  await settled(kit.table, 6);
  const third = kit.another();
  // The last failure is as old as the flush took: the pause of 1 s is over.
  assert.deepEqual(await failures(third, '192.0.2.7', 2), [0, 2000]);
  assert.equal(await attempt(throttle, '192.0.2.7', { user: 'y@example.test' }), 0);
});

/** Waits until the table counts so many failures of addresses: the flushes of all processes are through. */
async function settled(table: Table, count: number): Promise<void> {
  for (let turn = 0; turn < 1000; turn++) {
    const { items } = await table.query({ pk: throttlePartition('address') });
    if (items.reduce((sum, item) => sum + Number(item['failures']), 0) >= count) return;
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.fail(`${count} failures never came to the table`);
}

test('processes that flush at once lose no failure', async () => {
  await using kit = await throttleKit();
  const throttles = [kit.throttle, kit.another(), kit.another(), kit.another()];
  for (const throttle of throttles) await failures(throttle, '192.0.2.7', 4);
  await Promise.all(throttles.map((throttle) => throttle.flush()));
  await Promise.all(throttles.map((throttle) => throttle.flush()));
  const [item] = (await kit.table.query({ pk: throttlePartition('address') })).items;
  assert.equal(item?.['failures'], 16);
});

test('a table that fails neither forgets what was counted nor stops anyone, and the log tells', async () => {
  await using kit = await throttleKit();
  const { throttle, table, log } = kit;
  await failures(throttle, '192.0.2.7', 6);
  const commit = table.commit.bind(table);
  const getMany = table.getMany.bind(table);
  table.commit = () => Promise.reject(new Error('disk full'));
  table.getMany = () => Promise.reject(new Error('disk full'));
  await throttle.flush();
  assert.deepEqual(await failures(throttle, '192.0.2.7', 1), [1000]);
  assert.equal(await attempt(throttle, '192.0.2.8', { user: 'b@example.test' }), 0);
  assert.ok(log.lines.some(({ event }) => event === 'auth.throttle.flush'));
  assert.ok(log.lines.some(({ event }) => event === 'auth.throttle.read'));
  table.commit = commit;
  table.getMany = getMany;
  await throttle.flush();
  assert.equal(
    (await table.query({ pk: throttlePartition('address'), from: '192.0.2.7' })).items[0]?.['failures'],
    6,
  );
});

test('the sweep deletes what is forgotten, and nothing else', async () => {
  await using kit = await throttleKit();
  const { throttle, clock, table } = kit;
  await failures(throttle, '192.0.2.7', 2);
  await throttle.flush();
  await clock.advance(forgetFailuresMs - 1);
  assert.equal(await attempt(throttle, '192.0.2.8'), 0);
  await throttle.flush();
  assert.equal(await sweepThrottles({ table, clock }), 0);
  await clock.advance(1);
  assert.equal(await sweepThrottles({ table, clock }), 3);
  const left = await table.query({ pk: throttlePartition('address') });
  assert.deepEqual(
    left.items.map(({ sk }) => sk),
    ['192.0.2.8'],
  );
});
