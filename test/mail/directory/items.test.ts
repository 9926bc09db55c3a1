import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  accountItem,
  parseAccountItem,
  parseMemberItem,
  type Account,
} from '../../../mail/directory/account.ts';
import { addressItem, parseAddressItem, type AddressEntry } from '../../../mail/directory/address-entry.ts';
import { newAccountId } from '../../../mail/directory/account-id.ts';
import { credentialItem, parseCredentialItem, type Credential } from '../../../mail/directory/credential.ts';
import { domainItem, parseDomainItem, type Domain } from '../../../mail/directory/domain.ts';
import { DamagedItem } from '../../../mail/mailbox/types.ts';
import type { Item } from '../../../mail/ports/table.ts';
import { seededRandom } from '../mailbox/mail-kit.ts';

const createdAt = '2026-11-24T00:00:00.000Z';
const id = newAccountId(seededRandom(7));
const base = { address: 'ann@example.test', createdAt, revision: 3 };

const domain: Domain = {
  name: 'example.test',
  status: 'active',
  catchAll: undefined,
  postmaster: 'ann@example.test',
  createdAt,
  revision: 3,
};
const account: Account = {
  id,
  ...base,
  status: 'suspended',
  passwordVerifier: '$scrypt$',
  passwordChangedAt: createdAt,
};
const credential: Credential = {
  name: 'phone',
  scopes: ['send', 'pop3'],
  verifier: '$hmac-sha256$',
  createdAt,
  lastUsedAt: undefined,
  revision: 1,
};
const entries: readonly AddressEntry[] = [
  { ...base, kind: 'account', accountId: id },
  { ...base, kind: 'alias', targets: ['bob@example.test'] },
  { ...base, kind: 'rejected', reason: undefined },
  { ...base, kind: 'rejected', reason: 'She left' },
];

test('what is written is what is read', () => {
  assert.deepEqual(parseDomainItem(domainItem(domain)), domain);
  assert.deepEqual(parseAccountItem(accountItem(account)), account);
  assert.deepEqual(parseCredentialItem(credentialItem(id, credential)), credential);
  for (const entry of entries) assert.deepEqual(parseAddressItem(addressItem(entry)), entry);
});

test('keys are those of the schema', () => {
  const keys = [domainItem(domain), accountItem(account), credentialItem(id, credential)].map(
    ({ pk, sk }) => [pk, sk],
  );
  assert.deepEqual(keys, [
    ['domain#example.test', 'domain'],
    [`account#${id}`, 'account'],
    [`account#${id}`, 'credential#phone'],
  ]);
  const { pk, sk } = addressItem({ ...base, kind: 'rejected', reason: undefined });
  assert.deepEqual([pk, sk], ['address#ann@example.test', 'address']);
});

test('an item that lacks something, or holds something strange, is a fault that says what', () => {
  const damage = (item: Item, parse: (item: Item) => unknown, attributes: readonly string[]) => {
    for (const attribute of attributes) {
      const { [attribute]: _, ...rest } = item;
      assert.throws(() => parse(rest as Item), DamagedItem, `without ${attribute}`);
      assert.throws(() => parse({ ...item, [attribute]: true }), DamagedItem, `strange ${attribute}`);
    }
  };
  damage(domainItem(domain), parseDomainItem, ['domain', 'status', 'createdAt', 'revision']);
  damage(accountItem(account), parseAccountItem, ['address', 'status', 'passwordVerifier', 'revision']);
  damage(credentialItem(id, credential), parseCredentialItem, ['name', 'scopes', 'verifier', 'revision']);
  for (const entry of entries) damage(addressItem(entry), parseAddressItem, ['address', 'does', 'revision']);
  assert.throws(() => parseAccountItem({ ...accountItem(account), status: 'asleep' }), DamagedItem);
  assert.throws(() => parseDomainItem({ ...domainItem(domain), status: 'asleep' }), DamagedItem);
  assert.throws(
    () => parseCredentialItem({ ...credentialItem(id, credential), scopes: ['all'] }),
    DamagedItem,
  );
  assert.throws(() => parseMemberItem({ pk: 'x', sk: 'y', address: 'a@b', accountId: 'no id' }), DamagedItem);
});

test('account ids are thirteen letters of base32, and differ', () => {
  const random = seededRandom(1);
  const ids = Array.from({ length: 1000 }, () => newAccountId(random));
  assert.equal(new Set(ids).size, 1000);
  for (const each of ids) assert.match(each, /^[a-z2-7]{13}$/);
});
