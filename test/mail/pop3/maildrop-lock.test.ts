import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Lease } from '../../../mail/mailbox/maildrop-lease.ts';
import { HeldMaildropLock } from '../../../mail/pop3/maildrop-lock.ts';
import { ManualClock } from '../../contracts/manual-clock.ts';
import { recordingLog } from '../../contracts/recording-log.ts';

/** A lease that counts, and renews as `renew` says. */
class FakeLease implements Lease {
  readonly expiresAtMs = 0;
  renewals = 0;
  released = 0;
  answer: boolean | Error = true;
  async renew(): Promise<boolean> {
    this.renewals += 1;
    if (this.answer instanceof Error) throw this.answer;
    return this.answer;
  }
  async release(): Promise<void> {
    this.released += 1;
  }
}

function held() {
  const clock = new ManualClock();
  const log = recordingLog();
  const lease = new FakeLease();
  return { clock, log, lease, lock: new HeldMaildropLock({ clock, log, lease, account: 'a1' }) };
}

test('the lease is renewed three times in its 90 s', async () => {
  const { clock, lease, lock } = held();
  await clock.advance(90_000);
  assert.equal(lease.renewals, 3);
  await lock.release();
  await clock.advance(300_000);
  assert.equal(lease.renewals, 3);
  assert.equal(lease.released, 1);
});

test('a renewal that fails is told, and tried again', async () => {
  const { clock, log, lease, lock } = held();
  lease.answer = new Error('the table does not answer');
  await clock.advance(30_000);
  lease.answer = true;
  await clock.advance(30_000);
  assert.equal(lease.renewals, 2);
  assert.deepEqual(
    log.lines.map(({ event }) => event),
    ['pop3.lock.renewalFailed'],
  );
  assert.equal(await lock.confirm(), true);
  await lock.release();
});

test('a lock that was lost stays lost, and is told once', async () => {
  const { clock, log, lease, lock } = held();
  lease.answer = false;
  await clock.advance(30_000);
  lease.answer = true;
  await clock.advance(120_000);
  assert.equal(await lock.confirm(), false);
  assert.equal(lease.renewals, 1);
  assert.deepEqual(
    log.lines.map(({ event }) => event),
    ['pop3.lock.lost'],
  );
  await lock.release();
});

test('nothing waits on the clock once the lock is given back', async () => {
  const { clock, lock } = held();
  await lock.release();
  assert.equal(clock.sleeping, 0);
});
