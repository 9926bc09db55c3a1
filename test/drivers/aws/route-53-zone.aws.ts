import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import {
  CreateHostedZoneCommand,
  ListResourceRecordSetsCommand,
  Route53Client,
} from '@aws-sdk/client-route-53';
import { Route53Zone } from '../../../drivers/aws/route-53-zone.ts';

test('records are put, replaced and removed; removing what is not there is no error', async () => {
  const client = new Route53Client();
  const zone = await client.send(
    new CreateHostedZoneCommand({ Name: 'example.org', CallerReference: randomUUID() }),
  );
  const hostedZoneId = (zone.HostedZone?.Id ?? '').replace('/hostedzone/', '');
  const records = new Route53Zone({ client, hostedZoneId });
  const shown = async () => {
    const { ResourceRecordSets = [] } = await client.send(
      new ListResourceRecordSetsCommand({ HostedZoneId: hostedZoneId }),
    );
    return ResourceRecordSets.filter(({ Type }) => Type === 'A' || Type === 'TXT').map(
      ({ Name, ResourceRecords = [] }) => [Name, ...ResourceRecords.map(({ Value }) => Value)],
    );
  };
  const proof = {
    name: '_acme-challenge.mail.example.org',
    type: 'TXT',
    ttl: 60,
    values: ['"one"', '"two"'],
  } as const;
  await records.put([proof, { name: 'mail.example.org', type: 'A', ttl: 60, values: ['192.0.2.1'] }]);
  await records.put([{ name: 'mail.example.org', type: 'A', ttl: 60, values: ['192.0.2.2'] }]);
  assert.deepEqual(
    (await shown()).toSorted(([one = ''], [other = '']) => one.localeCompare(other)),
    [
      ['_acme-challenge.mail.example.org.', '"one"', '"two"'],
      ['mail.example.org.', '192.0.2.2'],
    ],
  );
  await records.remove([proof]);
  await records.remove([proof]);
  assert.deepEqual(await shown(), [['mail.example.org.', '192.0.2.2']]);
  const missing = new Route53Zone({ client, hostedZoneId: 'Z0NOTTHERE' });
  await assert.rejects(
    missing.put([proof]),
    /Route 53 did not change _acme-challenge\.mail\.example\.org TXT in Z0NOTTHERE/,
  );
});
