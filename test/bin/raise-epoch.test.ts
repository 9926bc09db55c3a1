/** A backup that was put back: its numbers are not used again. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openOneMachine } from '../../bin/one-machine.ts';
import { raiseEpoch } from '../../bin/raise-epoch.ts';
import { lockServer } from '../../drivers/embedded/server-lock.ts';
import { epochUidJump } from '../../mail/mailbox/limits.ts';
import { recordingLog } from '../contracts/recording-log.ts';
import { AccountFixture } from './import/account-fixture.ts';

test('after posta restored new mail has uids that no message of the lost time had', async () => {
  await using fixture = await AccountFixture.open();
  await fixture.add('ann@example.test');
  await fixture.import('ann@example.test', await fixture.put('a.eml', 'Subject: a\n\n'));
  const account = fixture.account('ann@example.test');
  const { dataDir, store } = fixture.machine;
  const epoch = await raiseEpoch(fixture.machine);
  assert.equal(epoch, store.epoch + 1);

  await using reopened = await openOneMachine({ data: dataDir, log: recordingLog() });
  assert.equal(reopened.store.epoch, epoch);
  const found = await reopened.mail.account(account.id).findMailbox('INBOX');
  assert.equal(found.kind, 'found');
  if (found.kind !== 'found') return;
  const status = await reopened.mail.account(account.id).status(found.mailbox);
  assert.equal(status.kind, 'status');
  assert.ok(status.kind === 'status' && status.uidNext > epochUidJump && status.messages === 1);
});

test('posta restored is refused while a server runs', async () => {
  await using fixture = await AccountFixture.open();
  await using server = new AsyncDisposableStack();
  server.use(await lockServer(fixture.machine.store.environment));
  await assert.rejects(raiseEpoch(fixture.machine), /posta serve \(process \d+\) runs on .*\. Stop it first/);
});
