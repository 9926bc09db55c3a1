/**
 * The POP3 server without sockets (RFC 1939): octets in, replies out. It joins the line reader, the receiver whose
 * turn it is, and the output; what commands mean is elsewhere.
 */
import { DotStuffer } from '../wire/dot-stuffing.ts';
import type { Principal } from '../auth/authenticator.ts';
import {
  ConnectionEnded,
  type Connection,
  type Engine,
  type EngineFactory,
  type LeaveReason,
  type Output,
  type TlsSession,
} from '../wire/engine.ts';
import { LineReader, type LineRead } from '../wire/line-reader.ts';
import type { LineReceiver, MultiLineBody, Outcome } from './command.ts';
import { commandReceiver, tally } from './dispatch.ts';
import type { Pop3Options } from './options.ts';
import { pop3Registry } from './registry.ts';
import { formatReply, replies, type Reply } from './reply.ts';
import { Session } from './session.ts';

/**
 * The output holds the replies to a pipelined group for one write (RFC 2449 section 6.6); a client that lets more than
 * this wait is waited for.
 */
const maxWaitingReplyOctets = 16_384;
/** A message is written in pieces of at most this; stuffing makes one half as long again at worst. */
const maxPieceOctets = 16_384;

/** Makes the engine of each new session. */
export function pop3Engine(options: Pop3Options): EngineFactory {
  return (connection, output) => new Pop3Engine({ connection, output, options });
}

class Pop3Engine implements Engine {
  readonly #session: Session;
  readonly #output: Output;
  readonly #commands: LineReceiver;
  readonly #reader: LineReader;
  #receiver: LineReceiver;
  /** Octets written since the output was last waited for. */
  #written = 0;
  #busy: Promise<void> | undefined;

  constructor(parts: {
    readonly connection: Connection;
    readonly output: Output;
    readonly options: Pop3Options;
  }) {
    this.#session = new Session(parts.connection, parts.options, pop3Registry);
    this.#output = parts.output;
    this.#commands = commandReceiver(this.#session);
    this.#reader = new LineReader({ maxOctets: this.#commands.maxBytes, lineEnd: 'lf' });
    this.#receiver = this.#commands;
  }

  get principal(): Principal | undefined {
    return this.#session.principal;
  }

  async start(tls: TlsSession | undefined): Promise<void> {
    const { log, options, limits, connection } = this.#session;
    this.#session.tls = tls;
    options.metrics.count('pop3.sessions');
    log.info('pop3.connected', { remote: connection.remoteAddress, tls: tls?.version });
    this.#output.setIdleTimeout(limits.idleMs);
    await this.#work(async () => this.#say(replies.greeting));
  }

  async receive(bytes: Uint8Array): Promise<void> {
    if (this.#session.ended) return;
    this.#reader.push(bytes);
    await this.#work(() => this.#consume());
  }

  /** RFC 1939 section 3: the connection closes without any response, and nothing is deleted. */
  idle(): void {
    this.#end('idle');
  }

  leave(reason: LeaveReason): void {
    // Lost access does not wait for a shutdown that was told before; one that comes later does not take its place.
    if (this.#session.leaving !== 'access') this.#session.leaving = reason;
    if (this.#busy === undefined) this.#leaveIfDue();
  }

  async closed(): Promise<void> {
    this.#session.end('gone');
    await this.#busy;
    await this.#session.releaseMaildrop();
  }

  /** All that runs on the client's behalf; nothing is thrown. */
  async #work(task: () => Promise<void>): Promise<void> {
    if (this.#session.ended) return;
    this.#busy = this.#guarded(task);
    await this.#busy;
    this.#busy = undefined;
    this.#leaveIfDue();
    // Others may log in as soon as the session is over, whenever its connection is gone.
    if (this.#session.ended) await this.#session.releaseMaildrop();
  }

  async #guarded(task: () => Promise<void>): Promise<void> {
    try {
      await task();
    } catch (error) {
      if (!(error instanceof ConnectionEnded)) this.#finish(this.#session.fault(error, 'session'));
      this.#session.end('gone');
    }
  }

  async #consume(): Promise<void> {
    while (!this.#session.ended) {
      const read = this.#reader.read();
      if (read === undefined) return;
      await this.#act(await this.#outcomeOf(read));
      this.#leaveIfDue();
      if (this.#written > maxWaitingReplyOctets) await this.#ready();
    }
  }

  #outcomeOf(read: LineRead): Promise<Outcome> {
    return read.kind === 'line' ? this.#receiver.line(read.line) : this.#receiver.tooLong();
  }

  async #act(outcome: Outcome): Promise<void> {
    const tallied = tally(this.#session, outcome);
    switch (tallied.kind) {
      case 'reply':
        this.#say(tallied.reply);
        return this.#await(tallied.next ?? this.#commands);
      case 'multiLine':
        this.#say(tallied.reply);
        return this.#sayBody(tallied.body);
      case 'tls':
        this.#say(tallied.reply);
        return this.#startTls();
      case 'end':
        if (tallied.farewell !== undefined) this.#say(tallied.reply);
        return this.#finish(tallied.farewell ?? tallied.reply);
      default:
        return tallied satisfies never;
    }
  }

  #await(receiver: LineReceiver): void {
    if (receiver === this.#receiver) return;
    this.#receiver = receiver;
    this.#reader.setMaxOctets(receiver.maxBytes);
  }

  async #startTls(): Promise<void> {
    this.#reader.clear();
    this.#session.secure(await this.#output.startTls());
  }

  /**
   * The lines of a reply as they are read, never more of them than the client takes. A fault after the first line
   * cannot be told in words that are not the message's: the connection ends without the dot, which tells it as well.
   */
  async #sayBody(body: MultiLineBody): Promise<void> {
    const stuffer = new DotStuffer();
    try {
      for await (const chunk of body)
        for (let at = 0; at < chunk.length; at += maxPieceOctets) {
          if (this.#session.leaving === 'access') return this.#end('accessLost');
          if (this.#session.ended) return;
          this.#write(stuffer.encode(chunk.subarray(at, at + maxPieceOctets)));
          if (this.#written > maxWaitingReplyOctets) await this.#ready();
        }
    } catch (error) {
      if (error instanceof ConnectionEnded) throw error;
      this.#session.fault(error, 'body');
      return this.#end('fault');
    }
    this.#write(stuffer.finish());
  }

  #say(reply: Reply): void {
    this.#write(formatReply(reply));
  }

  #write(bytes: Uint8Array | string): void {
    this.#written += bytes.length;
    this.#output.write(bytes);
  }

  async #ready(): Promise<void> {
    this.#written = 0;
    await this.#output.ready();
  }

  #finish(reply: Reply): void {
    if (this.#session.ended) return;
    this.#say(reply);
    this.#end(reply.kind === 'err' ? reply.reason : 'quit');
  }

  #end(why: string): void {
    if (this.#session.ended) return;
    this.#session.end(why);
    this.#output.end();
  }

  /** Nothing is under way between two commands: what was marked as deleted stays (RFC 1939 section 6). */
  #leaveIfDue(): void {
    const { leaving } = this.#session;
    if (leaving === 'access') this.#finish(replies.accessLost);
    else if (leaving === 'shutdown') this.#finish(replies.leaving);
  }
}
