/** A client that speaks lines, for what no ordinary client would do: raw commands, broken-off sessions, pipelining. */
import { connect, type Socket } from 'node:net';
import { once } from 'node:events';
import { connect as connectTls } from 'node:tls';

export class LineClient {
  #socket: Socket;
  #buffered: Buffer = Buffer.alloc(0);
  /** `#buffered` lies in it and ends at `#end`; what lies before was taken and may be in use. */
  #storage: Buffer = Buffer.alloc(0);
  #end = 0;
  #ended = false;
  #wake: (() => void) | undefined;
  readonly #timeoutMs: number;

  private constructor(socket: Socket, timeoutMs: number) {
    this.#socket = socket;
    this.#timeoutMs = timeoutMs;
    this.#listen();
  }

  static async connect(
    port: number,
    options: { readonly tls?: boolean; readonly timeoutMs?: number } = {},
  ): Promise<LineClient> {
    const socket = options.tls
      ? connectTls({ host: '127.0.0.1', port, servername: 'localhost', rejectUnauthorized: false })
      : connect({ host: '127.0.0.1', port });
    socket.setNoDelay(true);
    await once(socket, options.tls ? 'secureConnect' : 'connect');
    return new LineClient(socket, options.timeoutMs ?? 10_000);
  }

  #listen(): void {
    const ended = () => {
      this.#ended = true;
      this.#wake?.();
    };
    this.#socket.on('data', (chunk: Buffer) => {
      this.#append(chunk);
      this.#wake?.();
    });
    this.#socket.on('error', ended).on('close', ended).on('end', ended);
  }

  /** Room grows by doubling, so that a message of 50 MB is not copied for each of its chunks. */
  #append(chunk: Buffer): void {
    const waiting = this.#buffered.length;
    if (this.#end + chunk.length > this.#storage.length) {
      this.#storage = Buffer.allocUnsafeSlow(Math.max(65_536, 2 * (waiting + chunk.length)));
      this.#buffered.copy(this.#storage);
      this.#end = waiting;
    }
    chunk.copy(this.#storage, this.#end);
    this.#end += chunk.length;
    this.#buffered = this.#storage.subarray(this.#end - waiting - chunk.length, this.#end);
  }

  /** The TLS handshake after STARTTLS or STLS. */
  async upgrade(): Promise<void> {
    this.#socket.removeAllListeners();
    const plain = this.#socket;
    this.#socket = connectTls({ socket: plain, servername: 'localhost', rejectUnauthorized: false });
    await once(this.#socket, 'secureConnect');
    this.#listen();
  }

  send(data: string | Uint8Array): void {
    this.#socket.write(data);
  }

  async #more(): Promise<void> {
    if (this.#ended) throw new Error('the server closed the connection');
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const timer = setTimeout(
      () => reject(new Error(`no answer within ${this.#timeoutMs} ms`)),
      this.#timeoutMs,
    );
    this.#wake = resolve;
    try {
      await promise;
    } finally {
      clearTimeout(timer);
      this.#wake = undefined;
    }
  }

  /** The next line, without its line end. */
  async line(): Promise<string> {
    return (await this.bytesUntil('\r\n')).toString('utf8').slice(0, -2);
  }

  /** Everything up to and with `mark`. */
  async bytesUntil(mark: string): Promise<Buffer> {
    let from = 0;
    for (;;) {
      const at = this.#buffered.indexOf(mark, from, 'latin1');
      if (at >= 0) {
        const end = at + mark.length;
        const taken = this.#buffered.subarray(0, end);
        this.#buffered = this.#buffered.subarray(end);
        return taken;
      }
      from = Math.max(0, this.#buffered.length - mark.length);
      await this.#more();
    }
  }

  /** The next so many octets. */
  async octets(count: number): Promise<Buffer> {
    while (this.#buffered.length < count) await this.#more();
    const taken = this.#buffered.subarray(0, count);
    this.#buffered = this.#buffered.subarray(count);
    return taken;
  }

  /** An SMTP reply, its lines joined by a line feed. */
  async reply(): Promise<string> {
    const lines: string[] = [];
    for (;;) {
      const line = await this.line();
      lines.push(line);
      if (line[3] !== '-') return lines.join('\n');
    }
  }

  /** Sends a command and takes its SMTP reply. */
  async command(line: string): Promise<string> {
    this.send(`${line}\r\n`);
    return this.reply();
  }

  /** Sends a POP3 command and takes its first line; throws on -ERR. */
  async pop3(line: string): Promise<string> {
    this.send(`${line}\r\n`);
    const answer = await this.line();
    if (!answer.startsWith('+OK')) throw new Error(`${line.split(' ', 1)[0]}: ${answer}`);
    return answer;
  }

  /** A POP3 multi-line answer's body, dots unstuffed, byte for byte. */
  async pop3Body(line: string): Promise<Buffer> {
    await this.pop3(line);
    while (this.#buffered.length < 3) await this.#more();
    const stuffed = this.#buffered.subarray(0, 3).equals(Buffer.from('.\r\n'))
      ? await this.bytesUntil('.\r\n')
      : await this.bytesUntil('\r\n.\r\n');
    return unstuffed(stuffed.subarray(0, -3));
  }

  /** What came, once the server has closed the connection. */
  async rest(): Promise<string> {
    while (!this.#ended) await this.#more();
    return this.#buffered.toString('latin1');
  }

  close(): void {
    this.#socket.destroy();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

/** Without the dot that was put before each line that begins with one. */
function unstuffed(lines: Buffer): Buffer {
  const pieces: Buffer[] = [];
  let from = lines[0] === 0x2e ? 1 : 0;
  for (let at = lines.indexOf('\n.'); at >= 0; at = lines.indexOf('\n.', at + 2)) {
    pieces.push(lines.subarray(from, at + 1));
    from = at + 2;
  }
  pieces.push(lines.subarray(from));
  return Buffer.concat(pieces);
}
