/** A session with another server, as a client (RFC 5321): opened, any number of messages sent one after the other, ended. */
import type { OutboundConnection, TlsFacts } from '../../ports/connector.ts';
import type { RecipientOutcome, Said, Transmission } from '../../ports/next-hop.ts';
import { Conversation } from './conversation.ts';
import type { Extensions } from './extensions.ts';
import type { SmtpClientOptions } from './options.ts';
import { isOneTooMany, saidOf } from './outcome.ts';
import { planTransmission } from './plan.ts';
import { SessionOver } from './session-over.ts';
import { authenticate } from './steps/authenticate.ts';
import { sendChunks } from './steps/chunks.ts';
import { sendData } from './steps/data.ts';
import { sendEnvelope } from './steps/envelope.ts';
import { awaitGreeting, sayHello } from './steps/hello.ts';
import { quit } from './steps/quit.ts';
import { reset } from './steps/reset.ts';
import { startTls } from './steps/start-tls.ts';
import { Transaction } from './transaction.ts';

export type SmtpOpening =
  | { readonly kind: 'open'; readonly session: SmtpSession }
  | {
      readonly kind: 'failed';
      readonly said: Said;
      /** The server takes no mail at all (521): not only for now. */
      readonly permanent: boolean;
      /** It was the handshake: without TLS it may go. */
      readonly byTls: boolean;
    };

/** What became of a message. */
export interface SendReport {
  /** One for each recipient, in their order. */
  readonly outcomes: readonly RecipientOutcome[];
  /** The session is over: the connection broke, or the server took leave. */
  readonly over: boolean;
  /** It was over before the server said anything to this message: a session that was idle for too long is like that. */
  readonly unanswered: boolean;
  /** The message was sent whole and no reply came: it may be there, and going elsewhere with it would make two. */
  readonly inDoubt: boolean;
}

/**
 * Takes the connection, and ends it where no session comes about: greeting, EHLO or HELO, STARTTLS and EHLO anew, AUTH.
 * Rejects for faults of this program only.
 */
export async function openSmtpSession(
  connection: OutboundConnection,
  options: SmtpClientOptions,
): Promise<SmtpOpening> {
  const talk = new Conversation(connection, options);
  talk.allow(options.limits.openMs, options.until);
  try {
    await awaitGreeting(talk);
    let extensions = await sayHello(talk, options.hostname);
    if (await startTls(talk, { extensions, policy: options.startTls }))
      extensions = await sayHello(talk, options.hostname);
    const { credentials } = options;
    if (credentials !== undefined) await authenticate(talk, { extensions, credentials });
    return { kind: 'open', session: new SmtpSession(talk, { extensions, options }) };
  } catch (error) {
    talk.end();
    if (!(error instanceof SessionOver)) throw error;
    const said = saidOf(error, options.remote);
    return { kind: 'failed', said, permanent: error.permanent, byTls: error.why === 'tls' };
  }
}

export class SmtpSession {
  readonly extensions: Extensions;
  readonly #talk: Conversation;
  readonly #options: SmtpClientOptions;
  #sent = 0;
  #mustReset = false;
  #over = false;

  /** For `openSmtpSession`. */
  constructor(
    talk: Conversation,
    { extensions, options }: { readonly extensions: Extensions; readonly options: SmtpClientOptions },
  ) {
    this.extensions = extensions;
    this.#talk = talk;
    this.#options = options;
  }

  get tls(): TlsFacts | undefined {
    return this.#talk.tls;
  }

  /** Whether nothing more can be sent. */
  get over(): boolean {
    return this.#over;
  }

  /** Messages so far. */
  get sent(): number {
    return this.#sent;
  }

  /**
   * One at a time; over at `until` (milliseconds since 1970), whatever the limits say. Rejects when the message cannot be read: then nothing was
   * sent, and the session is over.
   */
  async send(
    transmission: Transmission,
    { until }: { readonly until?: number | undefined } = {},
  ): Promise<SendReport> {
    this.#sent += 1;
    this.#talk.allow(this.#talk.limits.messageMs, until);
    const outcomes: RecipientOutcome[] = [];
    let left = [...transmission.recipients.keys()];
    for (;;) {
      const recipients = left.flatMap((at) => transmission.recipients[at] ?? []);
      const report = await this.#transact({ ...transmission, recipients });
      for (const [place, outcome] of report.outcomes.entries()) outcomes[left[place] ?? 0] = outcome;
      const progress = report.outcomes.some(({ kind }) => kind === 'sent');
      left = left.filter((at) => isOneTooMany(outcomes[at]));
      if (report.over || left.length === 0 || !progress) return { ...report, outcomes };
    }
  }

  /** Says QUIT, and ends the connection soon whatever comes. Never rejects. */
  async quit(): Promise<void> {
    if (this.#over) return;
    this.#over = true;
    await quit(this.#talk);
  }

  /** Ends the connection at once. */
  close(): void {
    this.#over = true;
    this.#talk.end();
  }

  async #transact(transmission: Transmission): Promise<SendReport> {
    let transaction: Transaction | undefined;
    try {
      transaction = await this.#begin(transmission);
      if (transaction.plan.recipients.length > 0) await this.#carryOut(transaction);
      return { outcomes: transaction.outcomes(), over: false, unanswered: false, inDoubt: false };
    } catch (error) {
      this.close();
      if (transaction === undefined || !(error instanceof SessionOver)) throw error;
      return {
        outcomes: transaction.outcomes(error),
        over: true,
        unanswered: !transaction.answered,
        inDoubt: transaction.sentWhole && error.reply === undefined,
      };
    }
  }

  async #begin(transmission: Transmission): Promise<Transaction> {
    const { extensions } = this;
    const { remote, limits } = this.#options;
    const { chunkOctets } = limits;
    const plan = await planTransmission(transmission, { extensions, remote, chunkOctets });
    return new Transaction(plan, { remote, dsn: extensions.dsn });
  }

  async #carryOut(transaction: Transaction): Promise<void> {
    if (this.#mustReset) await reset(this.#talk);
    this.#mustReset = false;
    const { pipelining } = this.extensions;
    const follows = await sendEnvelope(this.#talk, transaction, { pipelining });
    if (follows && transaction.plan.chunked) await sendChunks(this.#talk, transaction);
    else if (follows) await sendData(this.#talk, transaction);
    this.#mustReset = transaction.open;
  }
}
