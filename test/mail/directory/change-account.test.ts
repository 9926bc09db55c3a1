import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Secret } from '../../../mail/auth/secret.ts';
import {
  addAccount,
  removeAccount,
  setAccountStatus,
  setPassword,
  setQuota,
} from '../../../mail/directory/change-account.ts';
import { addAlias } from '../../../mail/directory/change-alias.ts';
import { addCredential } from '../../../mail/directory/change-credential.ts';
import { setDomain } from '../../../mail/directory/change-domain.ts';
import { listAccounts } from '../../../mail/directory/listing.ts';
import type { Fault } from '../mailbox/mail-kit.ts';
import { account, address, directoryKit, done, everything, refused } from './directory-kit.ts';

test('a new account has its address, its mailboxes and its quota at once', async () => {
  await using kit = await directoryKit('example.test');
  const { account: made, generatedPassword } = await done(
    addAccount(kit.ports, {
      address: 'Ann@Example.test',
      password: new Secret('correct horse'),
      quotaBytes: 5_000,
    }),
  );
  assert.match(made.id, /^[a-z2-7]{13}$/);
  assert.equal(made.address, 'ann@example.test');
  assert.equal(generatedPassword, undefined);
  assert.deepEqual(await kit.directory.findAccountByAddress(address('ANN@example.test')), made);
  const usage = await kit.ports.mail.account(made.id).usage();
  assert.equal(usage.kind === 'usage' && usage.quotaBytes, 5_000);
  const inbox = await kit.ports.mail.account(made.id).findMailbox('INBOX');
  assert.equal(inbox.kind, 'found');
});

test('without a password one is made, of four groups of five letters, and it is right', async () => {
  await using kit = await directoryKit('example.test');
  const { account: made, generatedPassword } = await done(
    addAccount(kit.ports, { address: 'ann@example.test' }),
  );
  assert.ok(generatedPassword);
  assert.match(generatedPassword.reveal(), /^[a-z]{5}(-[a-z]{5}){3}$/);
  const check = await kit.ports.hasher.verify(generatedPassword, made.passwordVerifier);
  assert.deepEqual(check, { matches: true, rehash: false });
  assert.equal(JSON.stringify(generatedPassword), '"[secret]"');
});

test('of those who add one address at once, one wins, whatever it is to be', async () => {
  await using kit = await directoryKit('example.test');
  await account(kit, 'bob@example.test');
  const text = 'ann@example.test';
  const results = await Promise.all([
    addAccount(kit.another(2), { address: text }),
    addAccount(kit.another(3), { address: 'ANN@example.test' }),
    addAlias(kit.another(4), { address: text, targets: ['bob@example.test'] }),
    addAccount(kit.another(5), { address: text }),
  ]);
  assert.deepEqual(results.map(({ kind }) => kind).sort(), ['done', 'refused', 'refused', 'refused']);
  for (const result of results) if (result.kind === 'refused') assert.match(result.reason, /is here already/);
});

test('an address of another domain, a wrong one and a weak password are refused', async () => {
  await using kit = await directoryKit('example.test');
  const add = (text: string, password?: string) =>
    addAccount(kit.ports, {
      address: text,
      ...(password === undefined ? {} : { password: new Secret(password) }),
    });
  assert.match(await refused(add('ann@other.test')), /no domain of this server/);
  for (const text of [
    '',
    'ann',
    '@example.test',
    'ann@[127.0.0.1]',
    'a b@example.test',
    'ann@example.test\n.x',
  ])
    assert.match(await refused(add(text)), /is no address/, text);
  assert.match(await refused(add('ann@example.test', 'short')), /at least 8 characters/);
  assert.match(await refused(add('ann@example.test', 'with\0nul in it')), /control characters/);
  assert.match(await refused(add('ann@example.test', 'p'.repeat(1025))), /longer than/);
  assert.equal(kit.hashesMade(), 0);
});

test('a password is set, sessions are told, and the answer is lost without harm', async () => {
  await using kit = await directoryKit('example.test');
  const id = await account(kit, 'ann@example.test');
  const faults: (Fault | undefined)[] = ['answerLost', 'conflict', 'requestLost', 'throttled', 'late'];
  for (const fault of faults) {
    kit.ports.wake.published.length = 0;
    let met = false;
    kit.table.faultFor = () => (met ? undefined : ((met = true), fault));
    const password = new Secret(`new words ${fault}`);
    await done(setPassword(kit.ports, { address: 'ann@example.test', password }));
    kit.table.faultFor = () => undefined;
    const after = await kit.directory.findAccount(id);
    const check = await kit.ports.hasher.verify(password, after?.passwordVerifier);
    assert.equal(check.matches, true, fault);
    assert.deepEqual(kit.ports.wake.published, [{ kind: 'access', account: id }]);
  }
  assert.match(await refused(setPassword(kit.ports, { address: 'bob@example.test' })), /no account/);
});

test('changes of one account at once are all made', async () => {
  await using kit = await directoryKit('example.test');
  const id = await account(kit, 'ann@example.test');
  const text = 'ann@example.test';
  await Promise.all([
    done(setAccountStatus(kit.another(2), { address: text, status: 'suspended' })),
    done(setPassword(kit.another(3), { address: text, password: new Secret('another one') })),
    done(addCredential(kit.another(4), { address: text, name: 'phone' })),
  ]);
  const after = await kit.directory.findAccount(id);
  assert.equal(after?.status, 'suspended');
  const check = await kit.ports.hasher.verify(new Secret('another one'), after.passwordVerifier);
  assert.equal(check.matches, true);
  assert.equal((await kit.directory.listCredentials(id)).length, 1);
});

test('the quota is the mailbox’s', async () => {
  await using kit = await directoryKit('example.test');
  const id = await account(kit, 'ann@example.test');
  const quota = async () => {
    const usage = await kit.ports.mail.account(id).usage();
    return usage.kind === 'usage' ? usage.quotaBytes : 'gone';
  };
  await done(setQuota(kit.ports, { address: 'ann@example.test', quotaBytes: 10 }));
  assert.equal(await quota(), 10);
  await done(setQuota(kit.ports, { address: 'ann@example.test', quotaBytes: undefined }));
  assert.equal(await quota(), undefined);
});

test('a removed account leaves nothing to a new one of its address', async () => {
  await using kit = await directoryKit('example.test');
  const old = await account(kit, 'ann@example.test');
  await done(addCredential(kit.ports, { address: 'ann@example.test', name: 'phone' }));
  await done(removeAccount(kit.ports, 'ann@example.test'));
  assert.deepEqual(kit.ports.wake.published.at(-1), { kind: 'access', account: old });
  assert.equal(await kit.directory.findAccount(old), undefined);
  assert.deepEqual(await kit.directory.listCredentials(old), []);
  assert.equal((await kit.ports.mail.account(old).usage()).kind, 'gone');
  assert.deepEqual(await everything(kit.table, ['domain#example.test', 'address#ann@example.test']), [
    'domain#example.test domain',
  ]);
  const young = await account(kit, 'ann@example.test');
  assert.notEqual(young, old);
  assert.deepEqual(await kit.directory.listCredentials(young), []);
  const usage = await kit.ports.mail.account(young).usage();
  assert.equal(usage.kind === 'usage' && usage.messages, 0);
});

test('a removal that stopped halfway is finished by the same again', async () => {
  await using kit = await directoryKit('example.test');
  const id = await account(kit, 'ann@example.test');
  await kit.ports.mail.account(id).remove();
  assert.match(
    await refused(setQuota(kit.ports, { address: 'ann@example.test', quotaBytes: 1 })),
    /being removed/,
  );
  await done(removeAccount(kit.ports, 'ann@example.test'));
  assert.equal(await kit.directory.findAccount(id), undefined);
  assert.match(await refused(removeAccount(kit.ports, 'ann@example.test')), /no account/);
});

test('who gets the catch-all’s or postmaster’s mail stays until another is named', async () => {
  await using kit = await directoryKit('example.test');
  await account(kit, 'ann@example.test');
  await account(kit, 'bob@example.test');
  await done(setDomain(kit.ports, 'example.test', { catchAll: 'ann@example.test' }));
  assert.match(await refused(removeAccount(kit.ports, 'ann@example.test')), /mail of all other addresses/);
  await done(
    setDomain(kit.ports, 'example.test', { catchAll: 'bob@example.test', postmaster: 'ann@example.test' }),
  );
  assert.match(await refused(removeAccount(kit.ports, 'ann@example.test')), /postmaster@example.test/);
  await done(setDomain(kit.ports, 'example.test', { postmaster: null }));
  await done(removeAccount(kit.ports, 'ann@example.test'));
});

test('accounts are listed by domain and address, in pages', async () => {
  await using kit = await directoryKit('b.test', 'a.test', 'c.test');
  for (const text of ['zoe@a.test', 'ann@b.test', 'bob@a.test', 'eve@c.test', 'dan@b.test'])
    await account(kit, text);
  await done(addAlias(kit.ports, { address: 'ann@a.test', targets: ['zoe@a.test'] }));
  const all = ['bob@a.test', 'zoe@a.test', 'ann@b.test', 'dan@b.test', 'eve@c.test'];
  for (const limit of [1, 2, 3, 5, 100]) {
    const listed: string[] = [];
    let after: string | undefined;
    do {
      const page = await done(listAccounts(kit.ports, { limit, after }));
      assert.ok(page.entries.length <= limit);
      listed.push(...page.entries.map((entry) => entry.address));
      after = page.next;
    } while (after !== undefined);
    assert.deepEqual(listed, all, `limit ${limit}`);
  }
  const one = await done(listAccounts(kit.ports, { domain: 'B.test', limit: 10 }));
  assert.deepEqual(
    one.entries.map((entry) => entry.address),
    ['ann@b.test', 'dan@b.test'],
  );
  assert.match(await refused(listAccounts(kit.ports, { domain: 'x.test', limit: 10 })), /no domain/);
});
