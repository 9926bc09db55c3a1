/** A POP3 client for benchmarks. */
import { password, userAddress } from '../servers/bench-server.ts';
import { Wire } from './wire.ts';

const end = Buffer.from('\r\n.\r\n');

function okLine(): (chunk: Buffer) => boolean {
  let line = '';
  return (chunk) => {
    line += chunk.toString('latin1', 0, 512);
    if (line.startsWith('-')) throw new Error(`the server answered ${line.trimEnd()}`);
    return line.endsWith('\n');
  };
}

/** Waits for so many multi-line answers. */
function multiLines(count: number): (chunk: Buffer) => boolean {
  let left = count;
  let tail: Buffer = Buffer.alloc(0);
  return (chunk) => {
    // An end that lies across two chunks has at most four octets in the first.
    const seam = Buffer.concat([tail, chunk.subarray(0, end.length - 1)]);
    if (tail.length > 0 && seam.includes(end)) left -= 1;
    for (let at = chunk.indexOf(end); at !== -1; at = chunk.indexOf(end, at + end.length - 2)) left -= 1;
    tail = (chunk.length >= end.length ? chunk : Buffer.concat([tail, chunk])).subarray(-(end.length - 1));
    return left <= 0;
  };
}

export class Pop3Client {
  readonly #wire: Wire;

  private constructor(wire: Wire) {
    this.#wire = wire;
  }

  static async login(port: number, user: number): Promise<Pop3Client> {
    const wire = await Wire.connect(port);
    await wire.until(okLine());
    const client = new Pop3Client(wire);
    await client.command(`USER ${userAddress(user)}`);
    await client.command(`PASS ${password}`);
    return client;
  }

  async command(command: string): Promise<void> {
    this.#wire.send(`${command}\r\n`);
    await this.#wire.until(okLine());
  }

  async retrieve(number: number): Promise<void> {
    this.#wire.send(`RETR ${number}\r\n`);
    await this.#wire.until(multiLines(1));
  }

  /** RETR of 1 to `count` as one group (RFC 2449 section 6.6), in groups small enough for the server's input. */
  async retrievePipelined(count: number): Promise<void> {
    const done = multiLines(count);
    let commands = '';
    for (let number = 1; number <= count; number++) commands += `RETR ${number}\r\n`;
    this.#wire.send(commands);
    await this.#wire.until(done);
  }

  async quit(): Promise<void> {
    await this.command('QUIT');
    this.#wire.close();
  }
}
