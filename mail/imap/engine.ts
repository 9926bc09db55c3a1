/**
 * The IMAP server without sockets (RFC 3501): octets in, responses out. It joins the reader of commands, the receiver
 * whose turn it is, and the output; what commands mean is elsewhere.
 */
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
import { CommandReader, type CommandRead } from './command-reader.ts';
import type { LineReceiver, LiteralSink, Outcome } from './command.ts';
import { capabilities } from './commands/capability.ts';
import { IncomingCommand } from './incoming-command.ts';
import type { ImapOptions } from './options.ts';
import { imapRegistry } from './registry.ts';
import { ResponseWriter } from './response-writer.ts';
import { EnvelopeTexts } from './search/envelope-texts.ts';
import { Session } from './session.ts';
import { farewells, formatStatus, type Farewell, type Status } from './status.ts';
import { StillHere } from './still-here.ts';
import { tellChanges } from './tell-changes.ts';

/** Makes the engine of each new session. */
export function imapEngine(options: ImapOptions): EngineFactory {
  const envelopeTexts = new EnvelopeTexts();
  const stillHere = new StillHere({ clock: options.clock, everyMs: options.limits.stillHereMs });
  return (connection, output) => new ImapEngine({ connection, output, options, envelopeTexts, stillHere });
}

class ImapEngine implements Engine {
  readonly #session: Session;
  readonly #output: Output;
  readonly #out: ResponseWriter;
  readonly #reader: CommandReader;
  /** The command whose literals or lines are still coming. */
  #incoming: IncomingCommand | undefined;
  #sink: LiteralSink | undefined;
  /** The answer to a command that was refused while some of it is still to come. */
  #refusal: Status | undefined;
  /** Whose lines come next, when no command is read. */
  #receiver: LineReceiver | undefined;
  readonly #stillHere: StillHere;
  #idling = false;
  /** A task waits that tells an idling client what changed. */
  #hearing = false;
  /** All that runs on the client's behalf, one after the other. */
  #work: Promise<void> = Promise.resolve();
  #busy = 0;

  constructor(parts: {
    readonly connection: Connection;
    readonly output: Output;
    readonly options: ImapOptions;
    readonly envelopeTexts: EnvelopeTexts;
    readonly stillHere: StillHere;
  }) {
    const { output, options } = parts;
    this.#stillHere = parts.stillHere;
    this.#output = output;
    this.#out = new ResponseWriter(output);
    this.#session = new Session({ ...parts, registry: imapRegistry, out: this.#out });
    this.#reader = new CommandReader(options.limits.lineBytes);
    this.#session.onChange = () => this.#hear();
  }

  get principal(): Principal | undefined {
    return this.#session.principal;
  }

  async start(tls: TlsSession | undefined): Promise<void> {
    const { log, options, limits, connection } = this.#session;
    this.#session.tls = tls;
    options.metrics.count('imap.sessions');
    log.info('imap.connected', { remote: connection.remoteAddress, tls: tls?.version });
    this.#output.setIdleTimeout(limits.loginIdleMs);
    await this.#run(async () =>
      this.#out.untagged(`OK [${capabilities(this.#session)}] Posta IMAP server ready`),
    );
  }

  async receive(bytes: Uint8Array): Promise<void> {
    if (this.#session.ended) return;
    await this.#run(async () => {
      this.#reader.push(bytes);
      await this.#consume();
    });
  }

  idle(): void {
    this.#finish(farewells.idle);
    this.#out.flush();
  }

  leave(reason: LeaveReason): void {
    // Lost access does not wait for a shutdown that was told before; one that comes later does not take its place.
    const again = this.#session.leaving === 'shutdown';
    if (this.#session.leaving !== 'access') this.#session.leaving = reason;
    if (this.#busy === 0) this.#leaveIfDue();
    else if (reason === 'access' || again) this.#out.stop();
  }

  async closed(): Promise<void> {
    this.#end('gone');
    await this.#work;
    this.#session.unselect();
    await this.#incoming?.dispose();
  }

  /** One task at a time; nothing is thrown. */
  #run(task: () => Promise<void>): Promise<void> {
    this.#busy += 1;
    const done = this.#work.then(() => this.#guarded(task));
    this.#work = done;
    return done;
  }

  async #guarded(task: () => Promise<void>): Promise<void> {
    try {
      if (!this.#session.ended) await task();
    } catch (error) {
      if (error instanceof ConnectionEnded) this.#end('gone');
      else {
        this.#session.fault(error, this.#incoming?.name ?? 'session');
        this.#finish(farewells.fault);
      }
    }
    this.#busy -= 1;
    this.#leaveIfDue();
    this.#out.flush();
  }

  async #consume(): Promise<void> {
    while (!this.#session.ended) {
      if (this.#receiver === undefined) {
        const read = this.#reader.read();
        if (read === undefined) return;
        await this.#take(read);
      } else {
        const read = this.#reader.readLine();
        if (read === undefined) return;
        await this.#line(this.#receiver, read.kind === 'line' ? read.line : undefined);
      }
      if (!this.#session.ended && this.#out.isAhead) await this.#out.ready();
    }
  }

  async #line(receiver: LineReceiver, line: Uint8Array | undefined): Promise<void> {
    this.#listen(undefined);
    const fits = line !== undefined && line.length + '\r\n'.length <= receiver.maxBytes;
    await this.#act(await this.#faultless(async () => (fits ? receiver.line(line) : receiver.tooLong())));
  }

  async #take(read: CommandRead): Promise<void> {
    switch (read.kind) {
      case 'literal':
        return this.#literal(read);
      case 'octets':
        return this.#octets(read.bytes);
      case 'command': {
        const refusal = this.#refusal;
        this.#refusal = undefined;
        const { text } = this.#reader;
        const incoming = (this.#incoming ??= new IncomingCommand(this.#session, text));
        if (refusal !== undefined) return this.#act({ kind: 'done', status: refusal });
        return this.#act(await this.#faultless(() => incoming.run(text)));
      }
      case 'tooLong':
        return this.#finish(farewells.lineTooLong);
      default:
        return read satisfies never;
    }
  }

  async #literal({
    octets,
    synchronizing,
  }: Extract<CommandRead, { readonly kind: 'literal' }>): Promise<void> {
    const refusal = this.#refusal;
    if (refusal !== undefined) return this.#refuse(refusal, synchronizing);
    const { text, commandBytes } = this.#reader;
    const incoming = (this.#incoming ??= new IncomingCommand(this.#session, text));
    const decision = await this.#decide(incoming.literal(text, { octets, commandBytes }));
    switch (decision.kind) {
      case 'refuse':
        return this.#refuse(decision.status, synchronizing);
      case 'gather':
        this.#reader.gather();
        break;
      case 'stream':
        this.#sink = decision.sink;
        this.#reader.stream();
        break;
      default:
        decision satisfies never;
    }
    if (synchronizing) this.#out.text('+ Ready for literal data\r\n');
  }

  async #decide(deciding: ReturnType<IncomingCommand['literal']>): ReturnType<IncomingCommand['literal']> {
    try {
      return await deciding;
    } catch (error) {
      if (error instanceof ConnectionEnded) throw error;
      return { kind: 'refuse', status: this.#session.fault(error, this.#incoming?.name ?? 'literal') };
    }
  }

  /** A client that waits for `+` reads the answer instead; another one has sent the rest of the command already. */
  #refuse(status: Status, synchronizing: boolean): Promise<void> | undefined {
    if (!synchronizing) {
      this.#refusal = status;
      this.#reader.drop();
      return undefined;
    }
    this.#refusal = undefined;
    this.#reader.abandon();
    return this.#act({ kind: 'done', status });
  }

  async #octets(bytes: Buffer): Promise<void> {
    try {
      await this.#sink?.(bytes);
    } catch (error) {
      if (error instanceof ConnectionEnded) throw error;
      this.#refusal = this.#session.fault(error, this.#incoming?.name ?? 'literal');
      this.#reader.drop();
    }
  }

  async #faultless(run: () => Promise<Outcome>): Promise<Outcome> {
    try {
      return await run();
    } catch (error) {
      if (error instanceof ConnectionEnded) throw error;
      return { kind: 'done', status: this.#session.fault(error, this.#incoming?.name ?? 'session') };
    }
  }

  async #act(outcome: Outcome): Promise<void> {
    if (outcome.kind === 'continue') {
      this.#out.text(`+ ${outcome.text}\r\n`);
      this.#listen(outcome.next);
      if (outcome.next.idling === true) await this.#tell(true);
      return;
    }
    const incoming = this.#incoming;
    this.#incoming = undefined;
    this.#sink = undefined;
    await incoming?.dispose();
    const tag = incoming?.tag ?? '*';
    const tells = incoming?.tells ?? 'nothing';
    if (outcome.kind === 'done' && tells !== 'nothing' && !(await this.#tell(tells === 'everything'))) return;
    await this.#answer(outcome, { tag, command: incoming?.name ?? 'unknown' });
  }

  async #answer(
    outcome: Exclude<Outcome, { readonly kind: 'continue' }>,
    { tag, command }: { readonly tag: string; readonly command: string },
  ): Promise<void> {
    const tagged = (status: Status) => this.#out.text(`${tag} ${formatStatus(status)}\r\n`);
    switch (outcome.kind) {
      case 'done':
        tagged(outcome.status);
        this.#tally(outcome.status, command);
        break;
      case 'tls':
        tagged(outcome.status);
        this.#reader.clear();
        this.#out.flush();
        this.#session.tls = await this.#output.startTls();
        break;
      case 'end':
        this.#sayBye(outcome.farewell);
        if (outcome.status !== undefined) tagged(outcome.status);
        if (outcome.status !== undefined) this.#tally(outcome.status, command);
        this.#end(outcome.farewell.reason);
        break;
      default:
        outcome satisfies never;
    }
    if (this.principal !== undefined) this.#output.setIdleTimeout(this.#session.limits.idleMs);
    this.#leaveIfDue();
  }

  /** Counts a response that refuses; too many bad commands in a row end the session. */
  #tally(status: Status, command: string): void {
    const { counts, options, log, limits } = this.#session;
    if (status.status === 'OK') {
      counts.badCommands = 0;
      return;
    }
    const { reason, code } = status;
    counts.refused += 1;
    options.metrics.count('imap.refused', { reason });
    log.info('imap.refused', { command, reason, code });
    if (status.status === 'NO') return;
    counts.badCommands += 1;
    if (counts.badCommands >= limits.badCommands) this.#finish(farewells.tooManyBadCommands);
  }

  /** Tells what changed; whether the session goes on. */
  async #tell(expunge: boolean): Promise<boolean> {
    if ((await tellChanges(this.#session, { expunge })) === 'told') return !this.#session.ended;
    this.#finish(farewells.mailboxDeleted);
    return false;
  }

  /** The lines that come next are for `receiver`; while it idles, the client is told what changes. */
  #listen(receiver: LineReceiver | undefined): void {
    this.#receiver = receiver;
    if (this.#idling) this.#stillHere.forget(this.#sayStillHere);
    this.#idling = receiver?.idling === true && !this.#session.ended;
    if (this.#idling) this.#stillHere.remind(this.#sayStillHere);
  }

  /** Something of the account changed. However often it does, one task waits to tell it. */
  #hear(): void {
    if (!this.#idling || this.#session.maybeSelected?.stale !== true || this.#hearing) return;
    this.#hearing = true;
    void this.#run(async () => {
      this.#hearing = false;
      // It may be told already, or IDLE be over.
      if (this.#idling) await this.#tell(true);
    });
  }

  readonly #sayStillHere = () => {
    void this.#run(async () => {
      // IDLE may be over since then.
      if (this.#idling) this.#out.untagged('OK Still here');
    });
  };

  #sayBye({ code, text }: Farewell): void {
    this.#out.untagged(`BYE ${code === undefined ? '' : `[${code}] `}${text}`);
  }

  #finish(farewell: Farewell): void {
    if (this.#session.ended) return;
    this.#sayBye(farewell);
    this.#end(farewell.reason);
  }

  #end(why: string): void {
    if (this.#session.ended) return;
    this.#listen(undefined);
    this.#out.flush();
    // A command that is under way goes no further than its next wait, and until then has its mailbox.
    this.#out.stop();
    this.#session.end(why);
    this.#output.end();
    void this.#work.then(() => this.#session.unselect());
  }

  /** A command that has begun is finished first, but for one whose literals or lines are still to come. */
  #leaveIfDue(): void {
    const { leaving } = this.#session;
    if (leaving === 'access') this.#finish(farewells.accessLost);
    else if (leaving === 'shutdown') this.#finish(farewells.leaving);
  }
}
