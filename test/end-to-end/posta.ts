/** Posta as its users start it: a process of its own on a data directory, and the `posta` command beside it. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { adminPorts } from '../../bin/admin-ports.ts';
import { openOneMachine, type OneMachine } from '../../bin/one-machine.ts';
import { Secret } from '../../mail/auth/secret.ts';
import { addAccount } from '../../mail/directory/change-account.ts';
import { addDomain } from '../../mail/directory/change-domain.ts';
import type { DirectoryPorts } from '../../mail/directory/directory-ports.ts';
import { isRefused, type Refused } from '../../mail/directory/refused.ts';
import { recordingLog } from '../contracts/recording-log.ts';
import { freePortBase } from './free-ports.ts';

const program = join(import.meta.dirname, '../../bin/posta.ts');

export interface CommandResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The ports of a running Posta. */
export interface Ports {
  readonly smtp: number;
  readonly submission: number;
  readonly submissions: number;
  readonly imap: number;
  readonly imaps: number;
  readonly pop3: number;
  readonly pop3s: number;
}

/** Longer than any command takes; one that does not end fails its test, and is not left behind. */
const commandTimeoutMs = 60_000;

/** `posta …` on a data directory; `input` goes to its standard input. */
export async function postaCommand(
  args: readonly string[],
  options: { readonly input?: string; readonly env?: Record<string, string>; readonly cwd?: string } = {},
): Promise<CommandResult> {
  const child = spawn(process.execPath, [program, ...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, ...options.env },
    timeout: commandTimeoutMs,
    killSignal: 'SIGKILL',
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  });
  child.stdin.on('error', () => {});
  child.stdin.end(options.input ?? '');
  const output = collect(child);
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, ...output };
}

function collect(child: ChildProcess): { stdout: string; stderr: string } {
  const output = { stdout: '', stderr: '' };
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (output.stdout += text));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (output.stderr += text));
  return output;
}

export interface TestPostaOptions {
  readonly accounts?: Record<string, string>;
  /** Of `posta serve`. */
  readonly args?: readonly string[];
  /** Where another server must know it before this one starts. */
  readonly portBase?: number;
}

/** A Posta on a directory of its own, with accounts whose passwords are known; it can be killed and started again. */
export class TestPosta implements AsyncDisposable {
  readonly dataDir: string;
  readonly portBase: number;
  readonly #args: readonly string[];
  #child: ChildProcess | undefined;
  #output = { stdout: '', stderr: '' };
  /** Settles when nothing in this process has the data directory open. */
  #dataFree: Promise<unknown> = Promise.resolve();

  private constructor(place: { dataDir: string; portBase: number }, args: readonly string[]) {
    this.dataDir = place.dataDir;
    this.portBase = place.portBase;
    this.#args = args;
  }

  /** Makes the domains of `accounts` (address to password), by default two of `example.test`, and starts the server. */
  static async start(options: TestPostaOptions = {}): Promise<TestPosta> {
    const dataDir = await mkdtemp(join(tmpdir(), 'posta-e2e-'));
    const portBase = options.portBase ?? (await freePortBase());
    const posta = new TestPosta({ dataDir, portBase }, options.args ?? []);
    const accounts = Object.entries(
      options.accounts ?? { 'pepe@example.test': 'pepe-password', 'paco@example.test': 'paco-password' },
    );
    const domains = new Set(accounts.map(([address]) => address.slice(address.lastIndexOf('@') + 1)));
    await posta.change(async (ports) => {
      const results = [];
      for (const domain of domains) results.push(await addDomain(ports, domain));
      for (const [address, password] of accounts)
        results.push(await addAccount(ports, { address, password: new Secret(password) }));
      return results.find(isRefused) ?? results[0];
    });
    await posta.serve();
    return posta;
  }

  /**
   * The data directory opened in this process, beside the server where that runs. One after the other: two openings
   * in one process would lock each other out of LMDB for ever.
   */
  withData<Result>(use: (machine: OneMachine) => Promise<Result>): Promise<Result> {
    const done = this.#dataFree.then(async () => {
      await using machine = await openOneMachine({ data: this.dataDir, log: recordingLog() });
      return await use(machine);
    });
    this.#dataFree = done.catch(() => undefined);
    return done;
  }

  /** A change by what is behind the `posta` command, without a process for each; throws when it is refused. */
  async change<Result>(make: (ports: DirectoryPorts) => Promise<Result | Refused>): Promise<Result> {
    return this.withData(async (machine) => {
      const result = await make(adminPorts(machine));
      if (isRefused(result)) throw new Error(`${result.reason} ${result.hint}`);
      return result;
    });
  }

  /** Of the server that was started last. */
  get pid(): number {
    const pid = this.#child?.pid;
    if (pid === undefined) throw new Error('the server was not started');
    return pid;
  }

  get ports(): Ports {
    const at = (port: number) => this.portBase + port;
    return {
      smtp: at(25),
      submission: at(587),
      submissions: at(465),
      imap: at(143),
      imaps: at(993),
      pop3: at(110),
      pop3s: at(995),
    };
  }

  /** What the server has printed since it was last started. */
  get output(): { readonly stdout: string; readonly stderr: string } {
    return this.#output;
  }

  /** `posta …` on this data directory; throws unless it exits 0. */
  async run(...args: readonly string[]): Promise<string> {
    const result = await postaCommand([...args, '--data', this.dataDir]);
    if (result.code !== 0)
      throw new Error(`posta ${args.join(' ')} exited ${result.code}: ${result.stderr}${result.stdout}`);
    return result.stdout;
  }

  /** Starts the server, and waits until it says that it is ready; `args` in place of those it was first started with. */
  async serve(args: readonly string[] = this.#args): Promise<void> {
    const child = spawn(
      process.execPath,
      [program, 'serve', '--data', this.dataDir, '--port-base', String(this.portBase), ...args],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    );
    this.#child = child;
    this.#output = collect(child);
    const deadline = Date.now() + 20_000;
    while (!this.#output.stdout.includes('is ready')) {
      if (child.exitCode !== null || Date.now() > deadline)
        throw new Error(`serve did not start: ${this.#output.stderr}${this.#output.stdout}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  /** Sends the signal and waits for the end; the exit code, or null after a signal that cannot be caught. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null)
      return child?.exitCode ?? null;
    child.kill(signal);
    const [code] = (await once(child, 'exit')) as [number | null];
    return code;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop('SIGKILL');
    await rm(this.dataDir, { recursive: true, force: true });
  }
}
