import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addAlias, addRejection, removeAlias, setAlias } from '../../../mail/directory/change-alias.ts';
import { findAliasesOf, listAliases } from '../../../mail/directory/listing.ts';
import { account, address, directoryKit, done, refused } from './directory-kit.ts';

test('an alias has several targets, each once, in canonical form, and can be given others', async () => {
  await using kit = await directoryKit('example.test', 'other.test');
  await account(kit, 'ann@example.test');
  await account(kit, 'bob@other.test');
  const { alias, warnings } = await done(
    addAlias(kit.ports, {
      address: 'Team@example.test',
      targets: ['Ann@Example.test', 'bob+team@other.test', 'ann@example.test'],
    }),
  );
  assert.deepEqual(warnings, []);
  assert.deepEqual(alias.kind === 'alias' && alias.targets, ['ann@example.test', 'bob+team@other.test']);
  await done(setAlias(kit.ports, { address: 'team@example.test', targets: ['bob@other.test'] }));
  assert.deepEqual(await kit.directory.resolveRecipient(address('team@example.test')), {
    kind: 'alias',
    targets: ['bob@other.test'],
  });
  assert.deepEqual(await findAliasesOf(kit.ports, 'bob@other.test'), ['team@example.test']);
  assert.deepEqual(await findAliasesOf(kit.ports, 'ann@example.test'), []);
});

test('targets may be of other servers, and are refused where nobody here has them unless allowed', async () => {
  await using kit = await directoryKit('example.test');
  const add = (targets: readonly string[], allowMissing = false) =>
    addAlias(kit.ports, { address: 'info@example.test', targets, allowMissing });
  assert.match(await refused(add([])), /needs a target/);
  assert.match(await refused(add(['ann@[127.0.0.1]'])), /is no address/);
  assert.match(await refused(add(['ann@example.test'])), /Nobody here has the address ann@example.test/);
  assert.match(
    await refused(add(Array.from({ length: 501 }, (_, at) => `a${at}@example.test`))),
    /at most 500 targets/,
  );
  const { warnings } = await done(add(['ann@example.test'], true));
  assert.deepEqual(warnings, ['Nobody here has the address ann@example.test yet.']);
  const out = await done(
    addAlias(kit.ports, { address: 'out@example.test', targets: ['ann@elsewhere.test'] }),
  );
  assert.deepEqual(
    [out.alias.kind === 'alias' && out.alias.targets, out.warnings],
    [['ann@elsewhere.test'], []],
  );
});

test('an alias never leads back to itself', async () => {
  await using kit = await directoryKit('example.test');
  await account(kit, 'ann@example.test');
  const add = (text: string, target: string) =>
    addAlias(kit.ports, { address: text, targets: [target], allowMissing: true });
  assert.match(await refused(add('a@example.test', 'A@example.test')), /lead back to itself/);
  await done(add('a@example.test', 'b@example.test'));
  await done(add('b@example.test', 'c@example.test'));
  assert.match(await refused(add('c@example.test', 'a@example.test')), /lead back to itself/);
  const circle = setAlias(kit.ports, { address: 'b@example.test', targets: ['a@example.test'] });
  assert.match(await refused(circle), /lead back to itself/);
  await done(add('c@example.test', 'ann@example.test'));
});

test('aliases and refusing addresses are listed and removed, and accounts are not among them', async () => {
  await using kit = await directoryKit('example.test');
  await account(kit, 'ann@example.test');
  await done(addAlias(kit.ports, { address: 'info@example.test', targets: ['ann@example.test'] }));
  await done(addRejection(kit.ports, { address: 'gone@example.test', reason: 'She left' }));
  assert.match(
    await refused(addRejection(kit.ports, { address: 'x@example.test', reason: 'two\r\nlines' })),
    /one line/,
  );
  const page = await done(listAliases(kit.ports, { limit: 10 }));
  assert.deepEqual(
    page.entries.map(({ address: text, kind }) => [text, kind]),
    [
      ['gone@example.test', 'rejected'],
      ['info@example.test', 'alias'],
    ],
  );
  assert.match(await refused(removeAlias(kit.ports, 'ann@example.test')), /is an account/);
  assert.match(await refused(removeAlias(kit.ports, 'none@example.test')), /no alias/);
  await done(removeAlias(kit.ports, 'INFO@example.test'));
  await done(removeAlias(kit.ports, 'gone@example.test'));
  assert.deepEqual((await done(listAliases(kit.ports, { limit: 10 }))).entries, []);
  assert.deepEqual(await kit.directory.resolveRecipient(address('info@example.test')), { kind: 'unknown' });
});
