import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { openBus } from '../../../drivers/embedded/bus.ts';
import type { Bus } from '../../../drivers/embedded/bus.ts';
import { createWake } from '../../../drivers/embedded/wake.ts';
import type { WakeUp } from '../../../mail/ports/wake.ts';
import { recordingLog } from '../../contracts/recording-log.ts';
import { hears, listen, wakeContract } from '../../contracts/wake.ts';
import { forked } from './forked.ts';

interface Buses extends AsyncDisposable {
  readonly directory: string;
  open(): Promise<Bus>;
}

async function buses(path = ''): Promise<Buses> {
  const base = await mkdtemp(join(tmpdir(), 'posta-bus-'));
  const directory = join(base, path);
  await mkdir(directory, { recursive: true });
  const opened: Bus[] = [];
  return {
    directory,
    open: async () => {
      const bus = await openBus({ directory, log: recordingLog() });
      opened.push(bus);
      return bus;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(opened.map((bus) => bus.close()));
      await rm(base, { recursive: true });
    },
  };
}

function onBuses(path: string) {
  return async (count: number) => {
    const all = await buses(path);
    const wakes = [];
    for (let made = 0; made < count; made++) wakes.push(createWake(await all.open()));
    return { wakes, [Symbol.asyncDispose]: () => all[Symbol.asyncDispose]() };
  };
}

wakeContract('the bus', onBuses(''));
wakeContract('the bus of a directory with a long path', onBuses('long/'.repeat(30)));

const mail = (rev: number): WakeUp => ({ kind: 'mail', account: 'account', rev });
const revs = (heard: readonly WakeUp[]) => heard.map((wakeUp) => (wakeUp.kind === 'mail' ? wakeUp.rev : -1));
const upTo = (count: number) => Array.from({ length: count }, (_, rev) => rev);

test('what one publishes is heard in its order', async () => {
  await using all = await buses();
  const [hub, member, publisher] = [await all.open(), await all.open(), await all.open()];
  const ears = [await listen(createWake(hub)), await listen(createWake(member))];
  const wake = createWake(publisher);
  for (const rev of upTo(1000)) await wake.publish([mail(rev)]);
  for (const ear of ears) {
    await hears(ear, 1000);
    assert.deepEqual(revs(ear.heard), upTo(1000));
  }
});

test('processes hear each other, and when the hub is killed another takes its place', async () => {
  await using all = await buses();
  const [first, second, third] = ['first', 'second', 'third'].map((name) =>
    forked<WakeUp | 'ready'>('wake-process.ts', all.directory, name),
  );
  assert.ok(first && second && third);
  for (const each of [first, second, third]) await each.until(({ length }) => length === 1);
  first.tell(mail(1));
  for (const each of [first, second, third]) await each.until(({ length }) => length === 2);
  await first.kill();
  const heardAgain = async (from: typeof first, by: typeof first) => {
    // Lost while they look for a hub, which is allowed; then they come again.
    for (let rev = 2; rev < 500; rev++) {
      from.tell(mail(rev));
      await pause(10);
      if (by.told.some((told) => told !== 'ready' && told.kind === 'mail' && told.rev > 1)) return true;
    }
    return false;
  };
  assert.ok(await heardAgain(second, third));
  await Promise.all([second.kill(), third.kill()]);
  const late = await listen(createWake(await all.open()));
  const newcomer = forked<WakeUp | 'ready'>('wake-process.ts', all.directory, 'newcomer');
  await newcomer.until(({ length }) => length === 1);
  newcomer.tell(mail(900));
  await hears(late, 1);
  await newcomer.kill();
});

test('many who lose their hub at once agree on one', async () => {
  await using all = await buses();
  const hub = await all.open();
  await listen(createWake(hub));
  const wakes = await Promise.all(Array.from({ length: 8 }, async () => createWake(await all.open())));
  const ears = await Promise.all(wakes.map(listen));
  await hub.close();
  const heardByAll = (rev: number) => ears.every(({ heard }) => revs(heard).includes(rev));
  for (let rev = 0; ; rev++) {
    assert.ok(rev < 500, 'they have not found together');
    await wakes[rev % 8]?.publish([mail(rev)]);
    await pause(10);
    if (heardByAll(rev)) break;
  }
});

test('a process that only publishes is heard though it ends at once, and is not held up', async () => {
  await using all = await buses();
  const ear = await listen(createWake(await all.open()));
  const child = forked<never>('wake-process.ts', all.directory, 'publish and end');
  assert.equal(await child.ended(), 0);
  await hears(ear, 100);
  assert.deepEqual(revs(ear.heard), upTo(100));
});

test('a process that only publishes waits for a hub that is busy', async () => {
  await using all = await buses();
  const hub = forked<WakeUp | 'ready'>('wake-process.ts', all.directory, 'hub');
  await hub.until(({ length }) => length === 1);
  process.kill(hub.pid, 'SIGSTOP');
  const publisher = await all.open();
  await createWake(publisher).publish([mail(7)]);
  const closed = publisher.close();
  await pause(1500);
  process.kill(hub.pid, 'SIGCONT');
  await closed;
  await hub.until(({ length }) => length === 2);
  assert.deepEqual(hub.told[1], mail(7));
  await hub.kill();
});

test('a process that publishes where nobody is ends by itself', async () => {
  await using all = await buses();
  const child = forked<never>('wake-process.ts', all.directory, 'publish and end');
  assert.equal(await child.ended(), 0);
});

test('a file in the place of the socket is replaced', async () => {
  await using all = await buses();
  await writeFile(join(all.directory, 'bus.sock'), 'left by something else');
  const [first, second] = [createWake(await all.open()), createWake(await all.open())];
  const ears = [await listen(first), await listen(second)];
  await first.publish([mail(1)]);
  await Promise.all(ears.map((ear) => hears(ear, 1)));
});

test('a message over the limit is refused, and the bus goes on', async () => {
  await using all = await buses();
  const [first, second] = [await all.open(), await all.open()];
  const heard: unknown[] = [];
  await second.subscribe('topic', (message) => heard.push(message));
  assert.throws(() => first.publish('topic', 'x'.repeat(65_536)), RangeError);
  first.publish('other', 'not for this one');
  first.publish('topic', 'x'.repeat(65_000));
  await first.flush();
  while (heard.length === 0) await pause(5);
  assert.equal((heard[0] as string).length, 65_000);
});

test('a closed bus says and hears nothing', async () => {
  await using all = await buses();
  const [first, second] = [await all.open(), await all.open()];
  const ears = [await listen(createWake(first)), await listen(createWake(second))];
  await second.close();
  await second.close();
  await createWake(second).publish([mail(1)]);
  await createWake(first).publish([mail(2)]);
  await hears(ears[0] as (typeof ears)[0], 1);
  assert.deepEqual(
    ears.map(({ heard }) => revs(heard)),
    [[2], []],
  );
});
