/** Starts a program of this folder, which takes SMTP on one port and says `ready` when it does. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RunningServer, ServerOptions } from './bench-server.ts';

export interface ProgramOptions extends Pick<ServerOptions, 'certificate'> {
  readonly port: number;
  /** After the port, the certificate and the key. */
  readonly args?: readonly string[];
}

const startMs = 30_000;

export async function startProgram(
  file: string,
  { port, certificate, args = [] }: ProgramOptions,
): Promise<RunningServer> {
  const child = spawn(
    process.execPath,
    [join(import.meta.dirname, file), String(port), certificate.cert, certificate.key, ...args],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const ended = once(child, 'exit');
  const late = sleep(startMs, undefined, { ref: false });
  await Promise.race([
    once(child.stdout, 'data'),
    ended.then(([code]) => Promise.reject(new Error(`${file} ended with ${code}`))),
    late.then(() => Promise.reject(new Error(`${file} was not ready after ${startMs / 1000} s`))),
  ]);
  return {
    ports: { smtp: port },
    roots: child.pid === undefined ? [] : [child.pid],
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}
