/** Who takes mail for a domain: RFC 5321 section 5.1, RFC 7505. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findExchangers, type OwnNames } from '../../../../mail/delivery/next-hop/exchangers.ts';
import { nextHopLimits } from '../../../../mail/delivery/next-hop/limits.ts';
import { fakeResolver } from '../../../contracts/fake-resolver.ts';
import type { Zone } from '../../../contracts/zone.ts';
import { seededRandom } from '../../../seeded-random.ts';

const mx = (...exchangers: readonly (readonly [preference: number, exchange: string])[]) => ({
  mx: exchangers.map(([preference, exchange]) => ({ preference, exchange })),
});

async function find(
  zone: Zone,
  { own = { names: [], addresses: [] }, seed = 1 }: { readonly own?: OwnNames; readonly seed?: number } = {},
): Promise<string> {
  const options = { resolver: fakeResolver(zone), own, random: seededRandom(seed), limits: nextHopLimits };
  const found = await findExchangers('example.test', options);
  if (found.kind === 'found')
    return found.addresses.map(({ exchange, address }) => `${exchange.split('.')[0]}=${address}`).join(' ');
  return found.kind === 'failed' ? `failed ${found.status}` : `later ${found.text}`;
}

const hosts: Zone = {
  'a.test': { a: ['192.0.2.1'] },
  'b.test': { a: ['192.0.2.2'] },
  'c.test': { a: ['192.0.2.3'] },
  'gone.test': { fails: 'SERVFAIL' },
  'empty.test': {},
};

test('exchangers are tried by preference', async () => {
  const zone = { ...hosts, 'example.test': mx([30, 'c.test'], [10, 'a.test'], [20, 'b.test']) };
  assert.equal(await find(zone), 'a=192.0.2.1 b=192.0.2.2 c=192.0.2.3');
});

test('equal exchangers are tried in any order, and none before a better one', async () => {
  const zone = { ...hosts, 'example.test': mx([10, 'a.test'], [10, 'b.test'], [20, 'c.test']) };
  const orders = new Set<string>();
  for (let seed = 0; seed < 30; seed++) orders.add(await find(zone, { seed }));
  assert.deepEqual([...orders].toSorted(), [
    'a=192.0.2.1 b=192.0.2.2 c=192.0.2.3',
    'b=192.0.2.2 a=192.0.2.1 c=192.0.2.3',
  ]);
});

test('each address of an exchanger is tried, of both families in turn, but not too many', async () => {
  const zone = {
    'example.test': mx([10, 'a.test']),
    'a.test': { aaaa: ['2001:db8::1', '2001:db8::2', '2001:db8::3'], a: ['192.0.2.1', '192.0.2.2'] },
  };
  assert.equal(await find(zone), 'a=2001:db8::1 a=192.0.2.1 a=2001:db8::2 a=192.0.2.2');
});

test('an exchanger that is there twice counts once', async () => {
  const zone = { ...hosts, 'example.test': mx([30, 'A.test'], [10, 'a.test']) };
  assert.equal(await find(zone), 'a=192.0.2.1');
});

test('a domain without MX is its own exchanger', async () => {
  assert.equal(await find({ 'example.test': { a: ['192.0.2.9'] } }), 'example=192.0.2.9');
  assert.equal(await find({ 'example.test': {} }), 'failed 5.1.2');
});

test('a null MX takes no mail (RFC 7505)', async () => {
  const alone = { 'example.test': { ...mx([0, '']), a: ['192.0.2.9'] } };
  assert.equal(await find(alone), 'failed 5.1.10');
  const among = { ...hosts, 'example.test': mx([0, ''], [10, 'a.test']) };
  assert.equal(await find(among), 'a=192.0.2.1');
});

test('a domain that does not exist takes no mail, and one of which nothing is known may later', async () => {
  assert.equal(await find({}), 'failed 5.1.2');
  assert.match(await find({ 'example.test': { fails: 'SERVFAIL' } }), /^later .*SERVFAIL/);
});

test('exchangers whose addresses are not known now are passed over, and waited for where there are no others', async () => {
  const some = { ...hosts, 'example.test': mx([10, 'gone.test'], [20, 'b.test']) };
  assert.equal(await find(some), 'b=192.0.2.2');
  const none = { ...hosts, 'example.test': mx([10, 'gone.test'], [20, 'empty.test'], [30, 'nowhere.test']) };
  assert.match(await find(none), /^later .*SERVFAIL/);
  const never = { ...hosts, 'example.test': mx([20, 'empty.test'], [30, 'nowhere.test']) };
  assert.equal(await find(never), 'failed 5.4.4');
});

test('exchangers that are addresses are refused', async () => {
  const zone = { ...hosts, 'example.test': mx([10, '192.0.2.7'], [20, 'b.test'], [30, '2001:db8::1']) };
  assert.equal(await find(zone), 'b=192.0.2.2');
  assert.equal(await find({ 'example.test': mx([10, '192.0.2.7']) }), 'failed 5.1.2');
});

test('address literals are refused', async () => {
  const options = {
    resolver: fakeResolver({}),
    own: { names: [], addresses: [] },
    random: () => 0,
    limits: nextHopLimits,
  };
  const found = await findExchangers('[192.0.2.1]', options);
  assert.ok(found.kind === 'failed' && found.status === '5.1.2');
});

test('only exchangers before this server itself are used, by its names and by its addresses', async () => {
  const zone = {
    ...hosts,
    'example.test': mx([10, 'a.test'], [20, 'b.test'], [20, 'c.test'], [30, 'empty.test']),
  };
  for (const own of [
    { names: ['B.test'], addresses: [] },
    { names: [], addresses: ['192.0.2.2'] },
    { names: ['empty.test'], addresses: ['192.0.2.3'] },
  ])
    assert.equal(await find(zone, { own }), 'a=192.0.2.1', JSON.stringify(own));
});

test('a domain whose best exchanger is this server itself loops', async () => {
  const zone = { ...hosts, 'example.test': mx([10, 'a.test'], [20, 'b.test']) };
  for (const own of [
    { names: ['a.test'], addresses: [] },
    { names: [], addresses: ['192.0.2.1'] },
  ])
    assert.equal(await find(zone, { own }), 'failed 5.4.6');
  const implicit = { 'example.test': { a: ['192.0.2.1'] } };
  assert.equal(await find(implicit, { own: { names: [], addresses: ['192.0.2.1'] } }), 'failed 5.4.6');
  assert.equal(await find(implicit, { own: { names: ['example.test'], addresses: [] } }), 'failed 5.4.6');
});

test('what this server is behind of is waited for, not given up', async () => {
  const zone = { ...hosts, 'example.test': mx([10, 'gone.test'], [20, 'b.test']) };
  assert.match(await find(zone, { own: { names: ['b.test'], addresses: [] } }), /^later /);
});

test('loopback is this server itself, whatever a domain says', async () => {
  for (const address of ['127.0.0.1', '127.1.2.3', '0.0.0.0'])
    assert.equal(await find({ 'example.test': { a: [address] } }), 'failed 5.4.6', address);
  for (const address of ['::1', '::'])
    assert.equal(await find({ 'example.test': { aaaa: [address] } }), 'failed 5.4.6', address);
});

test('a domain with very many exchangers is not asked for all of them', async () => {
  const names = Array.from({ length: 500 }, (_, at) => `host${at}.test`);
  const zone: Zone = {
    'example.test': mx(...names.map((name, at) => [at, name] as const)),
    ...Object.fromEntries(names.map((name) => [name, { a: ['192.0.2.1'] }])),
  };
  assert.equal((await find(zone)).split(' ').length, nextHopLimits.exchangers);
});
