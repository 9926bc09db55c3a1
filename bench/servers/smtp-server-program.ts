/**
 * `smtp-server-program.ts <port> <certificate> <key> <folder>`: what one writes with nodemailer's smtp-server to keep
 * each message, in a file of its own that is flushed before the 250.
 */
import { createWriteStream, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { SMTPServer } from 'smtp-server';

const [port, cert, key, folder] = process.argv.slice(2);
/** Begins with the time, so that a later start does not write over what an earlier one has kept. */
const names = `${Date.now()}`;
let kept = 0;

const server = new SMTPServer({
  cert: readFileSync(cert ?? ''),
  key: readFileSync(key ?? ''),
  disabledCommands: ['AUTH'],
  disableReverseLookup: true,
  onData(stream, _session, answer) {
    const file = createWriteStream(join(folder ?? '', `${names}-${(kept += 1)}.eml`), { flush: true });
    pipeline(stream, file).then(() => answer(), answer);
  },
});
server.on('error', (fault: Error) => process.stderr.write(`smtp-server: ${fault.message}\n`));
server.listen(Number(port), '127.0.0.1', () => process.stdout.write('ready\n'));
process.on('SIGTERM', () => process.exit(0));
