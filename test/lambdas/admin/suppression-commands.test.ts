/** The admin's commands for the suppression list. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  suppressionAdd,
  suppressionList,
  suppressionRemove,
} from '../../../lambdas/admin/suppression-commands.ts';
import { isRefused } from '../../../mail/directory/refused.ts';
import { suppress } from '../../../mail/delivery/suppression.ts';
import { RelayKit } from '../../mail/delivery/outbound/relay-kit.ts';

test('an address is added in its canonical form, listed with the reason, and removed once', async () => {
  await using kit = await RelayKit.open();
  await suppress(kit, { address: 'ann@there.test', reason: 'bounce', messageId: 'm1', detail: '550 no' });
  await suppressionAdd(kit, { address: 'BOB@There.test' });
  const listed = await suppressionList(kit, { limit: 1000 });
  assert.ok(!isRefused(listed));
  const at = new Date(kit.nowMs).toISOString();
  assert.deepEqual(listed.entries, [
    { address: 'ann@there.test', reason: 'bounce', at, messageId: 'm1', detail: '550 no' },
    { address: 'bob@there.test', reason: 'admin', at },
  ]);
  assert.equal(isRefused(await suppressionRemove(kit, { address: 'bob@THERE.test' })), false);
  assert.equal(isRefused(await suppressionRemove(kit, { address: 'bob@there.test' })), true);
});

test('a long list comes in pages', async () => {
  await using kit = await RelayKit.open();
  for (const name of ['a', 'b', 'c']) await suppressionAdd(kit, { address: `${name}@there.test` });
  const first = await suppressionList(kit, { limit: 2 });
  assert.ok(!isRefused(first));
  assert.equal(first.next, 'b@there.test');
  const second = await suppressionList(kit, { limit: 2, after: first.next });
  assert.ok(!isRefused(second));
  assert.deepEqual(
    second.entries.map(({ address }) => address),
    ['c@there.test'],
  );
  assert.equal(second.next, null);
});

test('what is no address is refused', async () => {
  await using kit = await RelayKit.open();
  assert.equal(isRefused(await suppressionAdd(kit, { address: 'nobody' })), true);
});
