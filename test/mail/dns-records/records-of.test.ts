import assert from 'node:assert/strict';
import { test } from 'node:test';
import { presentValue, zoneFileLines } from '../../../mail/dns-records/dns-record.ts';
import { allRecordsOf, mtaStsId, type DomainDns } from '../../../mail/dns-records/records-of.ts';
import { mtaStsOf } from '../../../mail/web/mta-sts.ts';

const dns: DomainDns = {
  domain: 'example.org',
  hostname: 'mail.example.org',
  sends: 'mx',
  mtaSts: mtaStsOf('testing', 'mail.example.org'),
  reportAddress: 'postmaster@example.org',
};

test('a domain’s records, as a zone file has them', () => {
  const lines = zoneFileLines(allRecordsOf(dns)).map((line) =>
    line.replace(/id=[0-9a-f]{20}/, 'id=…').replace(' 3600 IN', ''),
  );
  assert.deepEqual(lines, [
    'example.org. MX 10 mail.example.org.',
    '_mta-sts.example.org. TXT "v=STSv1; id=…"',
    'mta-sts.example.org. CNAME mail.example.org.',
    '_smtp._tls.example.org. TXT "v=TLSRPTv1; rua=mailto:postmaster@example.org"',
    'example.org. TXT "v=spf1 mx -all"',
    '_dmarc.example.org. TXT "v=DMARC1; p=quarantine; rua=mailto:postmaster@example.org"',
    '_submissions._tcp.example.org. SRV 0 0 465 mail.example.org.',
    '_submission._tcp.example.org. SRV 10 0 587 mail.example.org.',
    '_imaps._tcp.example.org. SRV 0 0 993 mail.example.org.',
    '_imap._tcp.example.org. SRV 10 0 143 mail.example.org.',
    '_pop3s._tcp.example.org. SRV 20 0 995 mail.example.org.',
    '_pop3._tcp.example.org. SRV 30 0 110 mail.example.org.',
    '_autodiscover._tcp.example.org. SRV 0 0 443 mail.example.org.',
    'autoconfig.example.org. CNAME mail.example.org.',
    'autodiscover.example.org. CNAME mail.example.org.',
  ]);
});

test('Amazon SES wants its keys and a name for bounces besides', () => {
  const ses = {
    region: 'eu-west-1',
    dkim: [{ name: 'abc._domainkey.example.org', value: 'abc.dkim.amazonses.com' }],
    mailFrom: 'bounce.example.org',
  };
  const lines = zoneFileLines(allRecordsOf({ ...dns, sends: 'ses', ses }));
  for (const line of [
    'example.org. 3600 IN TXT "v=spf1 mx include:amazonses.com -all"',
    'abc._domainkey.example.org. 3600 IN CNAME abc.dkim.amazonses.com.',
    'bounce.example.org. 3600 IN MX 10 feedback-smtp.eu-west-1.amazonses.com.',
    'bounce.example.org. 3600 IN TXT "v=spf1 include:amazonses.com -all"',
  ])
    assert.ok(lines.includes(line), line);
});

test('the id of the MTA-STS policy changes when the policy does, and only then (RFC 8461 section 3.1)', () => {
  const id = mtaStsId(dns.mtaSts);
  assert.match(id, /^[0-9a-zA-Z]{1,32}$/);
  assert.equal(mtaStsId(mtaStsOf('testing', 'mail.example.org')), id);
  assert.notEqual(mtaStsId(mtaStsOf('enforce', 'mail.example.org')), id);
  const without = allRecordsOf({ ...dns, mtaSts: mtaStsOf('none', 'mail.example.org') });
  assert.ok(!without.some(({ name }) => name.includes('mta-sts')));
});

test('a long text is cut into strings of 255, and quotes are escaped', () => {
  assert.equal(presentValue('TXT', 'a"b'), String.raw`"a\"b"`);
  assert.equal(presentValue('TXT', 'x'.repeat(300)), `"${'x'.repeat(255)}" "${'x'.repeat(45)}"`);
  assert.equal(presentValue('CNAME', 'a.b'), 'a.b');
});
