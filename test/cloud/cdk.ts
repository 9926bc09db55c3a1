/** The CDK's own command line, as an admin would use it. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { leftOut } from './left-out.ts';

const root = join(import.meta.dirname, '..', '..');

/** No Docker is at hand: the image is one of a registry, and its files are run as they are. */
const settings = {
  domain: 'example.org',
  profile: 'standard',
  image: 'registry.example.org/posta:test',
  leaveOut: Object.keys(leftOut).join(),
};

const inherited = 'POSTA_TEST_CONTEXT';

/** What is only known when the emulators run: for this process and its children. */
export function addContext(more: Readonly<Record<string, string>>): void {
  process.env[inherited] = JSON.stringify({ ...added(), ...more });
}

/** The settings of the deployment under test. */
export function context(): Readonly<Record<string, string>> {
  return { ...settings, ...added() };
}

function added(): Readonly<Record<string, string>> {
  return JSON.parse(process.env[inherited] ?? '{}') as Record<string, string>;
}

export interface CdkResult {
  readonly code: number | null;
  readonly output: string;
}

/** Runs a command of it with the test's settings. */
export async function cdk(
  parameters: readonly string[],
  more: Readonly<Record<string, string>> = {},
): Promise<CdkResult> {
  const options = Object.entries({ ...context(), ...more }).flatMap(([name, value]) => [
    '-c',
    `${name}=${value}`,
  ]);
  const child = spawn('npx', ['cdk', ...parameters, ...options], {
    cwd: root,
    env: { ...process.env, CDK_DISABLE_VERSION_CHECK: '1', CI: 'true' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes: Buffer) => said.push(bytes));
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { code, output: Buffer.concat(said).toString() };
}

/** The same where it must succeed. */
export async function mustCdk(...parameters: readonly string[]): Promise<string> {
  const { code, output } = await cdk(parameters);
  if (code !== 0) throw new Error(`cdk ${parameters.join(' ')} ended with ${code}:\n${output.slice(-6000)}`);
  return output;
}
