/** The smart host of a deployment: its address comes from a secret, and mail goes out by it. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { Deployment } from '../../bin/deployment.ts';
import { deploymentNextHops } from '../../bin/deployment-next-hops.ts';
import { systemClock } from '../../drivers/system/clock.ts';
import { MemoryMetrics } from '../../drivers/system/metrics.ts';
import { recordingLog } from '../contracts/recording-log.ts';
import { ScriptedServer } from '../end-to-end/scripted-server.ts';

async function deploymentWith(SecretString: string): Promise<Deployment> {
  const client = new SecretsManagerClient();
  const { ARN } = await client.send(new CreateSecretCommand({ Name: randomUUID(), SecretString }));
  client.destroy();
  const settings = { hostname: 'mail.example.org', nextHop: 'smart-host', smartHostSecret: ARN };
  // Of a deployment, only what next hops look at.
  return {
    settings,
    clock: systemClock(),
    log: recordingLog(),
    metrics: new MemoryMetrics(),
  } as unknown as Deployment;
}

test('mail for any other server goes to the smart host that the secret names', async () => {
  await using server = await ScriptedServer.start();
  const open = await deploymentNextHops(await deploymentWith(`smtp://127.0.0.1:${server.port}\n`));
  await using hops = open();
  const destination = hops.destinationOf('elsewhere.test', { reversePath: 'ann@example.org' });
  assert.equal(destination.kind, 'send');
  assert.ok(destination.kind === 'send');
  const message = Buffer.from('Subject: out\r\n\r\nHello\r\n');
  const { outcomes } = await destination.hop.transmit(
    {
      messageId: 'm1',
      reversePath: 'ann@example.org',
      recipients: [{ address: 'bob@elsewhere.test' }],
      sizeBytes: message.length,
      body: '7BIT',
      smtpUtf8: false,
      async *read() {
        yield message;
      },
    },
    { domain: 'elsewhere.test' },
  );
  assert.deepEqual(
    outcomes.map(({ kind }) => kind),
    ['sent'],
  );
  const [arrived] = server.taken;
  assert.deepEqual([arrived?.from, arrived?.to], ['ann@example.org', ['bob@elsewhere.test']]);
  assert.deepEqual(arrived?.message, message);
});

test('a secret that names no server is said, without what is in it', async () => {
  const deployment = await deploymentWith('ftp://geheim@example.net');
  await assert.rejects(deploymentNextHops(deployment), (fault: Error) => {
    assert.match(fault.message, /no server/);
    assert.doesNotMatch(fault.message, /geheim/);
    return true;
  });
});
