import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addAccount } from '../../../mail/directory/change-account.ts';
import { addAlias, addRejection } from '../../../mail/directory/change-alias.ts';
import { addDomain, closeDomain, setDomain } from '../../../mail/directory/change-domain.ts';
import { listDomains } from '../../../mail/directory/listing.ts';
import { removeDomain } from '../../../mail/directory/remove-domain.ts';
import { account, address, directoryKit, done, everything, refused } from './directory-kit.ts';

test('a domain is added once, in its canonical form', async () => {
  await using kit = await directoryKit();
  const { domain } = await done(addDomain(kit.ports, 'Bücher.Example.'));
  assert.equal(domain.name, 'xn--bcher-kva.example');
  assert.match(await refused(addDomain(kit.ports, 'XN--bcher-kva.example')), /is here already/);
  for (const text of ['', 'a b', '-a.test', '[127.0.0.1]', 'a..b', `${'a'.repeat(64)}.test`, 'x\n.test'])
    assert.match(await refused(addDomain(kit.ports, text)), /no domain name/, text);
});

test('of two that add one domain at once, one is refused', async () => {
  await using kit = await directoryKit();
  const results = await Promise.all([1, 2, 3].map((seed) => addDomain(kit.another(seed), 'example.test')));
  assert.deepEqual(results.map(({ kind }) => kind).sort(), ['done', 'refused', 'refused']);
});

test('domains are listed by name, and the oldest is first among names', async () => {
  await using kit = await directoryKit('zebra.test', 'alpha.test', 'middle.test');
  const listed = await listDomains(kit.ports);
  assert.deepEqual(
    listed.map(({ name }) => name),
    ['alpha.test', 'middle.test', 'zebra.test'],
  );
  assert.deepEqual(await kit.directory.listDomainNames(2), ['zebra.test', 'alpha.test']);
});

test('a catch-all and a postmaster must be addresses that somebody has, here or elsewhere', async () => {
  await using kit = await directoryKit('example.test');
  await account(kit, 'ann@example.test');
  const set = (settings: Parameters<typeof setDomain>[2]) => setDomain(kit.ports, 'example.test', settings);
  assert.match(await refused(set({ catchAll: 'bob@example.test' })), /Nobody here/);
  assert.match(await refused(set({ postmaster: 'ann' })), /is no address/);
  assert.match(await refused(setDomain(kit.ports, 'other.test', {})), /no domain of this server/);
  const { domain } = await done(set({ catchAll: 'Ann+rest@example.test', postmaster: 'ann@example.test' }));
  assert.equal(domain.catchAll, 'ann+rest@example.test');
  const later = await done(set({ catchAll: null }));
  assert.equal(later.domain.catchAll, undefined);
  assert.equal(later.domain.postmaster, 'ann@example.test');
  const out = await done(set({ postmaster: 'ann@elsewhere.test' }));
  assert.equal(out.domain.postmaster, 'ann@elsewhere.test');
});

test('a domain with accounts or aliases is removed only by force, and then wholly', async () => {
  await using kit = await directoryKit('example.test', 'other.test');
  const ann = await account(kit, 'ann@example.test');
  await account(kit, 'bob@example.test');
  await done(addAlias(kit.ports, { address: 'info@example.test', targets: ['ann@example.test'] }));
  await done(addRejection(kit.ports, { address: 'gone@example.test' }));
  await done(setDomain(kit.ports, 'example.test', { catchAll: 'ann@example.test' }));
  assert.match(await refused(removeDomain(kit.ports, { domain: 'example.test' })), /has accounts or aliases/);
  assert.equal((await kit.directory.findDomain('example.test'))?.status, 'active');
  const removed = await done(removeDomain(kit.ports, { domain: 'EXAMPLE.test', force: true }));
  assert.deepEqual([removed.accountsRemoved, removed.aliasesRemoved], [2, 2]);
  assert.deepEqual(
    await everything(kit.table, [
      'domain#example.test',
      'address#ann@example.test',
      'address#info@example.test',
    ]),
    [],
  );
  assert.deepEqual(await kit.directory.listDomainNames(), ['other.test']);
  assert.equal((await kit.ports.mail.account(ann).usage()).kind, 'gone');
  assert.deepEqual(await kit.directory.resolveRecipient(address('ann@example.test')), { kind: 'elsewhere' });
  await done(removeDomain(kit.ports, { domain: 'other.test' }));
  assert.match(await refused(removeDomain(kit.ports, { domain: 'other.test' })), /no domain of this server/);
});

test('nothing is added to a domain that is being removed, and its mail still comes', async () => {
  await using kit = await directoryKit('example.test');
  await account(kit, 'ann@example.test');
  await done(closeDomain(kit.ports, 'example.test'));
  assert.match(await refused(addAccount(kit.ports, { address: 'bob@example.test' })), /is being removed/);
  assert.equal((await kit.directory.resolveRecipient(address('ann@example.test'))).kind, 'account');
  await done(setDomain(kit.ports, 'example.test', { status: 'active' }));
  await done(addAccount(kit.ports, { address: 'bob@example.test' }));
});

test('an account added while its domain is removed is removed with it or refused, never left without one', async () => {
  const ends: string[] = [];
  for (const step of [0, 1, 2]) {
    await using kit = await directoryKit('example.test');
    const first = kit.table.commits;
    let added: string | undefined;
    kit.table.beforeCommit = async (commit) => {
      if (added !== undefined || commit !== first + step) return;
      added = 'under way';
      const result = await addAccount(kit.another(step + 2, kit.raw), { address: 'ann@example.test' });
      added = result.kind;
    };
    await done(removeDomain(kit.ports, { domain: 'example.test', force: true }));
    ends.push(added ?? 'no such step');
    assert.deepEqual(
      await everything(kit.table, ['domain#example.test', 'address#ann@example.test']),
      [],
      `before step ${step}`,
    );
  }
  assert.deepEqual(ends, ['done', 'refused', 'no such step']);
});
