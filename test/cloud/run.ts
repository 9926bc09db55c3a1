/** Puts the stacks up on an emulator by the real `cdk deploy`, and runs the tests of what was deployed. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { bundleContainers } from '../../containers/bundle.ts';
import { startEmulators } from '../emulators/start.ts';
import { mustCdk } from './cdk.ts';
import { whatWasLogged } from './what-was-logged.ts';

const files = process.argv.slice(2);
await using emulators = await startEmulators({ dynamoDb: 'ministack' });
Object.assign(process.env, emulators.environment);
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
    '--test-timeout=240000',
    ...(files.length > 0 ? files : ['test/cloud/*.cloud.ts']),
  ],
  { stdio: 'inherit' },
);
const [code] = (await once(child, 'exit')) as [number | null];
if (code !== 0) process.stderr.write(`${emulators.output().slice(-4000)}\n${await whatWasLogged()}\n`);
process.exitCode = code ?? 1;
