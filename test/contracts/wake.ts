/** The contract of Wake: every driver passes it whole. */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import type { Wake, WakeUp } from '../../mail/ports/wake.ts';

export interface WakesUnderTest extends AsyncDisposable {
  /** As many as were asked for, each as in a process of its own, all hearing one another. */
  readonly wakes: readonly Wake[];
}

/** How long a wake-up that must come may take: on AWS it goes through SNS and SQS. */
const maxWaitMs = 10_000;

const mail = (account: string, rev: number): WakeUp => ({ kind: 'mail', account, rev });

/** What a subscription has heard. */
export interface Ear {
  readonly heard: readonly WakeUp[];
  readonly subscription: AsyncDisposable;
}

export async function listen(wake: Wake): Promise<Ear> {
  const heard: WakeUp[] = [];
  return { heard, subscription: await wake.subscribe((wakeUp) => heard.push(wakeUp)) };
}

/** Resolves when it has heard so many; rejects when they do not come. */
export async function hears(ear: Ear, count: number): Promise<void> {
  for (let waitedMs = 0; ear.heard.length < count; waitedMs += 5) {
    assert.ok(waitedMs < maxWaitMs, `heard ${ear.heard.length} of ${count}`);
    await pause(5);
  }
}

/** Registers the suite for a driver. */
export function wakeContract(driver: string, open: (count: number) => Promise<WakesUnderTest>): void {
  const check = (name: string, count: number, body: (wakes: readonly Wake[]) => Promise<void>) => {
    test(name, async () => {
      await using under = await open(count);
      await body(under.wakes);
    });
  };
  suite(`Wake: ${driver}`, () => {
    check('every process hears what any publishes, itself too', 3, async (wakes) => {
      const ears = await Promise.all(wakes.map(listen));
      for (const [at, wake] of wakes.entries())
        await wake.publish([mail(`account-${at}`, 7), { kind: 'access', account: `account-${at}` }]);
      for (const ear of ears) {
        await hears(ear, 6);
        const order = (one: WakeUp, other: WakeUp) =>
          `${one.account} ${one.kind}`.localeCompare(`${other.account} ${other.kind}`);
        assert.deepEqual(
          ear.heard.toSorted(order),
          [0, 1, 2].flatMap((each): WakeUp[] => [
            { kind: 'access', account: `account-${each}` },
            mail(`account-${each}`, 7),
          ]),
        );
      }
    });

    check('nobody who listens is no error', 2, async ([first]) => {
      await first?.publish([mail('nobody', 1)]);
      await first?.publish([]);
    });

    check('who has disposed of a subscription hears no more, and others do', 2, async ([first, second]) => {
      assert.ok(first && second);
      const [gone, stays, far] = [await listen(first), await listen(first), await listen(second)];
      await gone.subscription[Symbol.asyncDispose]();
      await gone.subscription[Symbol.asyncDispose]();
      await second.publish([mail('account', 1)]);
      await Promise.all([hears(stays, 1), hears(far, 1)]);
      assert.deepEqual(gone.heard, []);
    });

    check('the same listener may subscribe twice', 1, async ([wake]) => {
      assert.ok(wake);
      const heard: WakeUp[] = [];
      const listener = (wakeUp: WakeUp) => void heard.push(wakeUp);
      const subscriptions = [await wake.subscribe(listener), await wake.subscribe(listener)];
      await subscriptions[0]?.[Symbol.asyncDispose]();
      await wake.publish([mail('account', 1)]);
      await hears({ heard, subscription: subscriptions[1] as AsyncDisposable }, 1);
    });

    check('a listener that throws disturbs nobody', 2, async ([first, second]) => {
      assert.ok(first && second);
      await first.subscribe(() => {
        throw new Error('a listener fails');
      });
      const ears = [await listen(first), await listen(second)];
      await first.publish([mail('account', 1)]);
      await second.publish([mail('account', 2)]);
      await Promise.all(ears.map((ear) => hears(ear, 2)));
    });
  });
}
