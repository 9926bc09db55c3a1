/** A function that is killed between any two of its steps loses nothing and doubles nothing. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Kill } from './fuse.ts';
import { World, type Storage } from './world.ts';

let runs = 0;
const recipients = ['ann', 'both', 'full', 'someone@outside.test'];

async function walk(storage: Storage, kill?: Kill, twice = false): Promise<number> {
  const world = await World.open(storage, `run${(runs += 1)}-${process.pid}.test`);
  const messageId = await world.accept(recipients);
  const calls = await world.run({ ...(kill === undefined ? {} : { kill }), twice });
  const what = kill === undefined ? `twice ${twice}` : `killed ${kill.when} call ${kill.at}`;
  const counts = await Promise.all(['ann', 'bob', 'full', 'sender'].map((name) => world.count(name)));
  // The sender is told once that one mailbox was full.
  assert.deepEqual(counts, [1, 1, 0, 1], what);
  assert.deepEqual(await world.outside(messageId), ['someone@outside.test waiting'], what);
  assert.ok(
    world.queues.relay.sent.some((job) => job.messageId === messageId),
    what,
  );
  return calls;
}

/** `every`: only each so many-th call is one at which a process is killed. */
export function killedBetweenSteps(
  driver: string,
  open: () => Promise<Storage & AsyncDisposable>,
  every: number,
): void {
  test(`${driver}: a function killed before or after any call of a port loses and doubles nothing`, async () => {
    await using storage = await open();
    const calls = await walk(storage);
    assert.ok(calls > 40, `${calls} calls`);
    for (let at = 1; at <= calls; at += every)
      for (const when of ['before', 'after'] as const) await walk(storage, { at, when });
  });

  test(`${driver}: jobs that come twice, and in another order, are done once`, async () => {
    await using storage = await open();
    await walk(storage, undefined, true);
  });
}
