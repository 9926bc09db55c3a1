import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Principal, Scope } from '../../../mail/auth/authenticator.ts';
import { mayStay } from '../../../mail/auth/may-stay.ts';
import { createPasswordAuthenticator } from '../../../mail/auth/password-authenticator.ts';
import { Secret } from '../../../mail/auth/secret.ts';
import { removeAccount, setAccountStatus, setPassword } from '../../../mail/directory/change-account.ts';
import { addCredential, removeCredential } from '../../../mail/directory/change-credential.ts';
import { setDomain } from '../../../mail/directory/change-domain.ts';
import { MemoryMetrics } from '../../../drivers/system/metrics.ts';
import { account, directoryKit, done } from '../directory/directory-kit.ts';

const address = 'ann@example.test';
const password = 'correct horse';

/** Ann, logged in twice: by her own password and by that of her phone. */
async function loggedIn() {
  const kit = await directoryKit('example.test');
  const { ports } = kit;
  await account(kit, address);
  const phone = await done(addCredential(ports, { address, name: 'phone' }));
  await using authenticator = createPasswordAuthenticator({ ...ports, metrics: new MemoryMetrics() });
  const logIn = async (secret: Secret, scope: Scope): Promise<Principal> => {
    const answer = await authenticator.verify({
      user: address,
      password: secret,
      scope,
      remoteAddress: '192.0.2.1',
    });
    assert.equal(answer.kind, 'ok');
    return answer.principal;
  };
  const own = await logIn(new Secret(password), 'imap');
  const byPhone = await logIn(phone.password, 'pop3');
  return {
    ports,
    clock: kit.clock,
    /** Whether they may stay: who used the own password, and the phone. */
    stay: async () => [await mayStay(ports.directory, own), await mayStay(ports.directory, byPhone)],
    [Symbol.asyncDispose]: () => kit[Symbol.asyncDispose](),
  };
}

test('Who has logged in may stay while nothing of theirs has changed', async () => {
  await using ann = await loggedIn();
  assert.deepEqual(await ann.stay(), [true, true]);
  await done(addCredential(ann.ports, { address, name: 'desktop' }));
  assert.deepEqual(await ann.stay(), [true, true]);
});

test('Another password ends only what the old one opened', async () => {
  await using ann = await loggedIn();
  ann.clock.time += 1000;
  await done(setPassword(ann.ports, { address, password: new Secret('another horse') }));
  assert.deepEqual(await ann.stay(), [false, true]);
});

test('An app password that is removed, or made anew under its name, lets nobody stay who used it', async () => {
  await using ann = await loggedIn();
  await done(removeCredential(ann.ports, { address, name: 'phone' }));
  assert.deepEqual(await ann.stay(), [true, false]);
  ann.clock.time += 1000;
  await done(addCredential(ann.ports, { address, name: 'phone' }));
  assert.deepEqual(await ann.stay(), [true, false]);
});

test('Nobody stays whose account or domain is suspended, until it is resumed, or whose account is gone', async () => {
  await using ann = await loggedIn();
  await done(setAccountStatus(ann.ports, { address, status: 'suspended' }));
  assert.deepEqual(await ann.stay(), [false, false]);
  await done(setAccountStatus(ann.ports, { address, status: 'active' }));
  assert.deepEqual(await ann.stay(), [true, true]);
  await done(setDomain(ann.ports, 'example.test', { status: 'suspended' }));
  assert.deepEqual(await ann.stay(), [false, false]);
  await done(setDomain(ann.ports, 'example.test', { status: 'active' }));
  await done(removeAccount(ann.ports, address));
  assert.deepEqual(await ann.stay(), [false, false]);
});
