/** The deployed zone, and the deployed function that gets a certificate: from an authority that asks the DNS for what stands in Route 53. */
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import { ListResourceRecordSetsCommand, Route53Client } from '@aws-sdk/client-route-53';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { startPebble, type PebblePair } from '../acme/pebble.ts';
import type { ZoneName } from '../contracts/zone.ts';
import { startDnsServer } from '../drivers/system/dns-server.ts';
import { runAsLambda } from './as-lambda.ts';
import { context } from './cdk.ts';
import { outputsOf } from './deployed.ts';

async function recordsIn(zone: string): Promise<Map<string, readonly string[]>> {
  const client = new Route53Client();
  const { ResourceRecordSets = [] } = await client.send(
    new ListResourceRecordSetsCommand({ HostedZoneId: zone, MaxItems: 300 }),
  );
  client.destroy();
  return new Map(
    ResourceRecordSets.map(({ Name, Type, ResourceRecords = [], AliasTarget }) => [
      `${Type} ${Name}`,
      AliasTarget === undefined
        ? ResourceRecords.map(({ Value = '' }) => Value)
        : [`alias ${AliasTarget.DNSName}`],
    ]),
  );
}

test('the zone has what mail servers and clients look for', async () => {
  const { hostedZoneId = '' } = context();
  const records = await recordsIn(hostedZoneId);
  assert.deepEqual(records.get('MX example.org.'), ['10 mail.example.org']);
  assert.deepEqual(records.get('TXT example.org.'), ['"v=spf1 mx include:amazonses.com -all"']);
  assert.deepEqual(records.get('SRV _submissions._tcp.example.org.'), ['0 0 465 mail.example.org']);
  assert.deepEqual(records.get('CNAME mta-sts.example.org.'), ['mail.example.org']);
  assert.match(records.get('A mail.example.org.')?.[0] ?? '', /^alias .*elb/);
});

test('a certificate is got by DNS records, and put where the listeners read it', async () => {
  const { hostedZoneId = '' } = context();
  const { own, port } = JSON.parse(process.env['POSTA_TEST_PEBBLE'] ?? '{}') as {
    own: PebblePair;
    port: number;
  };
  const served: Record<string, ZoneName> = {};
  await using dns = await startDnsServer({ zone: served });
  await using pebble = await startPebble({ tlsPort: 1, dnsServer: dns.address, port, own });
  // The DNS of the test says what the zone has.
  const following = new AbortController();
  const followed = (async () => {
    while (!following.signal.aborted)
      for (const [key, values] of await recordsIn(hostedZoneId)) {
        const [type, name = ''] = key.split(' ');
        if (type === 'TXT') served[name.slice(0, -1)] = { txt: values.map((value) => value.slice(1, -1)) };
      }
  })();
  try {
    await runAsLambda('posta-certify').catch((cause: unknown) => {
      throw new Error(pebble.output().slice(-4000), { cause });
    });
  } finally {
    following.abort();
    await followed;
  }
  const { CertificateSecret: SecretId } = await outputsOf('posta-storage');
  const { SecretString = '{}' } = await new SecretsManagerClient().send(
    new GetSecretValueCommand({ SecretId }),
  );
  const { certificate } = JSON.parse(SecretString) as { certificate: string };
  const x509 = new X509Certificate(certificate);
  for (const name of ['mail.example.org', 'autoconfig.example.org']) assert.equal(x509.checkHost(name), name);
  const left = [...(await recordsIn(hostedZoneId)).keys()].filter((key) => key.includes('_acme-challenge'));
  assert.deepEqual(left, []);
});
