/** `sink-program.ts <port> <certificate> <key>`: SMTP as far as the load generator speaks it. */
import { readFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { createSecureContext, TLSSocket } from 'node:tls';

const [port, cert, key] = process.argv.slice(2);
const secureContext = createSecureContext({
  cert: readFileSync(cert ?? ''),
  key: readFileSync(key ?? ''),
});
const endOfMessage = Buffer.from('\r\n.\r\n');
const quit = Buffer.from('QUIT\r\n');

const answers = {
  EHLO: '250-sink\r\n250-PIPELINING\r\n250 STARTTLS\r\n',
  MAIL: '250 2.1.0 OK\r\n',
  RCPT: '250 2.1.5 OK\r\n',
  DATA: '354 Go on\r\n',
  QUIT: '221 2.0.0 Bye\r\n',
} as const;

function serve(socket: Socket): void {
  let inMessage = false;
  let tail: Buffer = Buffer.alloc(0);
  socket.setNoDelay(true);
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk: Buffer) => {
    if (inMessage) {
      const end = Buffer.concat([tail, chunk.subarray(-endOfMessage.length - quit.length)]);
      tail = end.subarray(-endOfMessage.length - quit.length);
      const at = end.lastIndexOf(endOfMessage);
      if (at === -1) return;
      inMessage = false;
      tail = Buffer.alloc(0);
      const more = end.length > at + endOfMessage.length;
      if (more) socket.end(`250 2.0.0 OK\r\n${answers.QUIT}`);
      else socket.write('250 2.0.0 OK\r\n');
      return;
    }
    const lines = chunk
      .toString('latin1')
      .split('\r\n')
      .filter((line) => line !== '');
    if (lines[0] === 'STARTTLS') {
      socket.removeAllListeners('data');
      socket.write('220 2.0.0 Go on\r\n', () =>
        serve(new TLSSocket(socket, { isServer: true, secureContext })),
      );
      return;
    }
    socket.write(
      lines
        .map((line) => answers[line.slice(0, 4) as keyof typeof answers] ?? '500 5.5.1 What?\r\n')
        .join(''),
    );
    if (lines.at(-1) === 'QUIT') socket.end();
    inMessage = lines.at(-1) === 'DATA';
  });
}

createServer((socket) => {
  socket.write('220 sink ESMTP\r\n');
  serve(socket);
}).listen(Number(port), '127.0.0.1', () => process.stdout.write('ready\n'));
process.on('SIGTERM', () => process.exit(0));
