import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { secretCertificate } from '../../../drivers/aws/secret-certificate.ts';

async function sourceOf(SecretString: string) {
  const client = new SecretsManagerClient();
  const { ARN: arn = '' } = await client.send(new CreateSecretCommand({ Name: randomUUID(), SecretString }));
  return secretCertificate({ client, arn });
}

const pair = { certificate: '-----BEGIN CERTIFICATE-----\nx', key: '-----BEGIN PRIVATE KEY-----\nTHE-KEY' };

test('a certificate and its key are read from a secret', async () => {
  assert.deepEqual(await (await sourceOf(JSON.stringify(pair))).read(), pair);
});

test('what is no certificate is said, without the key', async () => {
  const noCertificate = await sourceOf(JSON.stringify({ ...pair, certificate: 'what is this' }));
  await assert.rejects(noCertificate.read(), (fault: Error) => {
    assert.match(fault.message, /holds no certificate: certificate must be PEM/);
    assert.doesNotMatch(fault.message, /THE-KEY/);
    return true;
  });
  await assert.rejects((await sourceOf('not JSON')).read(), /holds no certificate/);
});

test('a secret that is not there is named', async () => {
  const client = new SecretsManagerClient();
  const arn = 'arn:aws:secretsmanager:us-east-1:000000000000:secret:none-abcdef';
  await assert.rejects(secretCertificate({ client, arn }).read(), /the secret arn:.*none.* cannot be read/);
});
