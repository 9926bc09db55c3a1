/** Sends messages by SMTP as fast as a server takes them: MAIL, RCPT and DATA as one group (RFC 2920), then the message. */
import type { Messages } from './messages.ts';
import { Wire } from './wire.ts';

export interface SmtpTarget {
  readonly port: number;
  readonly startTls?: boolean;
}

/** Servers end a session after so many messages or more; a new one is begun before that. */
const messagesOfASession = 400;

const digit0 = 0x30;
const digit9 = 0x39;
const space = 0x20;
const newline = 0x0a;

/** Waits until so many replies have come whole, and all of them are positive (2yz or 3yz). */
export function replies(count: number): (chunk: Buffer) => boolean {
  let left = count;
  let line = '';
  return (chunk) => {
    let from = 0;
    for (let at = chunk.indexOf(newline); at !== -1; at = chunk.indexOf(newline, from)) {
      line += chunk.toString('latin1', from, at + 1);
      from = at + 1;
      if (isLastLine(line)) {
        if (line.charCodeAt(0) > digit0 + 3) throw new Error(`the server answered ${line.trimEnd()}`);
        left -= 1;
      }
      line = '';
    }
    if (from < chunk.length) line += chunk.toString('latin1', from);
    return left <= 0;
  };
}

function isLastLine(line: string): boolean {
  const first = line.charCodeAt(0);
  return first >= digit0 && first <= digit9 && (line.charCodeAt(3) === space || line.length <= 5);
}

export class SmtpClient {
  #wire: Wire | undefined;
  #sent = 0;

  readonly #target: SmtpTarget;

  constructor(target: SmtpTarget) {
    this.#target = target;
  }

  async open(): Promise<Wire> {
    if (this.#wire !== undefined && this.#sent < messagesOfASession) return this.#wire;
    if (this.#wire !== undefined) await this.quit();
    this.#sent = 0;
    let wire = await Wire.connect(this.#target.port);
    await wire.until(replies(1));
    wire.send('EHLO client.example.net\r\n');
    await wire.until(replies(1));
    if (this.#target.startTls === true) {
      wire.send('STARTTLS\r\n');
      await wire.until(replies(1));
      wire = await wire.startTls();
      wire.send('EHLO client.example.net\r\n');
      await wire.until(replies(1));
    }
    this.#wire = wire;
    return wire;
  }

  /** Resolves when the server has answered 250 to the message. */
  async send(messages: Messages, recipient: string): Promise<void> {
    const wire = await this.open();
    this.#sent += 1;
    wire.send(`MAIL FROM:<sender@example.net>\r\nRCPT TO:<${recipient}>\r\nDATA\r\n`);
    await wire.until(replies(3));
    const { header, body } = messages.next(recipient);
    wire.send(header, body, '.\r\n');
    await wire.until(replies(1));
  }

  async quit(): Promise<void> {
    const wire = this.#wire;
    if (wire === undefined) return;
    this.#wire = undefined;
    wire.send('QUIT\r\n');
    await wire.until(replies(1));
    wire.close();
  }
}
