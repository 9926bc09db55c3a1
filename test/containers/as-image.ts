/**
 * A container without Docker: the files that the Dockerfile copies, in an empty folder that cannot be written to, and the
 * command that the task definition names, with no more in its environment than that gives it.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { bundleFolder } from '../../containers/bundle.ts';

export interface ContainerOptions {
  /** `['node', 'smtp.mjs']` */
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** Where several stand on one machine, each has a port base of its own. */
  readonly portBase: number;
}

/** Disposing kills it. */
export interface RunningContainer extends AsyncDisposable {
  readonly portBase: number;
  /** Lines of its log so far. */
  output(): string;
  /** SIGTERM; its exit code when it is gone. */
  stop(): Promise<number | null>;
  /** SIGKILL. */
  kill(): Promise<void>;
}

const startMs = 30_000;

/** Resolves when it says that it is ready. The bundle must have been made. */
export async function startContainer({
  command,
  environment,
  portBase,
}: ContainerOptions): Promise<RunningContainer> {
  const folder = await mkdtemp(join(tmpdir(), 'posta-container-'));
  const [image, scratch] = [join(folder, 'image'), join(folder, 'scratch')];
  await cp(bundleFolder, image, { recursive: true });
  await mkdir(scratch);
  await chmod(image, 0o555);
  const [program = '', ...parameters] = command;
  const child = spawn(program, parameters, {
    cwd: image,
    env: {
      ...environment,
      ...awsOf(process.env),
      PATH: dirname(process.execPath),
      POSTA_SCRATCH: scratch,
      POSTA_PORT_BASE: String(portBase),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes: Buffer) => said.push(bytes));
  const output = () => Buffer.concat(said).toString();
  const gone = once(child, 'close') as Promise<[number | null]>;
  const end = async (signal: NodeJS.Signals) => {
    child.kill(signal);
    const [code] = await gone;
    await chmod(image, 0o755);
    await rm(folder, { recursive: true, force: true });
    return code;
  };
  let ended: Promise<number | null> | undefined;
  const endOnce = (signal: NodeJS.Signals) => (ended ??= end(signal));
  const ready = new Promise<void>((resolve) => {
    child.stdout.on('data', () => {
      if (output().includes('"container.ready"')) resolve();
    });
  });
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), startMs);
  const failed = Promise.race([gone, once(late.signal, 'abort')]).then(async () => {
    await endOnce('SIGKILL');
    throw new Error(`the container ${command.join(' ')} did not start:\n${output().slice(-4000)}`);
  });
  failed.catch(() => undefined);
  await Promise.race([ready, failed]);
  clearTimeout(timer);
  return {
    portBase,
    output,
    stop: () => endOnce('SIGTERM'),
    kill: async () => void (await endOnce('SIGKILL')),
    [Symbol.asyncDispose]: async () => void (await endOnce('SIGKILL')),
  };
}

/** What a task's role and region are in AWS. */
function awsOf(environment: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(
    Object.entries(environment).flatMap(([name, value]) =>
      name.startsWith('AWS_') && value !== undefined ? [[name, value]] : [],
    ),
  );
}
