import assert from 'node:assert/strict';
import { test } from 'node:test';
import { maxCredentials } from '../../../mail/auth/limits.ts';
import { addCredential, removeCredential } from '../../../mail/directory/change-credential.ts';
import { account, directoryKit, done, refused } from './directory-kit.ts';

test('an app password has a name and scopes, and is made here', async () => {
  await using kit = await directoryKit('example.test');
  const id = await account(kit, 'ann@example.test');
  const { credential, password } = await done(
    addCredential(kit.ports, {
      address: 'ann@example.test',
      name: ' Phone 2 ',
      scopes: ['pop3', 'send', 'pop3'],
    }),
  );
  assert.match(password.reveal(), /^[a-z]{5}(-[a-z]{5}){3}$/);
  assert.deepEqual([credential.name, credential.scopes], ['Phone 2', ['send', 'pop3']]);
  assert.deepEqual(await kit.directory.listCredentials(id), [credential]);
  assert.equal(credential.verifier.includes(password.reveal()), false);
});

test('names are checked and taken once, and something must be in scope', async () => {
  await using kit = await directoryKit('example.test');
  await account(kit, 'ann@example.test');
  const add = (name: string, scopes?: readonly 'send'[]) =>
    addCredential(kit.ports, { address: 'ann@example.test', name, scopes });
  await done(add('phone'));
  assert.match(await refused(add('phone')), /already/);
  for (const name of ['', '  ', '-x', 'a#b', 'x'.repeat(65), 'a\nb'])
    assert.match(await refused(add(name)), /1 to 64/, name);
  assert.match(await refused(add('nothing', [])), /good for something/);
  const stranger = addCredential(kit.ports, { address: 'bob@example.test', name: 'phone' });
  assert.match(await refused(stranger), /no account/);
});

test('an account never has more app passwords than the limit, even when they are added at once', async () => {
  await using kit = await directoryKit('example.test');
  const id = await account(kit, 'ann@example.test');
  for (let at = 1; at < maxCredentials; at++)
    await done(addCredential(kit.ports, { address: 'ann@example.test', name: `device ${at}` }));
  const results = await Promise.all(
    [2, 3, 4].map((seed) =>
      addCredential(kit.another(seed), { address: 'ann@example.test', name: `last ${seed}` }),
    ),
  );
  assert.deepEqual(results.map(({ kind }) => kind).sort(), ['done', 'refused', 'refused']);
  assert.equal((await kit.directory.listCredentials(id)).length, maxCredentials);
});

test('removing an app password tells the sessions', async () => {
  await using kit = await directoryKit('example.test');
  const id = await account(kit, 'ann@example.test');
  await done(addCredential(kit.ports, { address: 'ann@example.test', name: 'phone' }));
  kit.ports.wake.published.length = 0;
  await done(removeCredential(kit.ports, { address: 'ann@example.test', name: 'phone' }));
  assert.deepEqual(kit.ports.wake.published, [{ kind: 'access', account: id }]);
  assert.deepEqual(await kit.directory.listCredentials(id), []);
  const again = removeCredential(kit.ports, { address: 'ann@example.test', name: 'phone' });
  assert.match(await refused(again), /no app password/);
});
