/**
 * The SMTP server without sockets (RFC 5321): octets in, replies out. It joins the line reader, the receiver whose
 * turn it is, and the output; what commands mean is elsewhere.
 */
import { LineReader } from '../wire/line-reader.ts';
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
import type { LineReceiver, Outcome, Receiver } from './command.ts';
import { commandReceiver, tally } from './dispatch.ts';
import type { SmtpOptions } from './options.ts';
import { smtpRegistry } from './registry.ts';
import { formatReply, replies, type Reply } from './reply.ts';
import { Session } from './session.ts';

/**
 * The output holds the replies to a pipelined group for one write (RFC 2920 section 3.2); a client that lets more than
 * this wait is waited for.
 */
const maxWaitingReplyOctets = 16_384;

/** Makes the engine of each new session; one factory for each role. */
export function smtpEngine(options: SmtpOptions): EngineFactory {
  return (connection, output) => new SmtpEngine({ connection, output, options });
}

class SmtpEngine implements Engine {
  readonly #session: Session;
  readonly #output: Output;
  readonly #commands: LineReceiver;
  readonly #reader: LineReader;
  #receiver: Receiver;
  /** Octets written since the output was last waited for. */
  #written = 0;
  #busy: Promise<void> | undefined;
  /** Whether a shutdown waits for no message any more. */
  #graceIsOver = false;

  constructor(parts: {
    readonly connection: Connection;
    readonly output: Output;
    readonly options: SmtpOptions;
  }) {
    this.#session = new Session(parts.connection, parts.options, smtpRegistry);
    this.#output = parts.output;
    this.#commands = commandReceiver(this.#session);
    this.#reader = new LineReader({ maxOctets: this.#commands.maxBytes, lineEnd: 'crlf' });
    this.#receiver = this.#commands;
  }

  get principal(): Principal | undefined {
    return this.#session.principal;
  }

  async start(tls: TlsSession | undefined): Promise<void> {
    const { log, options, limits, connection } = this.#session;
    this.#session.tls = tls;
    options.metrics.count('smtp.sessions', { role: options.role });
    log.info('smtp.connected', { remote: connection.remoteAddress, tls: tls?.version });
    this.#output.setIdleTimeout(limits.commandIdleMs);
    await this.#work(async () => this.#say(replies.greeting(options.hostname)));
  }

  async receive(bytes: Uint8Array): Promise<void> {
    if (this.#session.ended) return;
    this.#reader.push(bytes);
    await this.#work(() => this.#consume());
  }

  idle(): void {
    this.#finish(replies.idle);
  }

  leave(reason: LeaveReason): void {
    if (reason === 'shutdown' && this.#session.leaving === 'shutdown') this.#graceIsOver = true;
    // Lost access does not wait for a message; a shutdown that comes later must not make it wait.
    if (this.#session.leaving !== 'access') this.#session.leaving = reason;
    if (this.#busy === undefined) this.#leaveIfDue();
  }

  async closed(): Promise<void> {
    this.#session.end('gone');
    await this.#busy;
    await this.#session.reset();
  }

  /** All that runs on the client's behalf; nothing is thrown. */
  async #work(task: () => Promise<void>): Promise<void> {
    if (this.#session.ended) return;
    this.#busy = this.#guarded(task);
    await this.#busy;
    this.#busy = undefined;
    this.#leaveIfDue();
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
      const outcome =
        this.#receiver.kind === 'lines'
          ? await this.#line(this.#receiver)
          : await this.#octets(this.#receiver);
      if (outcome === undefined) return;
      await this.#act(outcome);
      this.#leaveIfDue();
      if (this.#written > maxWaitingReplyOctets) await this.#ready();
    }
  }

  /** undefined when more input is needed. */
  async #line(receiver: LineReceiver): Promise<Outcome | undefined> {
    const read = this.#reader.read();
    switch (read?.kind) {
      case undefined:
        return undefined;
      case 'line':
        return receiver.line(read.line);
      case 'tooLong':
        return receiver.unreadable('tooLong');
      case 'bareCrOrLf':
        return receiver.unreadable('bareLineEnd');
      default:
        return read satisfies never;
    }
  }

  async #octets(receiver: Extract<Receiver, { kind: 'octets' }>): Promise<Outcome | undefined> {
    const bytes = this.#reader.peek();
    if (bytes.length === 0) return undefined;
    const { used, outcome } = await receiver.take(bytes);
    this.#reader.take(used);
    return outcome;
  }

  async #act(outcome: Outcome): Promise<void> {
    const tallied = tally(this.#session, outcome);
    switch (tallied.kind) {
      case 'silent':
        return this.#await(tallied.next);
      case 'reply':
        this.#say(tallied.reply);
        return this.#await(tallied.next ?? this.#commands);
      case 'tls':
        this.#say(tallied.reply);
        return this.#startTls();
      case 'end':
        await this.#session.reset();
        if (tallied.farewell !== undefined) this.#say(tallied.reply);
        return this.#finish(tallied.farewell ?? tallied.reply);
    }
  }

  #await(receiver: Receiver): void {
    if (receiver === this.#receiver) return;
    const { commandIdleMs, dataIdleMs } = this.#session.limits;
    this.#receiver = receiver;
    this.#output.setIdleTimeout(receiver.kind === 'octets' ? dataIdleMs : commandIdleMs);
    if (receiver.kind === 'lines') this.#reader.setMaxOctets(receiver.maxBytes);
  }

  async #startTls(): Promise<void> {
    this.#reader.clear();
    await this.#session.secure(await this.#output.startTls());
  }

  #say(reply: Reply): void {
    const text = formatReply(reply);
    this.#written += text.length;
    this.#output.write(text);
  }

  async #ready(): Promise<void> {
    this.#written = 0;
    await this.#output.ready();
  }

  #finish(reply: Reply): void {
    if (this.#session.ended) return;
    this.#say(reply);
    this.#session.end(reply.reason ?? 'quit');
    this.#output.end();
  }

  /**
   * On shutdown a message that is coming in may be ended first; when access is lost it may not. An envelope without a
   * message is soon sent again (RFC 5321 section 3.8 allows 421 at any time).
   */
  #leaveIfDue(): void {
    const { leaving, transaction } = this.#session;
    if (leaving === 'access') this.#finish(replies.accessLost);
    const waits = transaction?.message !== undefined && !this.#graceIsOver;
    if (leaving === 'shutdown' && !waits) this.#finish(replies.leaving);
  }
}
