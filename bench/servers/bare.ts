/** The least that a program of Node's does for an answer that is durable: no single process of Node's can be faster. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { BenchServer } from './bench-server.ts';
import { startProgram } from './program.ts';

export const bare: BenchServer = {
  name: 'bare Node',
  role: 'ceiling',
  settings: [
    '250, and OK to APPEND, COPY and MOVE, wait for fdatasync of one file, which all that came meanwhile shares',
    'what it takes in is not read, every message that it gives out is the same one in memory, any password will do',
  ],
  takes: ({ part, name }) =>
    part === 'smtp' ||
    part === 'login' ||
    part === 'pop3' ||
    name.startsWith('BODY.PEEK') ||
    (part === 'change' && !name.includes('at once')),
  async start({ scratch, portBase, certificate }) {
    mkdirSync(scratch, { recursive: true });
    const running = await startProgram('bare-program.ts', {
      port: portBase,
      certificate,
      args: [join(scratch, 'kept')],
    });
    const ports = { smtp: portBase, imap: portBase + 1, imaps: portBase + 2, pop3: portBase + 3 };
    return { ...running, ports };
  },
};
