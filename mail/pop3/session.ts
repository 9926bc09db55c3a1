/** One session's state: who the client is, its maildrop, and what was counted against it. */
import { sessionEnded } from '../wire/session-ended.ts';
import type { Principal } from '../auth/authenticator.ts';
import type { Log } from '../ports/log.ts';
import type { Connection, TlsSession } from '../wire/engine.ts';
import type { State } from './command.ts';
import type { Pop3Limits } from './limits.ts';
import type { OpenMaildrop } from './open-maildrop.ts';
import type { Pop3Options } from './options.ts';
import type { Registry } from './registry.ts';
import { replies, type Reply } from './reply.ts';

export class Session {
  readonly connection: Connection;
  readonly options: Pop3Options;
  readonly registry: Registry;
  readonly log: Log;
  tls: TlsSession | undefined;
  /** The name that USER gave and PASS has not used. */
  user: string | undefined;
  principal: Principal | undefined;
  maildrop: OpenMaildrop | undefined;
  /** UTF8 was given (RFC 6856 section 2); for the log only, as `commands/retr.ts` says. */
  utf8 = false;
  /** Since the session began. */
  readonly counts = { retrieved: 0, deleted: 0, refused: 0, authFailures: 0, badCommands: 0 };
  /** Why to take leave, once it is due; decided by the runtime. */
  leaving: 'shutdown' | 'access' | undefined;
  readonly #ended = new AbortController();
  #released: Promise<void> = Promise.resolve();
  readonly #startedAt: number;

  constructor(connection: Connection, options: Pop3Options, registry: Registry) {
    this.connection = connection;
    this.options = options;
    this.registry = registry;
    this.log = options.log.with({ session: connection.id });
    this.#startedAt = options.clock.now();
  }

  get limits(): Pop3Limits {
    return this.options.limits;
  }

  get state(): State {
    return this.maildrop === undefined ? 'authorization' : 'transaction';
  }

  /** Whether a password may be sent as things are: over TLS, or from this machine where that is allowed. */
  get passwordsAllowed(): boolean {
    return this.tls !== undefined || (this.connection.loopback && this.options.loopbackPasswords);
  }

  /** STLS: nothing that was said before the handshake counts (RFC 2595 section 4). */
  secure(tls: TlsSession): void {
    this.user = undefined;
    this.utf8 = false;
    this.tls = tls;
  }

  /**
   * Gives the maildrop back, what was marked as deleted untouched; resolves when nothing is held any more. A fault is
   * logged: the lock ends by itself.
   */
  releaseMaildrop(): Promise<void> {
    const maildrop = this.maildrop;
    this.maildrop = undefined;
    if (maildrop !== undefined) this.#released = this.#release(maildrop);
    return this.#released;
  }

  async #release(maildrop: OpenMaildrop): Promise<void> {
    try {
      await maildrop.release();
    } catch (error) {
      this.fault(error, 'release');
    }
  }

  /** The one place where a fault becomes a log line, a metric and wire text. */
  fault(error: unknown, during: string): Reply {
    this.log.error('pop3.fault', error, { during });
    this.options.metrics.count('pop3.faults', { during });
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
    const { retrieved, deleted, refused } = this.counts;
    const ms = this.options.clock.now() - this.#startedAt;
    this.log.info('pop3.closed', { why, retrieved, deleted, refused, ms });
  }
}
