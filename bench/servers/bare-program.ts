/**
 * `bare-program.ts <port> <certificate> <key> <file>`: SMTP, IMAP, IMAP with TLS and POP3 on four ports, as far as the load
 * generator speaks them, and nothing behind them but a file that is flushed.
 */
import { fdatasync, fsyncSync, openSync, readFileSync, write, writeSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { createSecureContext, createServer as createTlsServer, TLSSocket } from 'node:tls';
import { promisify } from 'node:util';

const [port, certFile, keyFile, file] = process.argv.slice(2);
const certificate = { cert: readFileSync(certFile ?? ''), key: readFileSync(keyFile ?? '') };
const secureContext = createSecureContext(certificate);
const zeros = Buffer.alloc(1024 * 1024);
const messageOctets = 10_000;
const message = Buffer.from(`Subject: bare\r\n\r\n${'x'.repeat(78)}\r\n`.repeat(200).slice(0, messageOctets));
const retrieved = Buffer.concat([Buffer.from('+OK\r\n'), message, Buffer.from('\r\n.\r\n')]);
const fetched = Buffer.concat([
  Buffer.from(`* 1 FETCH (BODY[] {${message.length}}\r\n`),
  message,
  Buffer.from(')\r\n'),
]);

/** Written from its beginning again when it is full: a file that grows is flushed more slowly. */
const fileOctets = 256 * 1024 * 1024;
const fd = openSync(file ?? '', 'w');
for (let at = 0; at < fileOctets; at += zeros.length) writeSync(fd, zeros, 0, zeros.length, at);
fsyncSync(fd);
let position = 0;
/** What came while a flush was under way goes with the next one. */
const writing = promisify(write);
const flushing = promisify(fdatasync);
let waiting: { readonly bytes: Buffer; readonly kept: () => void }[] = [];
let busy = false;

async function flushAll(): Promise<void> {
  busy = true;
  while (waiting.length > 0) {
    const taken = waiting;
    waiting = [];
    const bytes = Buffer.concat(taken.map((each) => each.bytes));
    if (position + bytes.length > fileOctets) position = 0;
    await writing(fd, bytes, 0, bytes.length, position);
    position += bytes.length;
    await flushing(fd);
    for (const { kept } of taken) kept();
  }
  busy = false;
}

function keep(bytes: Buffer, kept: () => void): void {
  waiting.push({ bytes, kept });
  if (!busy) void flushAll();
}

/** Lines, one after the other; `line` answers how many octets come next that are no line, and who takes them. */
type Literal = { readonly octets: number | 'toDot'; readonly take: (bytes: Buffer) => void };

const dot = Buffer.from('\r\n.\r\n');

function readLines(socket: Socket, line: (text: string) => Literal | undefined): void {
  let held: Buffer = Buffer.alloc(0);
  let literal: Literal | undefined;
  const parts: Buffer[] = [];
  let octets = 0;
  const eat = (): boolean => {
    if (literal !== undefined) {
      const end =
        literal.octets === 'toDot'
          ? held.indexOf(dot) + dot.length
          : held.length >= literal.octets
            ? literal.octets
            : 0;
      if (end <= (literal.octets === 'toDot' ? dot.length - 1 : 0)) return false;
      const { take } = literal;
      literal = undefined;
      take(held.subarray(0, end));
      held = held.subarray(end);
      return true;
    }
    const at = held.indexOf('\r\n');
    if (at < 0) return false;
    const text = held.toString('latin1', 0, at);
    held = held.subarray(at + 2);
    literal = line(text);
    return true;
  };
  socket.on('data', (chunk: Buffer) => {
    // A literal is joined once, when it is all there.
    if (literal !== undefined && !isWhole(literal, chunk)) {
      parts.push(chunk);
      octets += chunk.length;
      return;
    }
    held = Buffer.concat([held, ...parts.splice(0), chunk]);
    octets = 0;
    socket.cork();
    while (held.length > 0 && eat());
    socket.uncork();
  });

  function isWhole({ octets: wanted }: Literal, chunk: Buffer): boolean {
    if (wanted !== 'toDot') return held.length + octets + chunk.length >= wanted;
    const last = parts.at(-1) ?? held;
    return (
      chunk.length < dot.length ||
      chunk.includes(dot) ||
      Buffer.concat([last.subarray(-4), chunk]).includes(dot)
    );
  }
}

function serveSmtp(socket: Socket): void {
  let pending = false;
  let quits = false;
  const kept = () => {
    pending = false;
    if (quits) socket.end('250 2.0.0 OK\r\n221 2.0.0 Bye\r\n');
    else socket.write('250 2.0.0 OK\r\n');
  };
  readLines(socket, (text) => {
    switch (text.slice(0, 4)) {
      case 'EHLO':
        socket.write('250-bare\r\n250-PIPELINING\r\n250 STARTTLS\r\n');
        return undefined;
      case 'STAR':
        socket.removeAllListeners('data');
        socket.write('220 2.0.0 Go on\r\n', () => {
          const secured = new TLSSocket(socket, { isServer: true, secureContext });
          secured.on('error', () => secured.destroy());
          serveSmtp(secured);
        });
        return undefined;
      case 'DATA':
        socket.write('354 Go on\r\n');
        return {
          octets: 'toDot',
          take(bytes) {
            pending = true;
            keep(bytes, kept);
          },
        };
      case 'QUIT':
        quits = true;
        if (!pending) socket.end('221 2.0.0 Bye\r\n');
        return undefined;
      default:
        socket.write('250 2.1.0 OK\r\n');
        return undefined;
    }
  });
}

function serveImap(socket: Socket): void {
  socket.write('* OK bare\r\n');
  readLines(socket, (text) => {
    const [tag = '', name = ''] = text.split(' ', 2);
    const ok = () => void socket.write(`${tag} OK\r\n`);
    switch (name) {
      case 'APPEND': {
        const octets = Number(/\{(\d+)\+\}$/.exec(text)?.[1]);
        return { octets: octets + 2, take: (bytes) => keep(bytes, ok) };
      }
      case 'COPY':
      case 'MOVE':
        keep(Buffer.from(text), ok);
        return undefined;
      case 'STORE':
        keep(Buffer.from(text), () => undefined);
        break;
      case 'FETCH':
        socket.write(fetched);
        break;
      case 'LOGOUT':
        socket.end(`* BYE\r\n${tag} OK\r\n`);
        return undefined;
      default:
    }
    ok();
    return undefined;
  });
}

function servePop3(socket: Socket): void {
  socket.write('+OK bare\r\n');
  readLines(socket, (text) => {
    if (text.startsWith('RETR')) socket.write(retrieved);
    else if (text === 'QUIT') socket.end('+OK\r\n');
    else socket.write('+OK\r\n');
    return undefined;
  });
}

function ready(serve: (socket: Socket) => void): (socket: Socket) => void {
  return (socket) => {
    socket.setNoDelay(true);
    socket.on('error', () => socket.destroy());
    serve(socket);
  };
}

const greeted = (socket: Socket) => {
  socket.write('220 bare ESMTP\r\n');
  serveSmtp(socket);
};
const first = Number(port);
createServer(ready(greeted)).listen(first, '127.0.0.1');
createServer(ready(serveImap)).listen(first + 1, '127.0.0.1');
createTlsServer(certificate, ready(serveImap)).listen(first + 2, '127.0.0.1');
createServer(ready(servePop3)).listen(first + 3, '127.0.0.1', () => process.stdout.write('ready\n'));
process.on('SIGTERM', () => process.exit(0));
