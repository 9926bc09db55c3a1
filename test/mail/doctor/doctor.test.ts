/** What `posta doctor` makes of what it sees: nothing to say where all is well, and what to do where it is not. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkDns, checkHostname } from '../../../mail/doctor/check-dns.ts';
import { checkListeners, checkPages } from '../../../mail/doctor/check-listeners.ts';
import { checkFeedFailures, checkOutbound, checkQueues } from '../../../mail/doctor/check-queues.ts';
import { checkSesAccount, checkSesIdentity, checkSmartHost } from '../../../mail/doctor/check-sending.ts';
import type { Finding } from '../../../mail/doctor/finding.ts';
import { presentValue } from '../../../mail/dns-records/dns-record.ts';
import { allRecordsOf, type DomainDns } from '../../../mail/dns-records/records-of.ts';
import type { DnsLookup } from '../../../mail/ports/dns-lookup.ts';
import type { ServerLook } from '../../../mail/ports/server-look.ts';
import { mtaStsOf } from '../../../mail/web/mta-sts.ts';

const hostname = 'mail.example.org';
const domain: DomainDns = {
  domain: 'example.org',
  hostname,
  sends: 'ses',
  ses: {
    region: 'us-east-1',
    dkim: [{ name: 'k._domainkey.example.org', value: 'k.dkim.amazonses.com' }],
    mailFrom: 'bounce.example.org',
  },
  mtaSts: mtaStsOf('enforce', hostname),
  reportAddress: 'postmaster@example.org',
};
const records = allRecordsOf(domain);

/** `MX example.org` to its values. */
function dnsOf(zone: Readonly<Record<string, readonly string[]>>): DnsLookup {
  const answer = (key: string) => {
    const found = zone[key];
    return found === undefined ? ({ kind: 'noName' } as const) : ({ kind: 'found', records: found } as const);
  };
  return {
    lookUp: async (name, type) => answer(`${type} ${name}`),
    namesOf: async (address) => answer(`PTR ${address}`),
  };
}

const right = Object.fromEntries(records.map(({ type, name, values }) => [`${type} ${name}`, values]));
const states = (findings: readonly Finding[]) => new Set(findings.map(({ state }) => state));
const of = (findings: readonly Finding[], what: string) => findings.find((each) => each.what === what);

test('a zone that has every record is as it should be', async () => {
  assert.deepEqual(states(await checkDns(records, { hostname, dns: dnsOf(right) })), new Set(['ok']));
});

test('what is missing is said with the line to add; what mail needs is a problem', async () => {
  const findings = await checkDns(records, { hostname, dns: dnsOf({}) });
  const problems = findings.filter(({ state }) => state === 'problem').map(({ what }) => what);
  assert.deepEqual(problems, [
    'MX example.org',
    'TXT example.org',
    'CNAME k._domainkey.example.org',
    'TXT bounce.example.org',
  ]);
  for (const { what, todo = '' } of findings) {
    const [type = '', name = ''] = what.split(' ');
    assert.ok(todo.includes(`${name}. 3600 IN ${type} `), what);
  }
});

test('more than we ask for is right, and another name for the same place too', async () => {
  const more = {
    ...right,
    'MX example.org': ['20 backup.example.net', '5 MAIL.example.org'],
    'TXT example.org': [
      'google-site-verification=x',
      'v=spf1 mx include:_spf.other.example include:amazonses.com ~all',
    ],
    'TXT _dmarc.example.org': ['v=DMARC1; p=reject; rua=mailto:other@example.net'],
    'CNAME autoconfig.example.org': [],
    'A autoconfig.example.org': ['192.0.2.1'],
    'A mail.example.org': ['192.0.2.1', '192.0.2.2'],
  };
  assert.deepEqual(states(await checkDns(records, { hostname, dns: dnsOf(more) })), new Set(['ok']));
});

test('what does not let us send is a problem, said with what there is', async () => {
  const without = { ...right, 'TXT example.org': ['v=spf1 include:_spf.other.example -all'] };
  const found = of(await checkDns(records, { hostname, dns: dnsOf(without) }), 'TXT example.org');
  assert.equal(found?.state, 'problem');
  assert.match(found.found, /it is v=spf1 include:_spf\.other\.example -all/);
  assert.ok(found.todo?.includes(presentValue('TXT', 'v=spf1 mx include:amazonses.com -all')));
  const two = { ...right, 'TXT example.org': ['v=spf1 mx include:amazonses.com -all', 'v=spf1 -all'] };
  assert.equal(
    of(await checkDns(records, { hostname, dns: dnsOf(two) }), 'TXT example.org')?.state,
    'problem',
  );
});

test('no answer is no verdict', async () => {
  const dns: DnsLookup = {
    lookUp: async () => ({ kind: 'failed', why: 'ETIMEOUT' }),
    namesOf: async () => ({ kind: 'failed', why: 'ETIMEOUT' }),
  };
  const findings = [
    ...(await checkDns(records, { hostname, dns })),
    ...(await checkHostname(hostname, { dns, sends: 'mx' })),
  ];
  assert.deepEqual(states(findings), new Set(['warning']));
});

test('who sends by itself must have a name that leads back', async () => {
  const zone = { 'A mail.example.org': ['192.0.2.1'] };
  const check = (more: Readonly<Record<string, readonly string[]>>, sends: 'mx' | 'ses') =>
    checkHostname(hostname, { dns: dnsOf({ ...zone, ...more }), sends });
  assert.deepEqual(states(await check({ 'PTR 192.0.2.1': [hostname] }, 'mx')), new Set(['ok']));
  assert.equal(
    of(await check({ 'PTR 192.0.2.1': ['a.isp.example'] }, 'mx'), 'PTR 192.0.2.1')?.state,
    'problem',
  );
  assert.deepEqual(states(await check({}, 'ses')), new Set(['ok']));
});

const greetings = new Map([
  [25, '220 mail.example.org ESMTP'],
  [993, '* OK ready'],
  [443, ''],
]);

async function listenersWith(look: ServerLook['look']): Promise<readonly Finding[]> {
  return checkListeners({
    host: '127.0.0.1',
    hostname,
    ports: [...greetings.keys()].map((standard) => ({ standard, port: standard })),
    server: { look },
    nowMs: Date.parse('2026-11-26T00:00:00Z'),
  });
}

const certificate = { names: [hostname], validTo: new Date('2027-02-01') };

test('ports that greet with TLS and a good certificate are as they should be', async () => {
  const findings = await listenersWith(async ({ port }) => ({
    kind: 'seen',
    greeting: greetings.get(port) ?? '',
    tls: true,
    certificate,
  }));
  assert.deepEqual(states(findings), new Set(['ok']));
  assert.match(findings.at(-1)?.found ?? '', /67 days left/);
});

test('a closed port, another server, no STARTTLS and a bad certificate are told apart', async () => {
  const closed = await listenersWith(async () => ({ kind: 'notSeen', why: 'ECONNREFUSED' }));
  // Many networks let nobody out to 25.
  assert.deepEqual(
    closed.map(({ state }) => state),
    ['warning', 'problem', 'problem'],
  );
  const odd = await listenersWith(async ({ port }) => ({
    kind: 'seen',
    greeting: port === 993 ? 'SSH-2.0' : (greetings.get(port) ?? ''),
    tls: port !== 25,
    certificate: { ...certificate, refused: 'it is not for mail.example.org' },
  }));
  assert.deepEqual(
    odd.map(({ state }) => state),
    ['problem', 'problem', 'ok', 'problem'],
  );
  const old = await listenersWith(async ({ port }) => ({
    kind: 'seen',
    greeting: greetings.get(port) ?? '',
    tls: true,
    certificate: { ...certificate, validTo: new Date('2026-12-01') },
  }));
  assert.equal(old.at(-1)?.state, 'warning');
});

test('Amazon SES in the sandbox, stopped, or near its quota is said', () => {
  const good = {
    production: true,
    sendingEnabled: true,
    enforcement: 'HEALTHY',
    maxADay: 1000,
    sentLastDay: 10,
  };
  assert.deepEqual(states(checkSesAccount(good)), new Set(['ok']));
  const bad = {
    production: false,
    sendingEnabled: false,
    enforcement: 'SHUTDOWN',
    maxADay: 200,
    sentLastDay: 190,
  };
  assert.deepEqual(
    checkSesAccount(bad).map(({ state }) => state),
    ['problem', 'problem', 'warning'],
  );
  assert.equal(checkSesIdentity('a.example', undefined).state, 'problem');
  assert.equal(checkSesIdentity('a.example', { verified: true, dkim: 'PENDING' }).state, 'problem');
  assert.equal(checkSesIdentity('a.example', { verified: true, dkim: 'SUCCESS' }).state, 'ok');
});

test('dead letters and held mail are said', () => {
  assert.deepEqual(
    checkQueues([
      { name: 'route', waiting: 3, dead: 0 },
      { name: 'deliver', waiting: 5000, dead: 0 },
      { name: 'relay', waiting: 0, dead: 1 },
    ]).map(({ state }) => state),
    ['ok', 'warning', 'problem'],
  );
  assert.equal(checkOutbound({ waiting: 5, held: 0 }).state, 'ok');
  assert.equal(checkOutbound({ waiting: 5, held: 1 }).state, 'warning');
});

test('a job that waits for long, changes that were given up, and a smart host that is away are said', () => {
  const [late] = checkQueues([{ name: 'route', waiting: 1, dead: 0, oldestMs: 3_600_000 }]);
  assert.deepEqual([late?.state, late?.found], ['warning', '1 jobs wait, the oldest for 60 minutes']);
  // What is done has an age no more.
  assert.equal(checkQueues([{ name: 'route', waiting: 0, dead: 0, oldestMs: 3_600_000 }])[0]?.state, 'ok');
  assert.equal(checkFeedFailures(0).state, 'ok');
  assert.equal(checkFeedFailures(2).state, 'problem');
  assert.equal(checkSmartHost({ ok: true, why: '220' }).state, 'ok');
  assert.equal(checkSmartHost({ ok: false, why: 'ECONNREFUSED' }).state, 'problem');
});

test('the pages of a domain want a certificate with their names, whichever is shown for each', async () => {
  const pagesWith = async (names: (serverName: string) => readonly string[]) => {
    const [finding] = await checkPages(
      {
        host: '127.0.0.1',
        hostname,
        ports: [{ standard: 443, port: 443 }],
        server: {
          look: async ({ serverName }) => ({
            kind: 'seen',
            greeting: '',
            tls: true,
            certificate: { ...certificate, names: names(serverName) },
          }),
        },
        nowMs: 0,
      },
      ['example.org'],
    );
    return finding;
  };
  assert.equal((await pagesWith((name) => [name]))?.state, 'ok');
  assert.equal((await pagesWith(() => ['*.example.org']))?.state, 'ok');
  assert.equal((await pagesWith(() => ['*.org', 'example.org']))?.state, 'warning');
  const one = await pagesWith(() => [hostname, 'mta-sts.example.org']);
  assert.match(one?.found ?? '', /not for autoconfig\.example\.org, autodiscover\.example\.org:/);
});
