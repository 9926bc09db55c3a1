import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AccountWatch } from '../../../mail/mailbox/account-watch.ts';
import { initialMailboxWrites } from '../../../mail/mailbox/initial-mailboxes.ts';
import { clockKey } from '../../../mail/mailbox/keys.ts';
import { watchEveryMs } from '../../../mail/mailbox/limits.ts';
import { parseAccountId, sound, type AccountId } from '../../../mail/mailbox/types.ts';
import type { Item, Key } from '../../../mail/ports/table.ts';
import type { Wake, WakeUp } from '../../../mail/ports/wake.ts';
import { ManualClock } from '../../contracts/manual-clock.ts';
import { recordingLog } from '../../contracts/recording-log.ts';
import { deliverMany, mailKit, seededRandom, StagedTable, type MailKit } from './mail-kit.ts';

/** Wake as the watch hears it. */
class SpokenWake implements Wake {
  readonly #listeners = new Set<(wakeUp: WakeUp) => void>();
  get heard(): number {
    return this.#listeners.size;
  }
  async publish(wakeUps: readonly WakeUp[]): Promise<void> {
    for (const wakeUp of wakeUps) for (const listener of this.#listeners) listener(wakeUp);
  }
  async subscribe(listener: (wakeUp: WakeUp) => void): Promise<AsyncDisposable> {
    this.#listeners.add(listener);
    return { [Symbol.asyncDispose]: async () => void this.#listeners.delete(listener) };
  }
}

/** A table whose clock of an account cannot be read, or by inconsistent reads only as it was once. */
class FaultyTable extends StagedTable {
  faulty: Key | undefined;
  /** What inconsistent reads find: undefined where there was nothing. */
  old: { readonly item: Item | undefined } | undefined;
  override get(key: Key, options?: { readonly consistent?: boolean }) {
    if (key.pk === this.faulty?.pk && key.sk === this.faulty.sk)
      return Promise.reject(new Error('table away'));
    const found = super.get(key, options);
    return options?.consistent === false && this.old !== undefined ? Promise.resolve(this.old.item) : found;
  }
}

interface WatchKit extends AsyncDisposable {
  readonly kit: MailKit;
  readonly table: FaultyTable;
  readonly wake: SpokenWake;
  readonly clock: ManualClock;
  readonly log: ReturnType<typeof recordingLog>;
  readonly watch: AccountWatch & AsyncDisposable;
}

/** A watch over the kit's table, whose own commits wake nobody. */
async function watchKit(): Promise<WatchKit> {
  const kit = await mailKit();
  const [table, wake, clock, log] = [
    new FaultyTable(kit.raw),
    new SpokenWake(),
    new ManualClock(),
    recordingLog(),
  ];
  const watch = await AccountWatch.start({ table, wake, clock, log });
  return {
    kit,
    table,
    wake,
    clock,
    log,
    watch,
    async [Symbol.asyncDispose]() {
      await watch[Symbol.asyncDispose]();
      await kit[Symbol.asyncDispose]();
    },
  };
}

const other = sound(parseAccountId('maria'), 'account id');

async function addAccount(kit: MailKit, account: AccountId): Promise<void> {
  const writes = initialMailboxWrites(account, { random: seededRandom(9), nowMs: 0, epoch: 1 });
  await kit.raw.commit(writes, { until: 'visible' });
}

/** How often it was called since it was last asked. */
function counter() {
  let calls = 0;
  const listener = () => void (calls += 1);
  const taken = () => {
    const now = calls;
    calls = 0;
    return now;
  };
  return { listener, taken };
}

test('who watches an account hears each of its commits once', async () => {
  await using tools = await watchKit();
  const { watch, wake, kit } = tools;
  const { listener, taken } = counter();
  using _ = watch.watch(kit.account, listener);
  await wake.publish([{ kind: 'mail', account: kit.account, rev: 5 }]);
  assert.equal(taken(), 1);
  await wake.publish([{ kind: 'mail', account: kit.account, rev: 5 }]);
  await wake.publish([{ kind: 'mail', account: kit.account, rev: 4 }]);
  assert.equal(taken(), 0);
  await wake.publish([6, 7].map((rev) => ({ kind: 'mail', account: kit.account, rev }) as const));
  assert.equal(taken(), 2);
});

test('what is said of other accounts, or of access, or makes no sense, is not heard', async () => {
  await using tools = await watchKit();
  const { watch, wake, kit } = tools;
  const { listener, taken } = counter();
  using _ = watch.watch(kit.account, listener);
  await wake.publish([
    { kind: 'mail', account: other, rev: 5 },
    { kind: 'access', account: kit.account },
    { kind: 'mail', account: 'no account', rev: 5 },
  ]);
  assert.equal(taken(), 0);
});

test('each watcher of an account hears, until it is disposed', async () => {
  await using tools = await watchKit();
  const { watch, wake, kit } = tools;
  const [one, two] = [counter(), counter()];
  const first = watch.watch(kit.account, one.listener);
  const again = watch.watch(kit.account, one.listener);
  const second = watch.watch(kit.account, two.listener);
  const say = (rev: number) => wake.publish([{ kind: 'mail', account: kit.account, rev }]);
  await say(5);
  assert.deepEqual([one.taken(), two.taken()], [2, 1]);
  first[Symbol.dispose]();
  first[Symbol.dispose]();
  await say(6);
  assert.deepEqual([one.taken(), two.taken()], [1, 1]);
  again[Symbol.dispose]();
  second[Symbol.dispose]();
  await say(7);
  assert.deepEqual([one.taken(), two.taken()], [0, 0]);
});

test('a watcher that comes back hears the next commit, whatever was heard before', async () => {
  await using tools = await watchKit();
  const { watch, wake, kit } = tools;
  const { listener, taken } = counter();
  const first = watch.watch(kit.account, listener);
  await wake.publish([{ kind: 'mail', account: kit.account, rev: 5 }]);
  first[Symbol.dispose]();
  const second = watch.watch(kit.account, listener);
  first[Symbol.dispose]();
  taken();
  await wake.publish([{ kind: 'mail', account: kit.account, rev: 6 }]);
  assert.equal(taken(), 1);
  second[Symbol.dispose]();
});

test('a wake-up that was lost is noticed by the next look, and told once', async () => {
  await using tools = await watchKit();
  const { watch, clock, kit } = tools;
  const { listener, taken } = counter();
  using _ = watch.watch(kit.account, listener);
  // The first look cannot know what the watcher has seen.
  await clock.advance(watchEveryMs);
  taken();
  await deliverMany(kit.mail, ['a']);
  await clock.advance(watchEveryMs);
  assert.equal(taken(), 1);
  await clock.advance(watchEveryMs);
  assert.equal(taken(), 0);
});

test('an account where nothing happens is looked at less and less often, until something does', async () => {
  await using tools = await watchKit();
  const { watch, wake, clock, kit, table } = tools;
  const { listener, taken } = counter();
  using _ = watch.watch(kit.account, listener);
  const looksIn = async (minutes: number) => {
    const before = table.gets;
    for (let minute = 0; minute < minutes; minute++) await clock.advance(watchEveryMs);
    return table.gets - before;
  };
  assert.equal(await looksIn(1), 1);
  assert.deepEqual([await looksIn(1), await looksIn(2), await looksIn(4), await looksIn(50)], [1, 1, 1, 10]);
  taken();
  await wake.publish([{ kind: 'mail', account: kit.account, rev: 5 }]);
  assert.deepEqual([taken(), await looksIn(1), await looksIn(2)], [1, 1, 1]);
});

test('a commit that was heard of is not told again by looking', async () => {
  await using tools = await watchKit();
  const { watch, wake, clock, kit } = tools;
  const { listener, taken } = counter();
  using _ = watch.watch(kit.account, listener);
  await deliverMany(kit.mail, ['a']);
  await wake.publish(kit.wake.published);
  assert.equal(taken(), 1);
  await clock.advance(watchEveryMs);
  assert.equal(taken(), 0);
});

test('an account that was removed is told', async () => {
  await using tools = await watchKit();
  const { watch, clock, kit } = tools;
  const { listener, taken } = counter();
  using _ = watch.watch(kit.account, listener);
  await clock.advance(watchEveryMs);
  taken();
  await kit.mail.remove();
  await clock.advance(watchEveryMs);
  assert.equal(taken(), 1);
});

test('a look at a clock that is old is made good by the next, and never takes an account for gone', async () => {
  await using tools = await watchKit();
  const { watch, clock, kit, table } = tools;
  const { listener, taken } = counter();
  using _ = watch.watch(kit.account, listener);
  await clock.advance(watchEveryMs);
  taken();
  table.old = { item: await kit.raw.get(clockKey(kit.account)) };
  await deliverMany(kit.mail, ['a']);
  await clock.advance(watchEveryMs);
  assert.equal(taken(), 0);
  await clock.advance(watchEveryMs);
  table.old = { item: undefined };
  await clock.advance(watchEveryMs);
  assert.equal(taken(), 1);
  table.old = undefined;
  await deliverMany(kit.mail, ['b']);
  await clock.advance(watchEveryMs);
  assert.equal(taken(), 1);
});

test('a look costs one read for each account that is watched, however many watch it', async () => {
  await using tools = await watchKit();
  const { watch, clock, kit, table } = tools;
  await addAccount(kit, other);
  await clock.advance(watchEveryMs);
  assert.equal(table.gets, 0);
  const watchers = [kit.account, kit.account, other].map((account) => watch.watch(account, () => undefined));
  await clock.advance(watchEveryMs);
  assert.equal(table.gets, 2);
  for (const watcher of watchers) watcher[Symbol.dispose]();
  await clock.advance(watchEveryMs);
  assert.equal(table.gets, 2);
});

test('a fault of the table is logged, the other accounts are looked at, and the next look finds what was missed', async () => {
  await using tools = await watchKit();
  const { watch, clock, kit, table, log } = tools;
  await addAccount(kit, other);
  const [one, two] = [counter(), counter()];
  using watchers = new DisposableStack();
  watchers.use(watch.watch(kit.account, one.listener));
  watchers.use(watch.watch(other, two.listener));
  await clock.advance(watchEveryMs);
  assert.deepEqual([one.taken(), two.taken()], [1, 1]);
  table.faulty = clockKey(kit.account);
  await deliverMany(kit.mail, ['a']);
  await deliverMany(kit.store.account(other), ['b']);
  await clock.advance(watchEveryMs);
  assert.deepEqual([one.taken(), two.taken()], [0, 1]);
  const faults = log.lines.filter(({ level }) => level === 'error');
  assert.deepEqual(
    faults.map(({ event, fields }) => [event, fields['account']]),
    [['mailbox.watchFailed', kit.account]],
  );
  table.faulty = undefined;
  await clock.advance(watchEveryMs);
  assert.deepEqual([one.taken(), two.taken()], [1, 0]);
});

test('disposed, it neither looks nor listens', async () => {
  await using tools = await watchKit();
  const { watch, wake, clock, kit, table } = tools;
  const { listener, taken } = counter();
  using _ = watch.watch(kit.account, listener);
  await watch[Symbol.asyncDispose]();
  await wake.publish([{ kind: 'mail', account: kit.account, rev: 5 }]);
  await clock.advance(watchEveryMs * 2);
  assert.deepEqual([taken(), table.gets, wake.heard, clock.sleeping], [0, 0, 0, 0]);
});
