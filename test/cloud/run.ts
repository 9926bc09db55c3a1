/** Puts the stacks up on an emulator by the real `cdk deploy`, and runs the tests of what was deployed. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomUUID } from 'node:crypto';
import { CreateHostedZoneCommand, Route53Client } from '@aws-sdk/client-route-53';
import { bundleContainers } from '../../containers/bundle.ts';
import { pebblePair } from '../acme/pebble.ts';
import { startEmulators } from '../emulators/start.ts';
import { freePortBase } from '../end-to-end/free-ports.ts';
import { addContext, mustCdk } from './cdk.ts';
import { whatWasLogged } from './what-was-logged.ts';

const files = process.argv.slice(2);
await using emulators = await startEmulators({ dynamoDb: 'ministack' });
Object.assign(process.env, emulators.environment);
const { own, acmePort } = await addZoneAndAuthority();
process.env['POSTA_TEST_PEBBLE'] = JSON.stringify({ own, port: acmePort });
const step = async (name: string, work: () => Promise<unknown>) => {
  const began = performance.now();
  await work();
  process.stdout.write(`${name}: ${((performance.now() - began) / 1000).toFixed(1)} s\n`);
};
await step('bundle', bundleContainers);
await step('cdk bootstrap', () => mustCdk('bootstrap', 'aws://000000000000/us-east-1'));
await step('cdk deploy --all', () => mustCdk('deploy', '--all', '--require-approval', 'never'));
const child = spawn(
  process.execPath,
  [
    '--test',
    '--test-concurrency=1',
    '--test-timeout=600000',
    ...(files.length > 0 ? files : ['test/cloud/*.cloud.ts']),
  ],
  { stdio: 'inherit' },
);
const [code] = (await once(child, 'exit')) as [number | null];
if (code !== 0) process.stderr.write(`${emulators.output().slice(-4000)}\n${await whatWasLogged()}\n`);
process.exitCode = code ?? 1;

/** A hosted zone, which a deployment does not make, and where a certificate authority will stand. */
async function addZoneAndAuthority() {
  const client = new Route53Client();
  const command = new CreateHostedZoneCommand({ Name: 'example.org', CallerReference: randomUUID() });
  const { HostedZone } = await client.send(command);
  client.destroy();
  const made = { own: await pebblePair(), acmePort: (await freePortBase()) + 25 };
  const acmeCa = join(await mkdtemp(join(tmpdir(), 'posta-acme-')), 'trusted.pem');
  await writeFile(acmeCa, made.own.cert);
  addContext({
    hostedZoneId: (HostedZone?.Id ?? '').replace('/hostedzone/', ''),
    acmeDirectory: `https://127.0.0.1:${made.acmePort}/dir`,
    acmeCa,
  });
  return made;
}
