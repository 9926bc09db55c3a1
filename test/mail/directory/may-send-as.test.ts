import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setAccountStatus } from '../../../mail/directory/change-account.ts';
import { addAlias } from '../../../mail/directory/change-alias.ts';
import { setDomain } from '../../../mail/directory/change-domain.ts';
import { account, address, directoryKit, done } from './directory-kit.ts';

test('an account may send as its address, its subaddresses and its aliases, and as nobody else', async () => {
  await using kit = await directoryKit('example.test', 'other.test');
  const ann = await account(kit, 'ann@example.test');
  const bob = await account(kit, 'bob@example.test');
  await account(kit, 'bob+shop@example.test');
  const alias = (text: string, ...targets: string[]) => done(addAlias(kit.ports, { address: text, targets }));
  await alias('info@other.test', 'ann@example.test');
  await alias('team@example.test', 'bob@example.test', 'ann+team@example.test');
  await alias('shop@example.test', 'bob+shop@example.test');
  await done(setDomain(kit.ports, 'other.test', { catchAll: 'bob@example.test' }));
  const may = async (id: string, texts: readonly string[]) => {
    const allowed = await Promise.all(texts.map((text) => kit.directory.maySendAs(id, address(text))));
    return texts.filter((_, at) => allowed[at]);
  };
  const asked = [
    'ANN@example.test',
    'ann+x@example.test',
    'info@other.test',
    'info+x@other.test',
    'team@example.test',
    'bob@example.test',
    'bob+x@example.test',
    'bob+shop@example.test',
    'shop@example.test',
    'anything@other.test',
    'ann@elsewhere.test',
    'ann@[127.0.0.1]',
    'nobody@example.test',
    'postmaster@example.test',
  ];
  assert.deepEqual(await may(ann, asked), [
    'ANN@example.test',
    'ann+x@example.test',
    'info@other.test',
    'info+x@other.test',
    'team@example.test',
    'postmaster@example.test',
  ]);
  assert.deepEqual(await may(bob, asked), ['team@example.test', 'bob@example.test', 'bob+x@example.test']);
  assert.deepEqual(await may('unknown', asked), []);
  assert.deepEqual(await may('not an id', asked), []);
});

test('a suspended account may send as nobody', async () => {
  await using kit = await directoryKit('example.test');
  const ann = await account(kit, 'ann@example.test');
  assert.equal(await kit.directory.maySendAs(ann, address('ann@example.test')), true);
  await done(setAccountStatus(kit.ports, { address: 'ann@example.test', status: 'suspended' }));
  assert.equal(await kit.directory.maySendAs(ann, address('ann@example.test')), false);
});
