/** What a program of Node's would take mail in with: nodemailer's smtp-server, one file for each message. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import manifest from 'smtp-server/package.json' with { type: 'json' };
import type { BenchServer } from './bench-server.ts';
import { startProgram } from './program.ts';

export const smtpServer: BenchServer = {
  name: `smtp-server ${manifest.version}`,
  role: 'smtpOnly',
  settings: [
    '250 waits for fsync of the file that the message was written to, one for each, all in one folder',
    'the folder itself is not flushed; no reverse look-up of clients; nothing is scanned, indexed or filed',
  ],
  async start({ scratch, portBase, certificate }) {
    const folder = join(scratch, 'messages');
    mkdirSync(folder, { recursive: true });
    return startProgram('smtp-server-program.ts', { port: portBase, certificate, args: [folder] });
  },
};
