/** Starting a server that stays in the foreground, waiting until it greets, and ending it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Daemon {
  readonly pid: number;
  /** SIGTERM, then waits for it and everything that it has started. */
  stop(): Promise<void>;
}

export interface DaemonOptions {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Ports of 127.0.0.1 that take connections once it is ready. */
  readonly ports: readonly number[];
  /** Its log, for the error when it does not start. */
  readonly log: string;
}

const startMs = 30_000;
const stopMs = 60_000;
const lookMs = 20;

/** A process group of its own: at its end some masters take that with them. */
export async function startDaemon({ command, args, env, ports, log }: DaemonOptions): Promise<Daemon> {
  const child = spawn(command, args, {
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true,
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', ...env },
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-4000)));
  const { pid } = child;
  if (pid === undefined) throw new Error(`${command} cannot be started: is its package installed?`);
  const ended = once(child, 'exit');
  const end = Date.now() + startMs;
  for (const port of ports)
    while (!(await takesConnections(port))) {
      if (child.exitCode !== null || Date.now() > end)
        throw new Error(`${command} does not listen on ${port}. ${said} ${lastLines(log)}`);
      await sleep(lookMs);
    }
  return {
    pid,
    async stop() {
      const group = processesOf(pid);
      child.kill('SIGTERM');
      const late = sleep(stopMs, 'late', { ref: false });
      if ((await Promise.race([ended, late])) === 'late')
        throw new Error(`${command} (process ${pid}) has not ended after ${stopMs / 1000} s`);
      const until = Date.now() + stopMs;
      while (group.some((other) => existsSync(`/proc/${other}`))) {
        if (Date.now() > until) throw new Error(`${command} has left processes: ${group.join(' ')}`);
        await sleep(lookMs);
      }
    },
  };
}

function takesConnections(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    const answer = (taken: boolean) => {
      socket.destroy();
      resolve(taken);
    };
    socket.once('connect', () => answer(true)).once('error', () => answer(false));
  });
}

function lastLines(path: string): string {
  return existsSync(path) ? `Its log ends with:\n${readFileSync(path, 'utf8').slice(-2000)}` : '';
}

/** All below it, and those of its session, whose parents may have ended. */
function processesOf(root: number): readonly number[] {
  const all = readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'latin1');
      const [, parent, , session] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return [{ pid: Number(name), parent: Number(parent), session: Number(session) }];
    } catch {
      // It has ended meanwhile.
      return [];
    }
  });
  const found = [root];
  for (const known of found)
    for (const { pid, parent, session } of all)
      if ((parent === known || session === known) && !found.includes(pid)) found.push(pid);
  return found.slice(1);
}
