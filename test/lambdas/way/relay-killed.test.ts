/** The functions relay and feedback, killed at any call of a port: what was sent is written down, and told, in the end. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { feedbackBatch } from '../../../lambdas/feedback/feedback-batch.ts';
import { relayBatch } from '../../../lambdas/relay/relay-batch.ts';
import { nextHopsBy } from '../../../mail/delivery/next-hop/rules.ts';
import { claimMs } from '../../../mail/delivery/outbound/claims.ts';
import { findSuppressed } from '../../../mail/delivery/suppression.ts';
import { RelayKit, sent } from '../../mail/delivery/outbound/relay-kit.ts';
import { seededRandom } from '../../mail/mailbox/mail-kit.ts';
import { Fuse, type Kill } from './fuse.ts';
import { MemoryQueue } from './memory-queue.ts';

const context = { getRemainingTimeInMillis: () => 60_000 };

class Run {
  readonly kit: RelayKit;
  transmitted = 0;

  constructor(kit: RelayKit) {
    this.kit = kit;
  }

  #ports(fuse: Fuse) {
    const { kit } = this;
    return {
      table: fuse.wrap(kit.table),
      blobs: fuse.wrap(kit.blobs),
      clock: kit.clock,
      random: seededRandom(7),
      log: kit.log,
      metrics: kit.metrics,
      notifySender: async (told: (typeof kit.told)[number]) => {
        if (fuse.blown) throw new Error('killed');
        kit.told.push(told);
      },
    };
  }

  async relay(fuse: Fuse): Promise<void> {
    const hop = {
      transmit: async () => {
        if (fuse.blown) throw new Error('killed');
        this.transmitted += 1;
        return { outcomes: [sent], unavailable: false };
      },
    };
    const openNextHops = () => ({
      ...nextHopsBy({ routes: new Map(), ses: { name: 'SES', hop } }),
      [Symbol.asyncDispose]: () => Promise.resolve(),
    });
    const handle = relayBatch({ ...this.#ports(fuse), openNextHops });
    const queue = new MemoryQueue<{ readonly messageId: string }>('relay');
    await queue.send([{ body: { messageId: 'm1' } }]);
    await handle(queue.batch(), context).catch(() => undefined);
  }

  async feedback(fuse: Fuse): Promise<readonly string[]> {
    const queue = new MemoryQueue<object>('feedback');
    const bouncedRecipients = [{ emailAddress: 'bob@there.test', status: '5.1.1' }];
    const mail = { messageId: 'ses-1', tags: { 'posta-message': ['m1'] } };
    await queue.send([
      { body: { eventType: 'Bounce', mail, bounce: { bounceType: 'Permanent', bouncedRecipients } } },
    ]);
    const answer = await feedbackBatch(this.#ports(fuse))(queue.batch()).catch(() => undefined);
    return answer?.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier) ?? ['all'];
  }
}

async function opened(): Promise<Run> {
  const kit = await RelayKit.open();
  await kit.queue('m1', ['bob@there.test']);
  return new Run(kit);
}

/** Each call of a port at which a process may die, and both sides of it. */
async function eachKill(walk: (fuse: Fuse) => Promise<void>): Promise<number> {
  const whole = new Fuse();
  await walk(whole);
  const kills = Array.from({ length: whole.calls }, (_, at) => at + 1).flatMap((at): Kill[] => [
    { at, when: 'before' },
    { at, when: 'after' },
  ]);
  for (const kill of kills) await walk(new Fuse(kill));
  return whole.calls;
}

test('relay: what a function that was killed had claimed is sent when its claim runs out', async () => {
  const calls = await eachKill(async (fuse) => {
    const run = await opened();
    await using kit = run.kit;
    await run.relay(fuse);
    if (fuse.blown) {
      kit.nowMs += claimMs + 1000;
      await run.relay(new Fuse());
    }
    assert.deepEqual(await kit.states('m1'), ['bob@there.test sent']);
    // Once, or twice where nobody heard that it was sent.
    assert.ok(run.transmitted === 1 || (fuse.blown && run.transmitted === 2), `${run.transmitted} times`);
  });
  assert.ok(calls > 8, `${calls} calls`);
});

test('feedback: a bounce whose function was killed comes again; the sender is told the same, and the address suppressed', async () => {
  const calls = await eachKill(async (fuse) => {
    const run = await opened();
    await using kit = run.kit;
    await run.relay(new Fuse());
    const failed = await run.feedback(fuse);
    if (fuse.blown) assert.deepEqual(await run.feedback(new Fuse()), []);
    else assert.deepEqual(failed, []);
    assert.deepEqual(await kit.states('m1'), ['bob@there.test failed']);
    // Told again in the same words has the same id, and is one notification.
    assert.ok(kit.told.length >= 1);
    for (const told of kit.told) assert.deepEqual(told, kit.told[0]);
    assert.equal((await findSuppressed(kit.table, ['bob@there.test'])).size, 1);
  });
  assert.ok(calls > 8, `${calls} calls`);
});
