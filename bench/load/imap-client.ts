/** An IMAP client for benchmarks: sends a command, and waits for its tagged answer without reading what lies between. */
import { password, userAddress } from '../servers/bench-server.ts';
import { Wire } from './wire.ts';

const newline = 0x0a;
/** No line of a tagged answer is longer: Cyrus tells all that it can in its OK to LOGIN. */
const keptOctets = 4096;

/** Waits for the last line to begin with the tag; nothing may follow it. Refused answers throw. */
function tagged(tag: string): (chunk: Buffer) => boolean {
  let tail: Buffer = Buffer.alloc(0);
  return (chunk) => {
    tail =
      chunk.length >= keptOctets
        ? chunk.subarray(-keptOctets)
        : Buffer.concat([tail, chunk]).subarray(-keptOctets);
    if (tail.at(-1) !== newline) return false;
    const line = tail.toString('latin1', tail.lastIndexOf(newline, tail.length - 2) + 1);
    if (!line.startsWith(`${tag} `)) return false;
    if (!line.startsWith(`${tag} OK`)) throw new Error(`the server answered ${line.trimEnd()}`);
    return true;
  };
}

/** Waits until the bytes hold the text. */
export function holding(text: string): (chunk: Buffer) => boolean {
  let tail = '';
  return (chunk) => {
    tail = (tail + chunk.toString('latin1')).slice(-4096);
    return tail.includes(text);
  };
}

export class ImapClient {
  #tags = 0;
  readonly wire: Wire;

  private constructor(wire: Wire) {
    this.wire = wire;
  }

  static async connect(port: number, options: { readonly tls?: boolean } = {}): Promise<ImapClient> {
    const wire = await Wire.connect(port, options);
    await wire.until(holding('* OK'));
    return new ImapClient(wire);
  }

  static async login(
    port: number,
    user: number,
    options: { readonly tls?: boolean } = {},
  ): Promise<ImapClient> {
    const client = await ImapClient.connect(port, options);
    await client.command(`LOGIN ${userAddress(user)} ${password}`);
    return client;
  }

  /** Sends a command and waits for its OK; what the server says before it is thrown away. */
  async command(command: string): Promise<void> {
    const tag = `a${(this.#tags += 1)}`;
    this.wire.send(`${tag} ${command}\r\n`);
    await this.wire.until(tagged(tag));
  }

  /** The same, with all that the server sent. */
  async ask(command: string): Promise<string> {
    const tag = `a${(this.#tags += 1)}`;
    this.wire.send(`${tag} ${command}\r\n`);
    const chunks: Buffer[] = [];
    const done = tagged(tag);
    await this.wire.until((chunk) => {
      chunks.push(chunk);
      return done(chunk);
    });
    return Buffer.concat(chunks).toString('latin1');
  }

  /** APPEND with a literal that does not wait for `+` (RFC 7888): LITERAL+ is spoken by every server here. */
  async append(mailbox: string, message: Buffer): Promise<void> {
    const tag = `a${(this.#tags += 1)}`;
    this.wire.send(`${tag} APPEND ${mailbox} {${message.length}+}\r\n`, message, '\r\n');
    await this.wire.until(tagged(tag));
  }

  /** Many at once, their answers waited for together: to fill a mailbox, not to measure. */
  async appendAll(mailbox: string, messages: readonly Buffer[]): Promise<void> {
    let tag = '';
    for (const message of messages) {
      tag = `a${(this.#tags += 1)}`;
      this.wire.send(`${tag} APPEND ${mailbox} {${message.length}+}\r\n`, message, '\r\n');
    }
    await this.wire.until(tagged(tag));
  }

  async logout(): Promise<void> {
    await this.command('LOGOUT');
    this.wire.close();
  }
}
