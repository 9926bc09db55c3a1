/** Starts the emulators on free ports of the loopback, and says what a program needs in its environment to reach them. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { installDynamoDbLocal, installMinistack } from './install.ts';

/** Disposing ends them. */
export interface Emulators extends AsyncDisposable {
  /** For the SDK, the CLI and everything that is tested. */
  readonly environment: Readonly<Record<string, string>>;
  /** What they have said so far, for a failure that cannot be understood otherwise. */
  output(): string;
}

export interface EmulatorsOptions {
  /** Whether tables are in DynamoDB Local, which is truer, or in ministack, whose streams start Lambdas. */
  readonly dynamoDb: 'local' | 'ministack';
}

/** What every emulator takes for good. */
const account = {
  AWS_REGION: 'us-east-1',
  AWS_ACCESS_KEY_ID: 'test',
  AWS_SECRET_ACCESS_KEY: 'test',
  AWS_EC2_METADATA_DISABLED: 'true',
};

export async function startEmulators({ dynamoDb }: EmulatorsOptions): Promise<Emulators> {
  await using starting = new AsyncDisposableStack();
  const said: Buffer[] = [];
  const scratch = await mkdtemp(join(tmpdir(), 'posta-emulators-'));
  starting.defer(() => rm(scratch, { recursive: true, force: true }));
  const ministack = starting.use(await startMinistack(scratch, said));
  const local = dynamoDb === 'local' ? starting.use(await startDynamoDbLocal(scratch, said)) : undefined;
  const tables = local?.url ?? ministack.url;
  const started = starting.move();
  return {
    environment: {
      ...account,
      AWS_ENDPOINT_URL: ministack.url,
      AWS_ENDPOINT_URL_DYNAMODB: tables,
      AWS_ENDPOINT_URL_DYNAMODB_STREAMS: tables,
    },
    output: () => Buffer.concat(said).toString(),
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  };
}

interface Started extends AsyncDisposable {
  readonly url: string;
}

async function startMinistack(scratch: string, said: Buffer[]): Promise<Started> {
  const folder = await installMinistack();
  const port = await freePort();
  const child = spawn(join(folder, 'bin', 'python'), ['-m', 'ministack'], {
    cwd: scratch,
    env: {
      ...account,
      HOME: scratch,
      TMPDIR: scratch,
      // The Node that Posta runs on: its Lambdas are children of the emulator.
      PATH: [dirname(process.execPath), process.env['PATH'] ?? ''].join(delimiter),
      GATEWAY_PORT: String(port),
      MINISTACK_HOST: '127.0.0.1',
      BIND_HOST: '127.0.0.1',
      S3_DATA_DIR: join(scratch, 's3'),
      LAMBDA_EXECUTOR: 'local',
      IOT_MTLS_ENABLED: 'false',
      SFTP_ENABLED: 'false',
      LOG_LEVEL: process.env['POSTA_TEST_MINISTACK_LOG'] ?? 'WARNING',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return answering(child, { name: 'ministack', url: `http://127.0.0.1:${port}`, said });
}

async function startDynamoDbLocal(scratch: string, said: Buffer[]): Promise<Started> {
  const folder = await installDynamoDbLocal();
  const port = await freePort();
  const main = 'software.amazon.dynamodb.services.local.main.ServerRunner';
  const child = spawn(
    'java',
    ['-Xmx1g', '-cp', join(folder, '*'), main, '-inMemory', '-port', String(port)],
    // It writes a file into the folder it stands in, and looks for its native library where the system would.
    { cwd: scratch, env: { ...process.env, LD_LIBRARY_PATH: folder }, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  return answering(child, { name: 'DynamoDB Local', url: `http://127.0.0.1:${port}`, said });
}

const startTimeoutMs = 60_000;

async function answering(
  child: ChildProcess,
  { name, url, said }: { readonly name: string; readonly url: string; readonly said: Buffer[] },
): Promise<Started> {
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (bytes: Buffer) => void said.push(bytes));
  let failed: string | undefined;
  child.on('error', (fault) => (failed = fault.message));
  child.on('exit', (code, signal) => (failed ??= `it ended with ${code ?? signal}`));
  const started: Started = { url, [Symbol.asyncDispose]: () => end(child) };
  const until = Date.now() + startTimeoutMs;
  while (!(await answers(url))) {
    if (failed === undefined && Date.now() > until) failed = `no answer within ${startTimeoutMs / 1000} s`;
    if (failed !== undefined) {
      await end(child);
      throw new Error(`${name} did not start: ${failed}\n${Buffer.concat(said).toString()}`);
    }
    await sleep(50);
  }
  return started;
}

/** Any answer of HTTP is one. */
async function answers(url: string): Promise<boolean> {
  return fetch(url, { signal: AbortSignal.timeout(1000) }).then(
    () => true,
    () => false,
  );
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  const late = setTimeout(() => child.kill('SIGKILL'), 5000);
  await gone;
  clearTimeout(late);
}

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (address === null || typeof address === 'string') throw new Error('no port is free');
  return address.port;
}
