import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import {
  accountAdd,
  accountList,
  accountPassword,
  accountQuota,
  accountRemove,
  accountResume,
  accountShow,
  accountSuspend,
} from '../../../lambdas/admin/account-commands.ts';
import {
  aliasAdd,
  aliasList,
  aliasRefuse,
  aliasRemove,
  aliasSet,
} from '../../../lambdas/admin/alias-commands.ts';
import {
  credentialAdd,
  credentialList,
  credentialRemove,
} from '../../../lambdas/admin/credential-commands.ts';
import { domainAdd, domainList, domainRemove, domainSet } from '../../../lambdas/admin/domain-commands.ts';
import { Secret } from '../../../mail/auth/secret.ts';
import { directoryKit, done, refused, type DirectoryKit } from '../../mail/directory/directory-kit.ts';

const ann = 'ann@example.test';

async function withAnn(): Promise<DirectoryKit> {
  const kit = await directoryKit('example.test');
  await done(accountAdd(kit.ports, { address: ann, password: 'correct horse', quotaBytes: 5000 }));
  return kit;
}

/** What `--json` would print. */
const printed = (result: unknown): unknown => JSON.parse(JSON.stringify(result));

test('domain commands show plain values, with null where nothing is set', async () => {
  await using kit = await withAnn();
  const createdAt = new Date(kit.clock.now()).toISOString();
  assert.deepEqual(await domainAdd(kit.ports, { domain: 'Other.test' }), {
    kind: 'done',
    domain: { domain: 'other.test', status: 'active', catchAll: null, postmaster: null, createdAt },
  });
  const set = await done(domainSet(kit.ports, { domain: 'other.test', catchAll: ann, status: 'suspended' }));
  assert.deepEqual([set.domain.catchAll, set.domain.status], [ann, 'suspended']);
  const { domains } = await done(domainList(kit.ports, {}));
  assert.deepEqual(
    domains.map(({ domain }) => domain),
    ['example.test', 'other.test'],
  );
  assert.match(await refused(domainSet(kit.ports, { domain: 'other.test' })), /nothing to set/);
  assert.match(await refused(domainRemove(kit.ports, { domain: 'example.test' })), /has accounts/);
  assert.deepEqual(await domainRemove(kit.ports, { domain: 'example.test', force: true }), {
    kind: 'done',
    domain: 'example.test',
    accountsRemoved: 1,
    aliasesRemoved: 0,
  });
});

test('an account is shown with what it holds, its app passwords and its aliases', async () => {
  await using kit = await withAnn();
  await done(aliasAdd(kit.ports, { address: 'info@example.test', targets: [ann] }));
  await done(credentialAdd(kit.ports, { address: ann, name: 'phone', scopes: ['pop3'] }));
  const shown = await done(accountShow(kit.ports, { address: 'ANN@example.test' }));
  const { account, credentials, aliases } = shown;
  assert.deepEqual([account.address, account.status, account.quotaBytes], [ann, 'active', 5000]);
  assert.deepEqual([account.usedBytes, account.messages], [0, 0]);
  assert.deepEqual(
    credentials.map(({ name, scopes, lastUsedAt }) => [name, scopes, lastUsedAt]),
    [['phone', ['pop3'], null]],
  );
  assert.deepEqual(aliases, ['info@example.test']);
  assert.equal(JSON.stringify(shown).includes('$'), false, 'no verifier is shown');
});

test('quota, suspension and removal', async () => {
  await using kit = await withAnn();
  const { ports } = kit;
  await done(aliasAdd(ports, { address: 'info@example.test', targets: [ann] }));
  const unlimited = await done(accountQuota(ports, { address: ann, quotaBytes: null }));
  assert.equal(unlimited.account.quotaBytes, null);
  const suspended = await done(accountSuspend(ports, { address: ann }));
  assert.equal(suspended.account.status, 'suspended');
  const resumed = await done(accountResume(ports, { address: ann }));
  assert.equal(resumed.account.status, 'active');
  const removed = await done(accountRemove(ports, { address: ann }));
  assert.deepEqual([removed.address, removed.danglingAliases], [ann, ['info@example.test']]);
  assert.match(await refused(accountShow(ports, { address: ann })), /no account/);
});

test('a password that was made is given once, wrapped; one that was given is not given back', async () => {
  await using kit = await withAnn();
  const made = await done(accountAdd(kit.ports, { address: 'bob@example.test' }));
  assert.match(made.password?.reveal() ?? '', /^[a-z]{5}(-[a-z]{5}){3}$/);
  assert.equal((printed(made) as { password: string }).password, '[secret]');
  const given = await done(
    accountPassword(kit.ports, { address: ann, password: new Secret('battery staple') }),
  );
  assert.equal('password' in given, false);
  const again = await done(accountPassword(kit.ports, { address: ann }));
  assert.ok(again.password);
});

test('accounts and aliases are listed in pages', async () => {
  await using kit = await withAnn();
  for (const name of ['bob', 'cyd', 'dan']) {
    await done(accountAdd(kit.ports, { address: `${name}@example.test` }));
    await done(aliasAdd(kit.ports, { address: `x-${name}@example.test`, targets: [ann] }));
  }
  const first = await done(accountList(kit.ports, { limit: 3 }));
  assert.deepEqual(
    first.accounts.map(({ address }) => address),
    [ann, 'bob@example.test', 'cyd@example.test'],
  );
  const second = await done(accountList(kit.ports, { limit: 3, after: first.next ?? '' }));
  assert.deepEqual(
    second.accounts.map(({ address }) => address),
    ['dan@example.test'],
  );
  assert.equal(second.next, null);
  const all = await done(aliasList(kit.ports, { domain: 'example.test' }));
  assert.equal(all.aliases.length, 3);
});

test('aliases are set, refuse mail, and are removed', async () => {
  await using kit = await withAnn();
  const { ports } = kit;
  const missing = { address: 'info@example.test', targets: ['bob@example.test'] };
  assert.match(await refused(aliasAdd(ports, missing)), /Nobody here/);
  const added = await done(aliasAdd(ports, { ...missing, allowMissing: true }));
  assert.equal(added.warnings.length, 1);
  const set = await done(aliasSet(ports, { address: 'info@example.test', targets: [ann] }));
  assert.deepEqual([set.alias.targets, set.warnings], [[ann], []]);
  const refusing = await done(aliasRefuse(ports, { address: 'gone@example.test' }));
  assert.deepEqual([refusing.alias.refusesMail, refusing.alias.targets], [true, []]);
  await done(aliasRemove(ports, { address: 'gone@example.test' }));
  await done(aliasRemove(ports, { address: 'info@example.test' }));
  assert.deepEqual((await done(aliasList(ports, {}))).aliases, []);
});

test('app passwords are added, listed and removed', async () => {
  await using kit = await withAnn();
  const added = await done(credentialAdd(kit.ports, { address: ann, name: 'phone' }));
  assert.deepEqual(added.credential.scopes, ['send', 'imap', 'pop3']);
  const listed = await done(credentialList(kit.ports, { address: ann }));
  assert.deepEqual(listed.credentials, [added.credential]);
  assert.equal(JSON.stringify(listed).includes('$'), false, 'no verifier is shown');
  await done(credentialRemove(kit.ports, { address: ann, name: 'phone' }));
  assert.deepEqual((await done(credentialList(kit.ports, { address: ann }))).credentials, []);
});

test('input that is not as the command wants it is refused by name, never with its value', async () => {
  await using kit = await withAnn();
  const { ports } = kit;
  const wrong: [string, Promise<{ readonly kind: string }>][] = [
    ['quotaBytes', accountQuota(ports, { address: ann, quotaBytes: -1 })],
    ['quotaBytes', accountQuota(ports, { address: ann, quotaBytes: 1.5 })],
    ['password', accountAdd(ports, { address: 'b@example.test', password: 'hunter2'.repeat(1000) })],
    ['password', accountAdd(ports, { address: 'b@example.test', password: 7 as never })],
    ['scopes.0', credentialAdd(ports, { address: ann, name: 'x', scopes: ['everything' as never] })],
    ['status', domainSet(ports, { domain: 'example.test', status: 'removing' as never })],
    ['limit', accountList(ports, { limit: 0 })],
    ['the whole', domainAdd(ports, { domain: 'x.test', more: 'hunter2' } as never)],
    ['domain', domainAdd(ports, {} as never)],
  ];
  for (const [name, promise] of wrong) {
    const reason = await refused(promise);
    assert.ok(reason.includes(`${name} is wrong`), reason);
    assert.equal(JSON.stringify(await promise).includes('hunter2'), false);
  }
});

test('each command leaves one line in the log, without a secret', async () => {
  await using kit = await withAnn();
  const { ports } = kit;
  const made = await done(accountPassword(ports, { address: ann }));
  await done(accountPassword(ports, { address: ann, password: 'battery staple' }));
  await refused(accountPassword(ports, { address: ann, password: 'short!' }));
  const { password } = await done(credentialAdd(ports, { address: ann, name: 'phone' }));
  assert.deepEqual(
    ports.log.lines.map(({ event, fields }) => [event, fields['command'], fields['subject']]),
    [
      ['admin.done', 'account add', ann],
      ['admin.done', 'account password', ann],
      ['admin.done', 'account password', ann],
      ['admin.refused', 'account password', ann],
      ['admin.done', 'credential add', ann],
    ],
  );
  const log = inspect(ports.log.lines, { depth: 20 });
  const secrets = [
    'correct horse',
    'battery staple',
    'short!',
    password.reveal(),
    made.password?.reveal() ?? '?',
  ];
  for (const secret of secrets) assert.equal(log.includes(secret), false);
});
