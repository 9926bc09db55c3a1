/** A server that keeps nothing: what the load generator could do at most if a server cost nothing. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { BenchServer } from './bench-server.ts';

export const sink: BenchServer = {
  name: 'sink',
  settings: ['answers 250 to every message and throws it away'],
  async start({ portBase, certificate }) {
    const child = spawn(
      process.execPath,
      [join(import.meta.dirname, 'sink-program.ts'), String(portBase), certificate.cert, certificate.key],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    const ended = once(child, 'exit');
    await Promise.race([
      once(child.stdout, 'data'),
      ended.then(([code]) => Promise.reject(new Error(`the sink ended with ${code}`))),
    ]);
    return {
      ports: { smtp: portBase },
      roots: child.pid === undefined ? [] : [child.pid],
      async stop() {
        child.kill('SIGTERM');
        await ended;
      },
    };
  },
};
