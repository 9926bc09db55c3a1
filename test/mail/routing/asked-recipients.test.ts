/** How long what RCPT heard of a recipient is believed. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AskedRecipients } from '../../../mail/routing/asked-recipients.ts';
import type { Resolution } from '../../../mail/routing/directory-port.ts';
import { ManualClock } from '../../contracts/manual-clock.ts';

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
  return { recipients: new AskedRecipients({ directory, clock }), clock, asked: () => times };
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
