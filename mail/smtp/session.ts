/** One session's state: who the client is, the transaction under way, and what was counted against it. */
import { sessionEnded } from '../wire/session-ended.ts';
import type { Principal } from '../auth/authenticator.ts';
import type { Log } from '../ports/log.ts';
import type { EnvelopeRecipient } from '../routing/envelope.ts';
import type { Connection, TlsSession } from '../wire/engine.ts';
import type { EmailAddress } from '../message/address.ts';
import type { State } from './command.ts';
import type { MailDraft } from './extension.ts';
import type { SmtpClient, Transaction } from './host.ts';
import type { SmtpLimits } from './limits.ts';
import type { MessageSink } from './message-sink.ts';
import type { SmtpOptions } from './options.ts';
import type { Registry } from './registry.ts';
import { replies, type Reply } from './reply.ts';

/** A transaction since MAIL (RFC 5321 section 3.3). */
export interface OpenTransaction {
  readonly reversePath: EmailAddress | null;
  readonly parameters: MailDraft;
  /** By canonical address: a recipient given twice is one. */
  readonly recipients: Map<string, EnvelopeRecipient>;
  /** RCPT commands, refused ones included. */
  rcptCommands: number;
  /** The message, once DATA or BDAT has begun it. */
  message?: MessageSink;
}

export class Session {
  readonly connection: Connection;
  readonly options: SmtpOptions;
  readonly registry: Registry;
  readonly log: Log;
  helo: { readonly name: string; readonly extended: boolean } | undefined;
  tls: TlsSession | undefined;
  principal: Principal | undefined;
  transaction: OpenTransaction | undefined;
  /** Since the session began. */
  readonly counts = {
    accepted: 0,
    refused: 0,
    transactions: 0,
    authFailures: 0,
    badCommands: 0,
    refusedRecipients: 0,
    acceptedRecipients: 0,
  };
  /** Since the last accepted message. */
  idleCommands = 0;
  /** Octets of refused chunks since the session began, read or announced. */
  droppedOctets = 0;
  /** Why to take leave, once it is due; decided by the runtime. */
  leaving: 'shutdown' | 'access' | undefined;
  readonly #ended = new AbortController();
  readonly #startedAt: number;

  constructor(connection: Connection, options: SmtpOptions, registry: Registry) {
    this.connection = connection;
    this.options = options;
    this.registry = registry;
    this.log = options.log.with({ session: connection.id, role: options.role });
    this.#startedAt = options.clock.now();
  }

  get limits(): SmtpLimits {
    return this.options.limits;
  }

  get state(): State {
    if (this.transaction?.message !== undefined) return 'chunks';
    if (this.transaction !== undefined)
      return this.transaction.recipients.size === 0 ? 'sender' : 'recipients';
    return this.helo === undefined ? 'connected' : 'greeted';
  }

  /** Whether a password may be sent as things are: over TLS, or from this machine where that is allowed. */
  get passwordsAllowed(): boolean {
    return this.tls !== undefined || (this.connection.loopback && this.options.loopbackPasswords);
  }

  /** The client as the host sees it. */
  get client(): SmtpClient {
    return {
      role: this.options.role,
      connection: this.connection,
      helo: this.helo?.name ?? '',
      extended: this.helo?.extended ?? false,
      ...(this.tls === undefined ? {} : { tls: this.tls }),
      ...(this.principal === undefined ? {} : { principal: this.principal }),
    };
  }

  /** The transaction as the host sees it. */
  describe(transaction: Omit<OpenTransaction, 'rcptCommands' | 'message'>): Transaction {
    const { smtpUtf8, declaredBytes } = transaction.parameters;
    return {
      client: this.client,
      reversePath: transaction.reversePath,
      smtpUtf8,
      ...(declaredBytes === undefined ? {} : { declaredBytes }),
      recipientCount: transaction.recipients.size,
    };
  }

  /** Drops the transaction and what has come of its message (RSET, EHLO, QUIT, a refusal, the end). */
  async reset(): Promise<void> {
    const message = this.transaction?.message;
    this.transaction = undefined;
    await message?.abort();
  }

  /** STARTTLS: nothing that was said before the handshake counts (RFC 3207 section 4.2). */
  async secure(tls: TlsSession): Promise<void> {
    await this.reset();
    this.helo = undefined;
    this.principal = undefined;
    this.tls = tls;
  }

  /** The one place where a fault becomes a log line, a metric and wire text. */
  fault(error: unknown, during: string): Reply {
    this.log.error('smtp.fault', error, { during });
    this.options.metrics.count('smtp.faults', { role: this.options.role, during });
    return replies.fault;
  }

  /** Waits on the clock, or until the session ends. */
  async pause(ms: number): Promise<void> {
    await this.options.clock.sleep(ms, this.#ended.signal);
  }

  get ended(): boolean {
    return this.#ended.signal.aborted;
  }

  /** Nothing more is read or said. Writes the session's closing line the first time. */
  end(why: string): void {
    if (this.ended) return;
    this.#ended.abort(sessionEnded);
    const { accepted, refused } = this.counts;
    const ms = this.options.clock.now() - this.#startedAt;
    this.log.info('smtp.closed', { why, accepted, refused, ms });
  }
}
