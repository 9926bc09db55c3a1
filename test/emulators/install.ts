/** The emulators of AWS's services, installed into the project's cache: once, and again when their versions change. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const here = import.meta.dirname;
const cache = join(here, '..', '..', '.cache', 'emulators');

/** DynamoDB Local: the folder with its jars and native libraries. Needs Java and Maven. */
export function installDynamoDbLocal(): Promise<string> {
  const pom = join(here, 'pom.xml');
  return installed('dynamodb-local', pom, async (folder) => {
    await run('mvn', ['-q', '-B', '-f', pom, 'dependency:copy-dependencies', `-DoutputDirectory=${folder}`]);
  });
}

/** ministack: the folder of its virtual environment. Needs Python 3.10 or newer, with venv. */
export function installMinistack(): Promise<string> {
  const requirements = join(here, 'requirements.txt');
  return installed('ministack', requirements, async (folder) => {
    await run('python3', ['-m', 'venv', '--copies', folder]);
    // Its entry script names the folder it was made in, so it is started as a module.
    await run(join(folder, 'bin', 'python'), ['-m', 'pip', 'install', '-q', '-r', requirements]);
  });
}

/** cfn-lint, which checks templates: the folder of its virtual environment. Needs Python with venv. */
export function installCfnLint(): Promise<string> {
  const requirements = join(here, 'cfn-lint-requirements.txt');
  return installed('cfn-lint', requirements, async (folder) => {
    await run('python3', ['-m', 'venv', '--copies', folder]);
    await run(join(folder, 'bin', 'python'), ['-m', 'pip', 'install', '-q', '-r', requirements]);
  });
}

/** Pebble, a certificate authority for tests: the folder with its program. Needs Go. */
export function installPebble(): Promise<string> {
  return installed('pebble', join(here, 'pebble-version'), async (folder) => {
    const version = (await readFile(join(here, 'pebble-version'), 'utf8')).trim();
    await mkdir(folder, { recursive: true });
    await run('go', ['install', `github.com/letsencrypt/pebble/v2/cmd/pebble@${version}`], { GOBIN: folder });
  });
}

/** The folder is named after what the description says, and appears only when it is whole. */
async function installed(
  name: string,
  description: string,
  install: (folder: string) => Promise<void>,
): Promise<string> {
  const version = createHash('sha256')
    .update(await readFile(description))
    .digest('hex')
    .slice(0, 12);
  const folder = join(cache, `${name}-${version}`);
  if (existsSync(folder)) return folder;
  const partial = `${folder}.${process.pid}`;
  process.stderr.write(`Installing ${name}, once …\n`);
  await mkdir(cache, { recursive: true });
  try {
    await install(partial);
    await writeFile(join(partial, 'installed-from'), description);
    await rename(partial, folder).catch((fault: unknown) => {
      // Another process was quicker.
      if (!existsSync(folder)) throw fault;
    });
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
  return folder;
}

async function run(
  command: string,
  parameters: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<void> {
  const env = { ...process.env, ...environment };
  const child = spawn(command, parameters, { stdio: ['ignore', 'pipe', 'pipe'], env });
  const said: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes: Buffer) => said.push(bytes));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', (fault) => reject(new Error(`${command} cannot be started: ${fault.message}`)));
    child.on('close', resolve);
  });
  if (code !== 0)
    throw new Error(
      `${command} ${parameters.join(' ')} ended with ${code}:\n${Buffer.concat(said).toString()}`,
    );
}
