/** One session's state: who the client is, what it has selected and enabled, and what was counted against it. */
import { sessionEnded } from '../wire/session-ended.ts';
import type { Principal } from '../auth/authenticator.ts';
import type { AccountMail } from '../mailbox/mail-store.ts';
import { parseAccountId, sound } from '../mailbox/types.ts';
import type { Log } from '../ports/log.ts';
import type { Connection, TlsSession } from '../wire/engine.ts';
import type { State } from './command.ts';
import type { ImapLimits } from './limits.ts';
import type { ImapOptions } from './options.ts';
import type { Registry } from './registry.ts';
import type { ResponseWriter } from './response-writer.ts';
import type { EnvelopeTexts } from './search/envelope-texts.ts';
import type { SelectedMailbox } from './selected-mailbox.ts';
import { statuses, type Status } from './status.ts';

/** Who has logged in, and their mail. */
export interface LoggedIn {
  readonly principal: Principal;
  readonly mail: AccountMail;
}

export class Session {
  readonly connection: Connection;
  readonly options: ImapOptions;
  readonly registry: Registry;
  readonly out: ResponseWriter;
  /** The process's: what searches have learned. */
  readonly envelopeTexts: EnvelopeTexts;
  readonly log: Log;
  tls: TlsSession | undefined;
  /** The tag of the command that runs, for ESEARCH. */
  tag = '';
  /** The client knows mod-sequences (RFC 7162 section 3.1): they are in every FETCH that it did not ask for. */
  condstore = false;
  /** Since the session began. */
  readonly counts = { fetched: 0, appended: 0, refused: 0, authFailures: 0, badCommands: 0 };
  /** Why to take leave, once it is due; decided by the runtime. */
  leaving: 'shutdown' | 'access' | undefined;
  /** Called when something of the account changed; the engine's. */
  onChange: () => void = () => undefined;
  #user: LoggedIn | undefined;
  #selected: SelectedMailbox | undefined;
  #watching: Disposable | undefined;
  /** Something changed after `watch`, while no mailbox was selected yet. */
  #changed = false;
  #ended = false;
  /** Aborted with the session; given once something has waited for that. */
  #ending: AbortController | undefined;
  readonly #startedAt: number;

  constructor(parts: {
    readonly connection: Connection;
    readonly options: ImapOptions;
    readonly registry: Registry;
    readonly out: ResponseWriter;
    readonly envelopeTexts: EnvelopeTexts;
  }) {
    this.connection = parts.connection;
    this.options = parts.options;
    this.registry = parts.registry;
    this.out = parts.out;
    this.envelopeTexts = parts.envelopeTexts;
    this.log = parts.options.log.with({ session: parts.connection.id });
    this.#startedAt = parts.options.clock.now();
  }

  get limits(): ImapLimits {
    return this.options.limits;
  }

  get state(): State {
    if (this.#user === undefined) return 'notAuthenticated';
    return this.#selected === undefined ? 'authenticated' : 'selected';
  }

  /** Whether a password may be sent as things are: over TLS, or from this machine where that is allowed. */
  get passwordsAllowed(): boolean {
    return this.tls !== undefined || (this.connection.loopback && this.options.loopbackPasswords);
  }

  get principal(): Principal | undefined {
    return this.#user?.principal;
  }

  /** The state table lets no command in without them. */
  get user(): LoggedIn {
    if (this.#user === undefined) throw new Error('nobody has logged in');
    return this.#user;
  }

  get mail(): AccountMail {
    return this.user.mail;
  }

  /** As `user`. */
  get selected(): SelectedMailbox {
    if (this.#selected === undefined) throw new Error('no mailbox is selected');
    return this.#selected;
  }

  get maybeSelected(): SelectedMailbox | undefined {
    return this.#selected;
  }

  logIn(principal: Principal): void {
    const id = sound(parseAccountId(principal.accountId), 'account id');
    this.#user = { principal, mail: this.options.store.account(id) };
  }

  /** From now on the session hears of changes; to be called before the mailbox is opened. */
  watch(): void {
    this.#changed = false;
    this.#watching ??= this.options.watch.watch(this.mail.id, () => {
      if (this.#selected === undefined) this.#changed = true;
      else this.#selected.stale = true;
      this.onChange();
    });
  }

  /** What changed while the mailbox was opened may be news to the client: it is looked for with the next command. */
  select(selected: SelectedMailbox): void {
    selected.stale = this.#changed;
    this.#selected = selected;
  }

  /** Nothing is told or expunged by it. */
  unselect(): void {
    this.#selected?.close();
    this.#selected = undefined;
    this.#watching?.[Symbol.dispose]();
    this.#watching = undefined;
  }

  /** The one place where a fault becomes a log line, a metric and wire text. */
  fault(error: unknown, during: string): Status {
    this.log.error('imap.fault', error, { during });
    this.options.metrics.count('imap.faults', { during });
    return statuses.fault;
  }

  /** Waits on the clock, or until the session ends. */
  async pause(ms: number): Promise<void> {
    if (this.#ended) return;
    this.#ending ??= new AbortController();
    await this.options.clock.sleep(ms, this.#ending.signal);
  }

  get ended(): boolean {
    return this.#ended;
  }

  /**
   * Nothing more is read or said; writes the session's closing line the first time. What is held is given back by
   * `unselect`, once no command looks at it any longer.
   */
  end(why: string): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#ending?.abort(sessionEnded);
    const { fetched, appended, refused } = this.counts;
    const ms = this.options.clock.now() - this.#startedAt;
    this.log.info('imap.closed', { why, fetched, appended, refused, ms });
  }
}
