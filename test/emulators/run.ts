/**
 * Runs tests, or any command, with the emulators: `run.ts test/…aws.ts`, `run.ts -- node bench/cost.ts`.
 * `--ministack-tables` puts tables into ministack, whose streams start Lambdas.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { startEmulators } from './start.ts';

const given = process.argv.slice(2);
const dynamoDb = given[0] === '--ministack-tables' ? 'ministack' : 'local';
if (dynamoDb === 'ministack') given.shift();
const testFiles = given[0] === '--' ? [] : given;
const [command = process.execPath, ...parameters] =
  given[0] === '--'
    ? given.slice(1)
    : [process.execPath, '--test', '--test-concurrency=2', '--test-timeout=300000', ...testFiles];

await using emulators = await startEmulators({ dynamoDb });
const child = spawn(command, parameters, {
  stdio: 'inherit',
  env: { ...process.env, ...emulators.environment },
});
// A signal goes to the child too, when it comes from the terminal; here it must only not end the emulators first.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
const [code] = (await once(child, 'exit')) as [number | null];
process.exitCode = code ?? 1;
