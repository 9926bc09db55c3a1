import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setAccountStatus } from '../../../mail/directory/change-account.ts';
import { addAlias, addRejection } from '../../../mail/directory/change-alias.ts';
import { setDomain } from '../../../mail/directory/change-domain.ts';
import { account, address, directoryKit, done, type DirectoryKit } from './directory-kit.ts';

const resolve = (kit: DirectoryKit, text: string) => kit.directory.resolveRecipient(address(text));

test('an address is found in any case and any form of its domain', async () => {
  await using kit = await directoryKit('example.test', 'bücher.example');
  const ann = await account(kit, 'Ann.Lee@Example.TEST');
  const jose = await account(kit, 'josé@bücher.example');
  for (const text of ['ann.lee@example.test', 'ANN.LEE@EXAMPLE.test', '"ann.lee"@example.test'])
    assert.deepEqual(await resolve(kit, text), {
      kind: 'account',
      accountId: ann,
      address: 'ann.lee@example.test',
    });
  for (const text of ['josé@xn--bcher-kva.example', 'JOSE\u0301@Bücher.example'])
    assert.deepEqual(await resolve(kit, text), {
      kind: 'account',
      accountId: jose,
      address: 'josé@xn--bcher-kva.example',
    });
});

test('a domain that is not ours, and an address literal, are elsewhere', async () => {
  await using kit = await directoryKit('example.test');
  await account(kit, 'ann@example.test');
  for (const text of ['ann@other.test', 'ann@sub.example.test', 'ann@[127.0.0.1]', 'ann@[IPv6:::1]'])
    assert.deepEqual(await resolve(kit, text), { kind: 'elsewhere' }, text);
  assert.deepEqual(await resolve(kit, 'bob@example.test'), { kind: 'unknown' });
});

test('a subaddress is its base, and its detail is told; an exact address comes first', async () => {
  await using kit = await directoryKit('example.test');
  const ann = await account(kit, 'ann@example.test');
  const shop = await account(kit, 'ann+shop@example.test');
  assert.deepEqual(await resolve(kit, 'Ann+News.Letters@example.test'), {
    kind: 'account',
    accountId: ann,
    address: 'ann@example.test',
    detail: 'News.Letters',
  });
  assert.deepEqual(await resolve(kit, 'ann+SHOP@example.test'), {
    kind: 'account',
    accountId: shop,
    address: 'ann+shop@example.test',
  });
  assert.deepEqual(await resolve(kit, 'bob+x@example.test'), { kind: 'unknown' });
  assert.deepEqual(await resolve(kit, '+x@example.test'), { kind: 'unknown' });
  await done(addAlias(kit.ports, { address: 'info@example.test', targets: ['ann@example.test'] }));
  assert.deepEqual(await resolve(kit, 'info+2026@example.test'), {
    kind: 'alias',
    targets: ['ann@example.test'],
  });
});

test('postmaster and abuse go to the first account that can read them', async () => {
  await using kit = await directoryKit('example.test');
  const zoe = await account(kit, 'zoe@example.test');
  const ann = await account(kit, 'ann@example.test');
  for (const text of ['postmaster@example.test', 'PostMaster@example.test', 'abuse@example.test'])
    assert.deepEqual(await resolve(kit, text), {
      kind: 'account',
      accountId: zoe,
      address: 'zoe@example.test',
    });
  await done(setAccountStatus(kit.ports, { address: 'zoe@example.test', status: 'suspended' }));
  const second = await resolve(kit, 'postmaster+x@example.test');
  assert.equal(second.kind === 'account' && second.accountId, ann);
  await done(setAccountStatus(kit.ports, { address: 'ann@example.test', status: 'suspended' }));
  assert.deepEqual(await resolve(kit, 'postmaster@example.test'), { kind: 'suspended' });
});

test("the domain's own setting, and an address of that name, come before the first account", async () => {
  await using kit = await directoryKit('example.test');
  await account(kit, 'ann@example.test');
  await account(kit, 'bob@example.test');
  await done(setDomain(kit.ports, 'example.test', { postmaster: 'bob@example.test' }));
  for (const text of ['postmaster@example.test', 'abuse@example.test'])
    assert.deepEqual(await resolve(kit, text), { kind: 'alias', targets: ['bob@example.test'] });
  const abuse = await account(kit, 'abuse@example.test');
  const found = await resolve(kit, 'abuse@example.test');
  assert.equal(found.kind === 'account' && found.accountId, abuse);
});

test('postmaster without a domain, at a literal, and at a domain without accounts is the oldest domain’s', async () => {
  await using kit = await directoryKit('zebra.test', 'alpha.test', 'empty.test');
  assert.equal(await kit.directory.postmaster(), undefined);
  assert.deepEqual(await resolve(kit, 'postmaster@empty.test'), { kind: 'unknown' });
  assert.deepEqual(await resolve(kit, 'postmaster@[127.0.0.1]'), { kind: 'elsewhere' });
  await account(kit, 'ann@alpha.test');
  await account(kit, 'zoe@zebra.test');
  const server = { localPart: 'postmaster', domain: 'zebra.test' };
  assert.deepEqual(await kit.directory.postmaster(), server);
  for (const text of ['postmaster@empty.test', 'abuse@empty.test', 'Postmaster@[127.0.0.1]'])
    assert.deepEqual(await resolve(kit, text), { kind: 'alias', targets: ['postmaster@zebra.test'] }, text);
});

test('a catch-all takes what nothing else does, and never sends itself in a circle', async () => {
  await using kit = await directoryKit('example.test');
  await account(kit, 'ann@example.test');
  await done(setDomain(kit.ports, 'example.test', { catchAll: 'ann@example.test' }));
  const caught = { kind: 'alias', targets: ['ann@example.test'] };
  assert.deepEqual(await resolve(kit, 'nobody@example.test'), caught);
  assert.deepEqual(await resolve(kit, 'no+body@example.test'), caught);
  const postmaster = await resolve(kit, 'postmaster@example.test');
  assert.equal(postmaster.kind, 'account');
  await done(setDomain(kit.ports, 'example.test', { catchAll: null }));
  assert.deepEqual(await resolve(kit, 'nobody@example.test'), { kind: 'unknown' });
});

test('suspended accounts and domains say so, and an address may refuse mail', async () => {
  await using kit = await directoryKit('example.test');
  await account(kit, 'ann@example.test');
  await done(addRejection(kit.ports, { address: 'gone@example.test', reason: 'She has left' }));
  await done(addRejection(kit.ports, { address: 'never@example.test' }));
  await done(setAccountStatus(kit.ports, { address: 'ann@example.test', status: 'suspended' }));
  assert.deepEqual(await resolve(kit, 'ann+x@example.test'), { kind: 'suspended' });
  assert.deepEqual(await resolve(kit, 'gone@example.test'), { kind: 'rejected', reason: 'She has left' });
  assert.deepEqual(await resolve(kit, 'never@example.test'), { kind: 'rejected' });
  await done(setAccountStatus(kit.ports, { address: 'ann@example.test', status: 'active' }));
  assert.equal((await resolve(kit, 'ann@example.test')).kind, 'account');
  await done(setDomain(kit.ports, 'example.test', { status: 'suspended' }));
  assert.deepEqual(await resolve(kit, 'ann@example.test'), { kind: 'suspended' });
  assert.deepEqual(await resolve(kit, 'nobody@example.test'), { kind: 'suspended' });
});
