/** Child processes of the contract suites: scripts that open the same store, speak in lines, and may be killed. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import type { ChildAccess } from './contract.ts';

export interface Child {
  /** What it has printed so far. */
  readonly lines: readonly string[];
  /** Resolves when it has printed so many lines, or has ended. */
  printed(count: number): Promise<void>;
  /** Without a chance to clean up; resolves when it is gone. */
  kill(): Promise<void>;
  /** Resolves when it ends by itself; rejects when it fails. */
  ended(): Promise<void>;
}

/** Starts a script of this folder on the store of `access`. */
export function startChild(script: string, access: ChildAccess, ...parameters: readonly string[]): Child {
  const path = join(import.meta.dirname, script);
  const started = spawn(process.execPath, [path, access.module, access.argument, ...parameters], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines: string[] = [];
  const waiting: { readonly count: number; readonly resolve: () => void }[] = [];
  const wake = (have: number) => {
    for (const { count, resolve } of waiting) if (count <= have) resolve();
  };
  const reader = createInterface({ input: started.stdout });
  reader.on('line', (line) => {
    lines.push(line);
    wake(lines.length);
  });
  const closed = once(reader, 'close');
  const exited = once(started, 'exit');
  const gone = Promise.all([closed, exited]).then(() => wake(Infinity));
  return {
    lines,
    printed: (count) =>
      lines.length >= count ? Promise.resolve() : new Promise((resolve) => waiting.push({ count, resolve })),
    kill: async () => {
      started.kill('SIGKILL');
      await gone;
    },
    ended: async () => {
      await gone;
      refuseFailure(started, script);
    },
  };
}

function refuseFailure({ exitCode, signalCode }: ChildProcess, script: string): void {
  if (exitCode !== 0) throw new Error(`${script} ended with ${exitCode ?? signalCode}`);
}
