/** Posta, as `posta serve` runs it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { existsSync } from 'node:fs';
import { adminPorts } from '../../bin/admin-ports.ts';
import { openOneMachine } from '../../bin/one-machine.ts';
import { standardPorts } from '../../containers/standard-ports.ts';
import { Secret } from '../../mail/auth/secret.ts';
import { addAccount } from '../../mail/directory/change-account.ts';
import { addDomain } from '../../mail/directory/change-domain.ts';
import type { Log } from '../../mail/ports/log.ts';
import { domain, password, userAddress, type BenchServer, type ServerOptions } from './bench-server.ts';

const program = join(import.meta.dirname, '../../bin/posta.ts');
const startTimeoutMs = 60_000;

const quiet: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: (event, fault) => process.stderr.write(`${event}: ${String(fault)}\n`),
  with: () => quiet,
};

export interface PostaOptions {
  /** Options of `posta serve` beside those that every run has. */
  readonly args?: readonly string[];
  /** Options of Node, such as `--cpu-prof`. */
  readonly nodeArgs?: readonly string[];
}

export function posta(name: string, { args = [], nodeArgs = [] }: PostaOptions = {}): BenchServer {
  return {
    name,
    role: 'full',
    settings: [
      `posta serve ${args.join(' ')}`.trimEnd(),
      '250, and OK to APPEND, COPY and MOVE, wait for fdatasync of the message and of the index',
      'every message is scanned, its envelope and structure indexed; log level warn',
    ],
    async start(options) {
      const data = join(options.scratch, 'posta');
      if (!existsSync(data)) await makeAccounts(data, options.users);
      return serve(data, options, [nodeArgs, args]);
    },
  };
}

async function makeAccounts(data: string, users: number): Promise<void> {
  await using machine = await openOneMachine({ data, log: quiet });
  const ports = adminPorts(machine);
  await addDomain(ports, domain);
  const numbers = Array.from({ length: users }, (_, number) => number);
  for (let from = 0; from < users; from += 100)
    await Promise.all(
      numbers.slice(from, from + 100).map(async (number) => {
        const added = await addAccount(ports, {
          address: userAddress(number),
          password: new Secret(password),
        });
        if (added.kind === 'refused') throw new Error(`${userAddress(number)}: ${added.reason}`);
      }),
    );
}

/** What `npm start` gives to Node. */
const asStarted = ['--max-semi-space-size=16'];

async function serve(
  data: string,
  { portBase, certificate }: ServerOptions,
  [nodeArgs, args]: readonly (readonly string[])[],
) {
  const child = spawn(
    process.execPath,
    [
      ...asStarted,
      ...(nodeArgs ?? []),
      ...[program, 'serve', '--data', data, '--host', '127.0.0.1', '--port-base', String(portBase)],
      ...['--hostname', 'mx.bench.test', '--tls-cert', certificate.cert, '--tls-key', certificate.key],
      ...['--max-connections', '20000', '--max-connections-per-client', '20000', '--log-level', 'warn'],
      ...(args ?? []),
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const ended = once(child, 'exit');
  let said = '';
  await new Promise<void>((resolve, reject) => {
    const late = setTimeout(
      () => reject(new Error(`posta serve was not ready after ${startTimeoutMs / 1000} s. It said: ${said}`)),
      startTimeoutMs,
    );
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      if (!said.includes('Posta is ready')) return;
      clearTimeout(late);
      resolve();
    });
    child.once('exit', (code) => reject(new Error(`posta serve ended with ${code}. It said: ${said}`)));
  });
  const { smtp, imap, imaps, pop3 } = standardPorts;
  return {
    ports: {
      smtp: portBase + smtp,
      imap: portBase + imap,
      imaps: portBase + imaps,
      pop3: portBase + pop3,
    },
    roots: child.pid === undefined ? [] : [child.pid],
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}
