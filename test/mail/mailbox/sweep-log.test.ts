/** Cutting the log: what Feed has not done, what is young and what is newest stays. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { putAside } from '../../../mail/mailbox/feed/aside.ts';
import { clockItem, parseClockItem } from '../../../mail/mailbox/clock-item.ts';
import { accountPartition, clockKey, logPrefix, parseLogSortKey } from '../../../mail/mailbox/keys.ts';
import { logItem } from '../../../mail/mailbox/log-record.ts';
import { parseRev, sound } from '../../../mail/mailbox/types.ts';
import type { Write } from '../../../mail/ports/table.ts';
import { dayMs, deliverStored, dump, startMs, sweepKit } from './sweep-kit.ts';
import type { SweepKit } from './sweep-kit.ts';

/** So many commits, as they would stand in the log: written at once, for one after the other takes seconds. */
async function commitMany(kit: SweepKit, count: number): Promise<void> {
  const { table, account } = kit;
  const item = await table.get(clockKey(account));
  assert.ok(item);
  const clock = parseClockItem(item);
  const last = sound(parseRev(clock.rev + count), 'rev');
  const records = Array.from({ length: count }, (_, at): Write => {
    const rev = sound(parseRev(clock.rev + at + 1), 'rev');
    const folders = [{ kind: 'quotaSet' }] as const;
    const token = `token${rev}`;
    return { kind: 'put', item: logItem({ account, rev, token, atMs: startMs, messages: [], folders }) };
  });
  const moved: Write = { kind: 'put', item: clockItem(account, { ...clock, rev: last }) };
  await table.commit([...records, moved], { until: 'visible' });
}

async function revsOf(kit: SweepKit) {
  const items = await dump(kit.table, [accountPartition(kit.account)]);
  return items.filter(({ sk }) => sk.startsWith(logPrefix));
}

const revOf = ({ sk }: { readonly sk: string }) => parseLogSortKey(sk) ?? 0;

async function longLog(): Promise<SweepKit> {
  const kit = await sweepKit();
  await deliverStored(kit, ['a']);
  await commitMany(kit, 1600);
  return kit;
}

test('a log is cut to its newest thousand when its records are old enough, and views follow', async () => {
  await using kit = await longLog();
  const open = await kit.mail.open(kit.inbox);
  assert.ok(open.kind === 'open');
  await kit.runFeed();
  assert.equal((await kit.sweep()).logRecords, 0);
  const before = await revsOf(kit);
  kit.clock.nowMs += dayMs;
  const { logRecords } = await kit.sweep();
  assert.ok(logRecords > 500);
  const left = await revsOf(kit);
  assert.equal(left.length, before.length - logRecords + 1);
  assert.ok(left.length >= 1000);
  const behind = await kit.another({ seed: 9 }).account(kit.account).open(kit.inbox);
  assert.ok(behind.kind === 'open');
  await open.refresh();
  assert.deepEqual(open.view.recordAt(0), behind.view.recordAt(0));
});

test('a log is never cut past what Feed has done or has put aside', async () => {
  await using kit = await longLog();
  const records = await kit.feed.read({ max: 500, waitMs: 0 });
  const third = records[2];
  assert.ok(third);
  await kit.runFeed();
  const damaged = { ...third.item, messages: 'nonsense' };
  await kit.table.commit([{ kind: 'put', item: damaged }], { until: 'visible' });
  await putAside(kit.feedPorts(), third.item);
  kit.clock.nowMs += dayMs;
  const counts = await kit.sweep();
  assert.deepEqual([counts.logRecords, counts.failed, counts.aside], [2, 1, 0]);
  assert.equal(Math.min(...(await revsOf(kit)).map(revOf)), revOf(third.item));
});

test('without a word from Feed a log is not cut at all', async () => {
  await using kit = await longLog();
  kit.clock.nowMs += dayMs;
  assert.equal((await kit.sweep()).logRecords, 0);
});
