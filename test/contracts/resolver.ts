/** The contract of Resolver: every driver passes it whole. */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { Resolver } from '../../mail/ports/resolver.ts';
import type { Zone } from './zone.ts';

export interface ResolverUnderTest extends AsyncDisposable {
  readonly resolver: Resolver;
}

const chain = (length: number): Zone =>
  Object.fromEntries(Array.from({ length }, (_, at) => [`c${at}.test`, { cname: `c${at + 1}.test` }]));

const zone: Zone = {
  'plain.test': {
    mx: [
      { preference: 20, exchange: 'b.plain.test' },
      { preference: 10, exchange: 'a.plain.test' },
    ],
    a: ['192.0.2.1', '192.0.2.2'],
    aaaa: ['2001:db8::1'],
  },
  'v4.test': { a: ['192.0.2.3'] },
  'v6.test': { aaaa: ['2001:db8::3'] },
  'null.test': { mx: [{ preference: 0, exchange: '' }], a: ['192.0.2.4'] },
  'bare.test': {},
  'alias.test': { cname: 'plain.test' },
  'alias-to-nothing.test': { cname: 'not-there.test' },
  'alias-to-bare.test': { cname: 'bare.test' },
  'alias-to-failure.test': { cname: 'servfail.test' },
  'loop.test': { cname: 'other-loop.test' },
  'other-loop.test': { cname: 'loop.test' },
  'self.test': { cname: 'self.test' },
  'servfail.test': { fails: 'SERVFAIL' },
  'refused.test': { fails: 'REFUSED' },
  'silent.test': { fails: 'silence' },
  'no-aaaa.test': { a: ['192.0.2.5'], fails: 'SERVFAIL', failing: ['AAAA'] },
  'only-aaaa-fails.test': { fails: 'SERVFAIL', failing: ['AAAA'] },
  ...chain(8),
  'c8.test': { mx: [{ preference: 1, exchange: 'mx.c8.test' }], a: ['192.0.2.8'] },
};

/** Registers the suite for a driver; `open` gives one that knows the zone, whose machine has IPv6. */
export function resolverContract(driver: string, open: (zone: Zone) => Promise<ResolverUnderTest>): void {
  const check = (name: string, body: (resolver: Resolver) => Promise<void>) => {
    test(name, async () => {
      await using under = await open(zone);
      await body(under.resolver);
    });
  };
  suite(`Resolver: ${driver}`, () => {
    check('MX records are found in the order of their preference', async (resolver) => {
      assert.deepEqual(await resolver.resolveMx('plain.test'), {
        kind: 'found',
        records: [
          { preference: 10, exchange: 'a.plain.test' },
          { preference: 20, exchange: 'b.plain.test' },
        ],
      });
    });

    check('the case of a name and a dot at its end mean nothing', async (resolver) => {
      const found = await resolver.resolveMx('plain.test');
      assert.deepEqual(await resolver.resolveMx('PLAIN.test'), found);
      assert.deepEqual(await resolver.resolveMx('plain.test.'), found);
    });

    check('the null MX has an empty exchange', async (resolver) => {
      assert.deepEqual(await resolver.resolveMx('null.test'), {
        kind: 'found',
        records: [{ preference: 0, exchange: '' }],
      });
    });

    check('addresses of both families come in one answer, IPv6 first', async (resolver) => {
      assert.deepEqual(await resolver.resolveAddresses('plain.test'), {
        kind: 'found',
        records: ['2001:db8::1', '192.0.2.1', '192.0.2.2'],
      });
      for (const [name, address] of [
        ['v4.test', '192.0.2.3'],
        ['v6.test', '2001:db8::3'],
      ] as const)
        assert.deepEqual(await resolver.resolveAddresses(name), { kind: 'found', records: [address] });
    });

    check('an address answers itself', async (resolver) => {
      for (const address of ['192.0.2.77', '2001:db8::77'])
        assert.deepEqual(await resolver.resolveAddresses(address), { kind: 'found', records: [address] });
    });

    check('a name without records is told apart from no name', async (resolver) => {
      for (const name of ['bare.test', 'alias-to-bare.test', 'v4.test'])
        assert.deepEqual(await resolver.resolveMx(name), { kind: 'none' }, name);
      assert.deepEqual(await resolver.resolveAddresses('bare.test'), { kind: 'none' });
      for (const name of ['not-there.test', 'alias-to-nothing.test']) {
        assert.deepEqual(await resolver.resolveMx(name), { kind: 'noName' }, name);
        assert.deepEqual(await resolver.resolveAddresses(name), { kind: 'noName' }, name);
      }
    });

    check('names that no DNS can hold are no names', async (resolver) => {
      const tooLong = Array<string>(32).fill('sevenup').join('.');
      for (const name of [
        '',
        '.',
        'a..test',
        `${'x'.repeat(64)}.test`,
        `${tooLong}.toolong.test`,
        'a b.test',
        'bücher.test',
      ])
        for (const answer of [await resolver.resolveMx(name), await resolver.resolveAddresses(name)])
          assert.deepEqual(answer, { kind: 'noName' }, JSON.stringify(name));
    });

    check('what was not answered failed, with a reason for people', async (resolver) => {
      for (const name of ['servfail.test', 'refused.test', 'silent.test', 'alias-to-failure.test'])
        for (const answer of [await resolver.resolveMx(name), await resolver.resolveAddresses(name)]) {
          assert.equal(answer.kind, 'failed', name);
          assert.ok(answer.kind === 'failed' && answer.why.length > 5);
        }
    });

    check('a family that fails takes nothing from the other', async (resolver) => {
      assert.deepEqual(await resolver.resolveAddresses('no-aaaa.test'), {
        kind: 'found',
        records: ['192.0.2.5'],
      });
      assert.equal((await resolver.resolveAddresses('only-aaaa-fails.test')).kind, 'failed');
    });

    check('CNAMEs are followed, eight of them and no more', async (resolver) => {
      assert.deepEqual(await resolver.resolveMx('alias.test'), await resolver.resolveMx('plain.test'));
      assert.deepEqual(
        await resolver.resolveAddresses('alias.test'),
        await resolver.resolveAddresses('plain.test'),
      );
      assert.equal((await resolver.resolveMx('c0.test')).kind, 'found');
      assert.equal((await resolver.resolveAddresses('c0.test')).kind, 'found');
    });

    check('CNAMEs that lead nowhere fail', async (resolver) => {
      for (const name of ['loop.test', 'self.test'])
        for (const answer of [await resolver.resolveMx(name), await resolver.resolveAddresses(name)])
          assert.equal(answer.kind, 'failed', name);
    });

    check('many questions at once are answered each with its own', async (resolver) => {
      const names = Array.from({ length: 60 }, (_, at) => ['v4.test', 'v6.test', 'bare.test'][at % 3] ?? '');
      const answers = await Promise.all(names.map((name) => resolver.resolveAddresses(name)));
      const expected = [
        { kind: 'found', records: ['192.0.2.3'] },
        { kind: 'found', records: ['2001:db8::3'] },
        { kind: 'none' },
      ];
      for (const [at, answer] of answers.entries()) assert.deepEqual(answer, expected[at % 3]);
    });
  });
}
