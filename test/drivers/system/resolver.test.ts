import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemResolver, type ResolverOptions } from '../../../drivers/system/resolver.ts';
import type { MxRecord, Resolver } from '../../../mail/ports/resolver.ts';
import { resolverContract } from '../../contracts/resolver.ts';
import {
  dnsMessage,
  encodeName,
  mxData,
  startDnsServer,
  type DnsServer,
  type DnsServerOptions,
  type Question,
} from './dns-server.ts';

/** Silence is waited for at most so long. */
const patience = { tryTimeoutMs: 250, tries: 2, timeoutMs: 10_000 };

for (const follows of [true, false])
  resolverContract(
    `system, with a server that ${follows ? 'follows' : 'does not follow'} CNAMEs`,
    async (zone) => {
      const server = await startDnsServer({ zone, follows });
      return {
        resolver: systemResolver({ servers: [server.address], hasIpv6: () => true, ...patience }),
        [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
      };
    },
  );

async function withServer(
  options: DnsServerOptions,
  use: (resolver: Resolver, server: DnsServer) => Promise<void>,
  more: ResolverOptions = {},
): Promise<void> {
  await using server = await startDnsServer(options);
  await use(systemResolver({ servers: [server.address], ...patience, ...more }), server);
}

/** A server that answers `hostile.test` in its own way. */
function withHostile(
  answer: NonNullable<DnsServerOptions['hostile']>[string],
  use: (resolver: Resolver) => Promise<void>,
): Promise<void> {
  return withServer({ zone: {}, hostile: { 'hostile.test': answer } }, use);
}

/** MX records with these exchanges, each less preferred than the one before. */
const exchanges =
  (...names: readonly string[]) =>
  ({ name }: Question) =>
    names.map((exchange, at) => ({ name, type: 'MX' as const, data: mxData(at, exchange) }));

test('a ninth CNAME fails', async () => {
  const chain = Object.fromEntries(
    Array.from({ length: 9 }, (_, at) => [`c${at}.test`, { cname: `c${at + 1}.test` }]),
  );
  const zone = { ...chain, 'c9.test': { a: ['192.0.2.9'] } };
  const why = 'c0.test leads through more than 8 CNAMEs';
  await withServer({ zone }, async (resolver) => {
    assert.deepEqual(await resolver.resolveAddresses('c0.test'), { kind: 'failed', why });
    assert.equal((await resolver.resolveAddresses('c1.test')).kind, 'found');
  });
});

test('a machine without IPv6 is given IPv4 first', async () => {
  const zone = { 'plain.test': { a: ['192.0.2.1'], aaaa: ['2001:db8::1'] } };
  await withServer(
    { zone },
    async (resolver) => {
      assert.deepEqual(await resolver.resolveAddresses('plain.test'), {
        kind: 'found',
        records: ['192.0.2.1', '2001:db8::1'],
      });
    },
    { hasIpv6: () => false },
  );
});

test('localhost is known without asking', async () => {
  await withServer({ zone: {} }, async (resolver, server) => {
    for (const name of ['localhost', 'LocalHost.', 'mail.localhost']) {
      const answer = await resolver.resolveAddresses(name);
      assert.deepEqual(answer.kind === 'found' && answer.records.toSorted(), ['127.0.0.1', '::1']);
    }
    assert.deepEqual(server.asked, []);
  });
});

test('each kind of failure has its words', async () => {
  const zone = {
    'servfail.test': { fails: 'SERVFAIL' },
    'refused.test': { fails: 'REFUSED' },
    'silent.test': { fails: 'silence' },
  } as const;
  await withServer({ zone }, async (resolver) => {
    const why = async (name: string) => {
      const answer = await resolver.resolveMx(name);
      return answer.kind === 'failed' ? answer.why : answer.kind;
    };
    assert.match(await why('servfail.test'), /SERVFAIL/);
    assert.match(await why('refused.test'), /REFUSED/);
    assert.match(await why('silent.test'), /do not answer/);
  });
});

test('the time-out ends a question however many tries are left', async () => {
  await withServer(
    { zone: { 'silent.test': { fails: 'silence' } } },
    async (resolver, server) => {
      assert.equal((await resolver.resolveAddresses('silent.test')).kind, 'failed');
      assert.ok(server.asked.length < 20, server.asked.join());
    },
    { tryTimeoutMs: 250, tries: 10, timeoutMs: 600 },
  );
});

test('the next server is asked where one is silent or not there', async () => {
  const zone = { 'plain.test': { a: ['192.0.2.1'] } };
  const gone = await startDnsServer({ zone });
  await gone[Symbol.asyncDispose]();
  await using silent = await startDnsServer({ zone: { 'plain.test': { fails: 'silence' } } });
  await using good = await startDnsServer({ zone });
  const servers = [gone.address, silent.address, good.address];
  const resolver = systemResolver({ servers, ...patience });
  assert.deepEqual(await resolver.resolveAddresses('plain.test'), { kind: 'found', records: ['192.0.2.1'] });
  const alone = systemResolver({ servers: [gone.address], ...patience });
  assert.equal((await alone.resolveMx('plain.test')).kind, 'failed');
});

test('a server that is no IP address is refused at once', () => {
  assert.throws(() => systemResolver({ servers: ['dns.example.test'] }));
});

test('an answer that is too long for UDP comes over TCP, and of hundreds of records the first are kept', async () => {
  const mx = Array.from({ length: 500 }, (_, at): MxRecord => {
    return { preference: 500 - at, exchange: `mx${500 - at}.many.test` };
  });
  const a = Array.from({ length: 300 }, (_, at) => `192.0.${2 + (at >> 8)}.${at & 255}`);
  await withServer({ zone: { 'many.test': { mx, a } } }, async (resolver, server) => {
    const answer = await resolver.resolveMx('many.test');
    assert.ok(answer.kind === 'found');
    assert.deepEqual(answer.records, mx.toReversed().slice(0, 64));
    const addresses = await resolver.resolveAddresses('many.test');
    assert.ok(addresses.kind === 'found');
    assert.equal(addresses.records.length, 64);
    assert.deepEqual(
      server.asked.filter((question) => question.startsWith('MX')),
      ['MX many.test', 'MX many.test'],
    );
  });
});

test('exchanges that are no host names are left out', async () => {
  const odd = ['a b.test', 'a\0b.test', '\xff.test', '192.0.2.1', 'x"<y.test'];
  await withHostile(exchanges(...odd.slice(0, 2), 'good.test', ...odd.slice(2)), async (resolver) => {
    assert.deepEqual(await resolver.resolveMx('hostile.test'), {
      kind: 'found',
      records: [{ preference: 2, exchange: 'good.test' }],
    });
  });
  for (const exchange of odd)
    await withHostile(exchanges(exchange), async (resolver) => {
      assert.equal((await resolver.resolveMx('hostile.test')).kind, 'failed', JSON.stringify(exchange));
    });
});

test('an exchange given twice is one, and a null MX among others means nothing', async () => {
  await withHostile(exchanges('', 'a.test', 'A.test', 'b.test', 'a.test'), async (resolver) => {
    assert.deepEqual(await resolver.resolveMx('hostile.test'), {
      kind: 'found',
      records: [
        { preference: 1, exchange: 'a.test' },
        { preference: 3, exchange: 'b.test' },
      ],
    });
  });
});

test('a name of more than 253 octets in an answer fails', async () => {
  const long = Array<string>(5).fill('x'.repeat(63)).join('.');
  await withHostile(exchanges(long), async (resolver) => {
    assert.equal((await resolver.resolveMx('hostile.test')).kind, 'failed');
  });
  const alias = ({ name }: Question) => [{ name, type: 'CNAME' as const, data: encodeName('a b.test') }];
  await withHostile(alias, async (resolver) => {
    assert.equal((await resolver.resolveMx('hostile.test')).kind, 'failed');
  });
});

test('addresses of this machine itself, and IPv4 written as IPv6, are left out', async () => {
  const mapped = Buffer.from('00000000000000000000ffff7f000001', 'hex');
  const answer = ({ name, type }: Question) =>
    type === 'AAAA'
      ? [Buffer.alloc(16), mapped].map((data) => ({ name, type, data }))
      : [Buffer.alloc(4)].map((data) => ({ name, type: 'A' as const, data }));
  await withHostile(answer, async (resolver) => {
    assert.equal((await resolver.resolveAddresses('hostile.test')).kind, 'failed');
  });
});

test('messages that are garbage fail, and end nothing else', async () => {
  const garbage: ((question: Question) => Uint8Array)[] = [
    () => Buffer.alloc(0),
    () => Buffer.from('garbage'),
    (question) => dnsMessage(question, { records: [] }).subarray(0, 20),
    // An answer that says it has 65,535 records.
    (question) => {
      const message = Buffer.from(dnsMessage(question, { records: [] }));
      message.writeUInt16BE(0xffff, 6);
      return message;
    },
    // A name that is a pointer to itself.
    (question) => {
      const message = Buffer.from(
        dnsMessage(question, { records: exchanges('a.test')({ ...question, name: '' }) }),
      );
      const at = 12 + question.section.length;
      return Buffer.concat([message.subarray(0, at), Buffer.from([0xc0, at]), message.subarray(at + 1)]);
    },
    // Another question's answer.
    (question) =>
      dnsMessage({ ...question, id: question.id ^ 1 }, { records: exchanges('a.test')(question) }),
  ];
  for (const [at, message] of garbage.entries())
    await withHostile(message, async (resolver) => {
      assert.equal((await resolver.resolveMx('hostile.test')).kind, 'failed', `garbage ${at}`);
      assert.equal((await resolver.resolveMx('other.test')).kind, 'noName');
    });
});

test('questions are ended by a signal, and none is asked after it', async () => {
  const ending = new AbortController();
  await withServer(
    { zone: { 'silent.test': { fails: 'silence' } } },
    async (resolver, server) => {
      const asked = [resolver.resolveMx('silent.test'), resolver.resolveAddresses('silent.test')];
      while (server.asked.length < 3) await new Promise((resolve) => setTimeout(resolve, 5));
      ending.abort();
      for (const { kind } of await Promise.all(asked)) assert.equal(kind, 'failed');
      const before = server.asked.length;
      assert.equal((await resolver.resolveMx('silent.test')).kind, 'failed');
      assert.equal(server.asked.length, before);
    },
    { tryTimeoutMs: 60_000, timeoutMs: 60_000, hasIpv6: () => true, signal: ending.signal },
  );
});
