/** A client that reads what it wants when it wants, over a real socket. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { connect as connectTls, type ConnectionOptions, type TLSSocket } from 'node:tls';

export class Client {
  socket: Socket;
  /** What came with each read, as it came. */
  readonly reads: string[] = [];
  /** Lines that came whole, and from `#next` on are not read yet. */
  #lines: string[] = [];
  #next = 0;
  #part = '';
  #ended = false;
  #wake: () => void = () => {};

  private constructor(socket: Socket) {
    this.socket = socket;
    this.#listen();
  }

  static async open(port: number, host = '127.0.0.1'): Promise<Client> {
    const socket = connect({ port, host, allowHalfOpen: true });
    await once(socket, 'connect');
    return new Client(socket);
  }

  static async openTls(port: number, options: ConnectionOptions = {}): Promise<Client> {
    const socket = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false, ...options });
    await once(socket, 'secureConnect');
    return new Client(socket);
  }

  get secured(): TLSSocket {
    return this.socket as TLSSocket;
  }

  send(text: string | Uint8Array): void {
    this.socket.write(text);
  }

  /** The next line, without its end; `undefined` when the server has sent its last. */
  async line(): Promise<string | undefined> {
    for (;;) {
      if (this.#next < this.#lines.length) return this.#lines[this.#next++];
      if (this.#ended) return undefined;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  async lines(count: number): Promise<(string | undefined)[]> {
    const lines: (string | undefined)[] = [];
    while (lines.length < count) lines.push(await this.line());
    return lines;
  }

  /** Everything up to the end. */
  async rest(): Promise<string> {
    while (!this.#ended)
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    return [...this.#lines.slice(this.#next), this.#part].join('\r\n');
  }

  /** The client's side of STARTTLS, after the go-ahead. */
  async startTls(options: ConnectionOptions = {}): Promise<void> {
    this.socket.removeAllListeners('data').removeAllListeners('end').removeAllListeners('close');
    const secured = connectTls({ socket: this.socket, rejectUnauthorized: false, ...options });
    await once(secured, 'secureConnect');
    this.socket = secured;
    this.#listen();
  }

  close(): void {
    this.socket.destroy();
  }

  #listen(): void {
    const over = () => {
      this.#ended = true;
      this.#wake();
    };
    this.socket.on('error', () => {});
    this.socket.on('end', over).on('close', over);
    this.socket.on('data', (bytes: Buffer) => {
      this.reads.push(bytes.toString('latin1'));
      const [first = '', ...more] = bytes.toString('latin1').split('\n');
      const lines = [this.#part + first, ...more];
      this.#part = lines.pop() ?? '';
      this.#lines = [...this.#lines.slice(this.#next), ...lines.map((line) => line.replace(/\r$/, ''))];
      this.#next = 0;
      this.#wake();
    });
  }
}
