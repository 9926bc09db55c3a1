/** Pebble, Let's Encrypt's certificate authority for tests, on free ports of the loopback. It asks the DNS server it is given. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { request } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { generate } from 'selfsigned';
import { installPebble } from '../emulators/install.ts';

export interface Pebble extends AsyncDisposable {
  readonly directory: string;
  /** A file: what its own HTTPS is trusted by. */
  readonly trust: string;
  /** What the certificates that it gives are trusted by. It makes another at each start. */
  root(): Promise<string>;
  output(): string;
}

export interface PebbleOptions {
  /** Where it looks for TLS-ALPN-01. */
  readonly tlsPort: number;
  readonly dnsServer: string;
  readonly port: number;
  /** Where others must know it before. */
  readonly own?: PebblePair;
  /** Of the certificates that it gives. */
  readonly validitySeconds?: number;
}

/** Of its HTTPS. */
export async function pebblePair(): Promise<PebblePair> {
  const { cert, private: key } = await generate([{ name: 'commonName', value: 'localhost' }], {
    keyType: 'ec',
    extensions: [
      {
        name: 'subjectAltName',
        altNames: [{ type: 7, ip: '127.0.0.1' }],
      },
    ],
  });
  return { cert, key };
}

export interface PebblePair {
  readonly cert: string;
  readonly key: string;
}

export async function startPebble(options: PebbleOptions): Promise<Pebble> {
  const { tlsPort, dnsServer, port, validitySeconds = 90 * 86_400 } = options;
  await using starting = new AsyncDisposableStack();
  const program = join(await installPebble(), 'pebble');
  const folder = await mkdtemp(join(tmpdir(), 'posta-pebble-'));
  starting.defer(() => rm(folder, { recursive: true, force: true }));
  const own = options.own ?? (await pebblePair());
  const file = async (name: string, text: string) => {
    await writeFile(join(folder, name), text);
    return join(folder, name);
  };
  const trust = await file('own.pem', own.cert);
  const profile = { description: 'The only one', validityPeriod: validitySeconds };
  const config = await file(
    'config.json',
    JSON.stringify({
      pebble: {
        listenAddress: `127.0.0.1:${port}`,
        managementListenAddress: `127.0.0.1:${port + 1}`,
        certificate: trust,
        privateKey: await file('own.key', own.key),
        httpPort: 1,
        tlsPort,
        profiles: { default: profile },
      },
    }),
  );
  const child = spawn(program, ['-config', config, '-dnsserver', dnsServer], {
    // It is told to look at once, and to find no nonce bad: what it does otherwise to try clients takes time.
    env: { ...process.env, PEBBLE_VA_NOSLEEP: '1', PEBBLE_WFE_NONCEREJECT: '0' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes: Buffer) => said.push(bytes));
  const output = () => Buffer.concat(said).toString();
  const ended = once(child, 'exit');
  starting.defer(async () => {
    child.kill();
    await ended;
  });
  const get = (path: string, at: number) => getHttps(`https://127.0.0.1:${at}${path}`, own.cert);
  for (let waited = 0; ; waited += 50) {
    if (await get('/dir', port).catch(() => undefined)) break;
    if (waited > 20_000 || child.exitCode !== null) throw new Error(`Pebble did not start:\n${output()}`);
    await sleep(50);
  }
  const started = starting.move();
  return {
    directory: `https://127.0.0.1:${port}/dir`,
    trust,
    root: () => get('/roots/0', port + 1),
    output,
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  };
}

async function getHttps(url: string, ca: string): Promise<string> {
  const asking = request(url, { ca, timeout: 2000 });
  asking.end();
  const [answer] = (await once(asking, 'response')) as [AsyncIterable<Buffer>];
  let text = '';
  for await (const bytes of answer) text += bytes.toString();
  return text;
}
