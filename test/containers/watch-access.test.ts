import assert from 'node:assert/strict';
import { test } from 'node:test';
import { watchAccess } from '../../containers/watch-access.ts';
import { setAccountStatus } from '../../mail/directory/change-account.ts';
import type { WakeUp } from '../../mail/ports/wake.ts';
import type { LoggedIn } from '../../mail/wire/engine.ts';
import { ManualClock } from '../contracts/manual-clock.ts';
import { account, directoryKit, done } from '../mail/directory/directory-kit.ts';

/** Ann is logged in; `stays`: whether her session was let alone. */
async function oneSession() {
  const kit = await directoryKit('example.test');
  const id = await account(kit, 'ann@example.test');
  const found = await kit.directory.findAccount(id);
  const principal: LoggedIn = {
    accountId: id,
    passwordSince: found?.passwordChangedAt ?? '',
  };
  const clock = new ManualClock();
  let stays = true;
  let hear: (wakeUp: WakeUp) => void = () => assert.fail('nobody listens');
  const watching = await watchAccess({
    directory: kit.ports.directory,
    log: kit.ports.log,
    clock,
    wake: {
      publish: () => Promise.resolve(),
      subscribe: async (listener) => {
        hear = listener;
        return { [Symbol.asyncDispose]: () => Promise.resolve() };
      },
    },
    listening: {
      leaveAccount: (accountId) => {
        if (accountId === id) stays = false;
        return 1;
      },
      leaveUnless: async (mayStay) => {
        stays &&= await mayStay(principal);
        return stays ? 0 : 1;
      },
    },
  });
  return {
    kit,
    clock,
    stays: () => stays,
    hear: (wakeUp: WakeUp) => hear(wakeUp),
    id,
    [Symbol.asyncDispose]: async () => {
      await watching[Symbol.asyncDispose]();
      await kit[Symbol.asyncDispose]();
    },
  };
}

const aQuarter = 15 * 60_000;

test('What Wake tells ends sessions at once', async () => {
  await using ann = await oneSession();
  ann.hear({ kind: 'mail', account: ann.id, rev: 3 });
  assert.equal(ann.stays(), true);
  ann.hear({ kind: 'access', account: ann.id });
  assert.equal(ann.stays(), false);
});

test('Where the wake-up is lost, sessions end within a quarter of an hour', async () => {
  await using ann = await oneSession();
  await ann.clock.advance(aQuarter);
  assert.equal(ann.stays(), true);
  await done(setAccountStatus(ann.kit.ports, { address: 'ann@example.test', status: 'suspended' }));
  await ann.clock.advance(aQuarter);
  assert.equal(ann.stays(), false);
});
