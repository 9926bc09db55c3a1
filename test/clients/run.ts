/** Runs a mail client that none of us wrote, and gives back what it said. */
import { execFile } from 'node:child_process';

export interface ClientResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Never rejects for a client's own failure; a client that hangs is ended after `timeoutMs`. */
export function runClient(
  program: string,
  args: readonly string[],
  options: {
    readonly input?: string | Buffer;
    readonly env?: Record<string, string>;
    readonly timeoutMs?: number;
  } = {},
): Promise<ClientResult> {
  return new Promise((resolve, reject) => {
    const child = execFile(
      program,
      args,
      {
        encoding: 'latin1',
        timeout: options.timeoutMs ?? 30_000,
        maxBuffer: 64 * 1024 * 1024,
        env: { ...process.env, ...options.env },
      },
      (error, stdout, stderr) => {
        if (error !== null && typeof error.code === 'string')
          return reject(new Error(`${program} could not be started: ${error.message}`));
        resolve({
          code: error === null ? 0 : typeof error.code === 'number' ? error.code : -1,
          stdout,
          stderr,
        });
      },
    );
    child.stdin?.on('error', () => {});
    child.stdin?.end(options.input ?? '');
  });
}
