/** Lines out, replies in: a connection to a server, with every wait bounded. */
import type { Clock } from '../../ports/clock.ts';
import {
  ConnectionFailed,
  type OutboundConnection,
  type TlsFacts,
  type TlsTarget,
} from '../../ports/connector.ts';
import type { SmtpClientLimits, Step } from './limits.ts';
import type { ServerReply } from './reply.ts';
import { ReplyReader } from './reply-reader.ts';
import { overBy, SessionOver } from './session-over.ts';

/** Every method but `end` rejects with `SessionOver` when the session cannot go on; a 421 is one such end. */
export class Conversation {
  readonly limits: SmtpClientLimits;
  readonly #connection: OutboundConnection;
  readonly #clock: Clock;
  readonly #reader: ReplyReader;
  /** When what is under way must be done, and when all must be, in milliseconds since 1970. */
  #deadline = Infinity;
  #until = Infinity;

  constructor(
    connection: OutboundConnection,
    { clock, limits }: { readonly clock: Clock; readonly limits: SmtpClientLimits },
  ) {
    this.limits = limits;
    this.#connection = connection;
    this.#clock = clock;
    this.#reader = new ReplyReader(limits);
  }

  get remoteAddress(): string {
    return this.#connection.remoteAddress;
  }

  get tls(): TlsFacts | undefined {
    return this.#connection.tls;
  }

  /** From now on all waits together last no longer than `ms`, and none past `until`, however it is prolonged. */
  allow(ms: number, until = Infinity): void {
    this.#until = until;
    this.prolong(ms);
  }

  /** They may last `ms` from now on. */
  prolong(ms: number): void {
    this.#deadline = Math.min(this.#until, this.#clock.now() + ms);
  }

  /** Says one command, or a pipelined group of them, each with CRLF, in one write. */
  async say(commands: string, step: Step): Promise<void> {
    if (this.#reader.holdsMore) throw this.#surplus(step);
    await this.write(Buffer.from(commands), step);
  }

  /** The reply to one command. */
  async ask(command: string, step: Step): Promise<ServerReply> {
    await this.say(`${command}\r\n`, step);
    return this.reply(step);
  }

  /** Octets as they are. */
  async write(bytes: Uint8Array, step: Step): Promise<void> {
    try {
      await this.#connection.write(bytes, { timeoutMs: this.#patience(this.limits.waitMs[step], step) });
    } catch (error) {
      const over = asOver(error, step);
      throw (await this.#lastWords(step)) ?? over;
    }
  }

  /** The next reply, but 421: that ends the session. */
  async reply(step: Step): Promise<ServerReply> {
    return this.#next(step, this.limits.waitMs[step]);
  }

  /** After a positive reply to STARTTLS. What came before the handshake came in clear and counts for nothing. */
  async startTls(target: TlsTarget): Promise<TlsFacts> {
    const injected = this.#reader.holdsMore;
    this.#reader.clear();
    if (injected)
      throw new SessionOver('tls', {
        step: 'startTls',
        status: '4.7.5',
        text: 'Before the TLS handshake came more than the reply: somebody may have put it there',
      });
    try {
      return await this.#connection.startTls(target, {
        timeoutMs: this.#patience(this.limits.handshakeMs, 'startTls'),
      });
    } catch (error) {
      const { message } = asOver(error, 'startTls');
      throw new SessionOver('tls', { step: 'startTls', status: '4.7.5', text: message });
    }
  }

  /** Ends the connection at once; safe to call again. */
  end(): void {
    this.#connection.close();
  }

  async #next(step: Step, waitMs: number): Promise<ServerReply> {
    const until = this.#clock.now() + waitMs;
    for (;;) {
      const read = this.#reader.read();
      if (read?.kind === 'unreadable')
        throw new SessionOver('outOfStep', {
          step,
          status: '4.5.0',
          text: `The server's reply cannot be read: ${read.why}`,
        });
      if (read?.reply.code === 421) throw overBy(read.reply, { step, text: '' });
      if (read !== undefined) return read.reply;
      this.#reader.push(await this.#read(step, until - this.#clock.now()));
    }
  }

  async #read(step: Step, waitMs: number): Promise<Uint8Array> {
    let bytes: Uint8Array | undefined;
    try {
      bytes = await this.#connection.read({ timeoutMs: this.#patience(waitMs, step) });
    } catch (error) {
      throw asOver(error, step);
    }
    if (bytes === undefined) throw lost(step, 'The server ended the connection');
    return bytes;
  }

  /** Of a broken connection: why, where the server has said so. */
  async #lastWords(step: Step): Promise<SessionOver | undefined> {
    try {
      const reply = await this.#next(step, this.limits.lastWordsMs);
      return reply.code < 400 ? undefined : overBy(reply, { step, text: brokenOff, why: 'lost' });
    } catch (error) {
      return error instanceof SessionOver && error.why === 'leaving' ? error : undefined;
    }
  }

  /** What nobody asked for would be taken for the answer to the next command. */
  #surplus(step: Step): SessionOver {
    const read = this.#reader.read();
    if (read?.kind === 'reply' && read.reply.code === 421) return overBy(read.reply, { step, text: '' });
    const text = 'The server said more than it was asked';
    return new SessionOver('outOfStep', { step, status: '4.5.0', text });
  }

  /** How long may be waited for a thing that may take `waitMs`. */
  #patience(waitMs: number, step: Step): number {
    const ms = Math.min(waitMs, this.#deadline - this.#clock.now());
    if (ms <= 0) throw lost(step, 'The server takes too long');
    return ms;
  }
}

const brokenOff = 'The server broke the connection off';

function lost(step: Step, text: string): SessionOver {
  return new SessionOver('lost', { step, status: '4.4.2', text });
}

/** Anything else than a failed connection is a fault of ours. */
function asOver(error: unknown, step: Step): SessionOver {
  if (error instanceof SessionOver) return error;
  if (!(error instanceof ConnectionFailed)) throw error;
  return lost(step, error.message);
}
