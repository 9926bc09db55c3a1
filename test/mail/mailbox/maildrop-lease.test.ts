import assert from 'node:assert/strict';
import { test } from 'node:test';
import { acquireLease } from '../../../mail/mailbox/maildrop-lease.ts';
import { parseMailboxId, sound } from '../../../mail/mailbox/types.ts';
import { ManualClock } from '../../contracts/manual-clock.ts';
import { StagedTable, temporaryTable } from './mail-kit.ts';

const mailbox = sound(parseMailboxId('box'), 'mailbox id');

test('one session at a time holds the maildrop, until it gives it back', async () => {
  await using directory = await temporaryTable();
  const { table } = directory;
  const clock = new ManualClock();
  const first = await acquireLease({ table, clock, mailbox, owner: 'one' });
  assert.ok(first);
  assert.equal(await acquireLease({ table, clock, mailbox, owner: 'two' }), undefined);
  await first.release();
  const second = await acquireLease({ table, clock, mailbox, owner: 'two' });
  assert.ok(second);
  assert.equal(await first.renew(), false);
  await first.release();
  assert.equal(await second.renew(), true);
});

test('a lease ends after 90 seconds unless it is renewed', async () => {
  await using directory = await temporaryTable();
  const { table } = directory;
  const clock = new ManualClock();
  const first = await acquireLease({ table, clock, mailbox, owner: 'one' });
  assert.ok(first);
  clock.set(clock.now() + 60_000);
  assert.equal(await first.renew(), true);
  clock.set(clock.now() + 89_000);
  assert.equal(await acquireLease({ table, clock, mailbox, owner: 'two' }), undefined);
  clock.set(clock.now() + 1000);
  assert.ok(await acquireLease({ table, clock, mailbox, owner: 'two' }));
  assert.equal(await first.renew(), false);
});

test('of many that reach for a free maildrop at once, one gets it', async () => {
  await using directory = await temporaryTable();
  const { table } = directory;
  const clock = new ManualClock();
  const owners = Array.from({ length: 8 }, (_, at) => `owner${at}`);
  const leases = await Promise.all(owners.map((owner) => acquireLease({ table, clock, mailbox, owner })));
  assert.equal(leases.filter((lease) => lease !== undefined).length, 1);
});

test('an answer that is lost does not lose the lease', async () => {
  await using directory = await temporaryTable();
  const clock = new ManualClock();
  const table = new StagedTable(directory.table);
  table.faultFor = (commit) => (commit % 2 === 0 ? 'answerLost' : undefined);
  const lease = await acquireLease({ table, clock, mailbox, owner: 'one' });
  assert.ok(lease);
  assert.equal(await lease.renew(), true);
  await lease.release();
  assert.ok(await acquireLease({ table, clock, mailbox, owner: 'two' }));
});

test('a lease of a server that has ended holds up nobody of its successor', async () => {
  await using directory = await temporaryTable();
  const { table } = directory;
  const clock = new ManualClock();
  const before = await acquireLease({ table, clock, mailbox, owner: 'one', generation: 'first' });
  assert.ok(before);
  assert.equal(
    await acquireLease({ table, clock, mailbox, owner: 'two', generation: 'first' }),
    undefined,
    'of the same server',
  );
  assert.equal(await acquireLease({ table, clock, mailbox, owner: 'two' }), undefined, 'where several serve');
  assert.ok(await acquireLease({ table, clock, mailbox, owner: 'two', generation: 'second' }));
  assert.equal(await before.renew(), false);
});

test('a lease that another generation of the only server lent is free', async () => {
  await using directory = await temporaryTable();
  const { table } = directory;
  const clock = new ManualClock();
  const lease = (owner: string, generation: string) =>
    acquireLease({ table, clock, mailbox, owner, generation });
  const first = await lease('one', 'before');
  assert.ok(first);
  assert.equal(await lease('two', 'before'), undefined);
  assert.ok(await lease('two', 'after'));
  assert.equal(await first.renew(), false);
});
