/** How long what RCPT heard of a recipient is believed. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSmtpHost } from '../../../mail/routing/accept.ts';
import type { AcceptPorts } from '../../../mail/routing/accept-ports.ts';
import { AskedRecipients } from '../../../mail/routing/asked-recipients.ts';
import type { Resolution } from '../../../mail/routing/directory-port.ts';
import { ManualClock } from '../../contracts/manual-clock.ts';
import { otherServer } from '../delivery/way-kit.ts';
import { MemoryBlobs, seededRandom } from '../mailbox/mail-kit.ts';

function asking() {
  const clock = new ManualClock(0);
  let times = 0;
  const resolution: Resolution = { kind: 'account', accountId: 'a', address: 'paco@example.test' };
  const directory = {
    resolveRecipient: async () => {
      times += 1;
      return resolution;
    },
  };
  return { recipients: new AskedRecipients({ directory, clock }), directory, clock, asked: () => times };
}

const paco = () => ({ localPart: 'paco', domain: 'example.test' });

test('a recipient is looked up at each RCPT, and at the end of its message not again', async () => {
  const { recipients, asked } = asking();
  const address = paco();
  await recipients.ask(address);
  assert.equal((await recipients.recall(address)).kind, 'account');
  assert.equal(asked(), 1);
  await recipients.ask(paco());
  assert.equal(asked(), 2);
});

test('a message for one recipient asks the directory once, at RCPT', async () => {
  const { directory, asked, clock } = asking();
  const host = createSmtpHost({
    directory,
    clock,
    blobs: new MemoryBlobs(),
    mail: { account: () => ({ usage: async () => ({ kind: 'usage', bytes: 0, quotaBytes: undefined }) }) },
    deliverQueue: { send: async () => undefined },
    random: seededRandom(1),
    hostname: 'mx.example.test',
  } as unknown as AcceptPorts);
  const transaction = { client: otherServer, reversePath: null, smtpUtf8: false, recipientCount: 0 };
  const verdict = await host.checkRecipient({ kind: 'mailbox', address: paco() }, transaction);
  assert.ok(verdict.kind === 'ok');
  const recipients = [{ address: verdict.address }];
  const begun = await host.begin(
    { reversePath: null, recipients, body: '7BIT', smtpUtf8: false },
    otherServer,
  );
  assert.ok(begun.kind === 'ok');
  await begun.incoming.write(Buffer.from('Subject: once\r\n\r\n'));
  assert.equal((await begun.incoming.finish()).kind, 'queued');
  assert.equal(asked(), 1);
});

test('at the end of a message that came for a minute, its recipient is looked up again', async () => {
  const { recipients, clock, asked } = asking();
  const address = paco();
  await recipients.ask(address);
  await clock.advance(59_999);
  await recipients.recall(address);
  assert.equal(asked(), 1);
  await clock.advance(1);
  await recipients.recall(address);
  assert.equal(asked(), 2);
});

test('a recipient that nobody has asked for is looked up', async () => {
  const { recipients, asked } = asking();
  await recipients.recall(paco());
  assert.equal(asked(), 1);
});
