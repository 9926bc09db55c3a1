/**
 * A message on its way from DATA or BDAT to the host: counted, searched for bare CR and LF, and once it is refused
 * dropped, but read on. A bare CR or LF refuses it, because servers that take those for line ends would read another
 * message behind it (RFC 5321 section 2.3.8).
 */
import { formatAddress } from '../message/address.ts';
import type { Acceptance, Incoming } from './host.ts';
import { LineEndCheck } from './line-ends.ts';
import { refusalReply } from './refusal.ts';
import { replies, type Reply } from './reply.ts';
import type { OpenTransaction, Session } from './session.ts';

export class MessageSink {
  readonly #session: Session;
  readonly #transaction: OpenTransaction;
  readonly #incoming: Incoming;
  readonly #startedAt: number;
  readonly #lineEnds = new LineEndCheck();
  #octets = 0;
  #open = true;
  #refused: Reply | undefined;

  constructor(session: Session, transaction: OpenTransaction, incoming: Incoming) {
    this.#session = session;
    this.#transaction = transaction;
    this.#incoming = incoming;
    this.#startedAt = session.options.clock.now();
  }

  /** Octets of the message so far. */
  get octets(): number {
    return this.#octets;
  }

  /** Why the message will not be taken, as far as it is known. */
  get refused(): Reply | undefined {
    return this.#refused;
  }

  /** Whether the client takes longer than a message may. */
  get tooSlow(): boolean {
    return this.#session.options.clock.now() - this.#startedAt > this.#session.limits.messageMs;
  }

  /** Hands octets on and waits until the host has taken them. Never rejects: a fault refuses the message. */
  async write(bytes: Uint8Array): Promise<void> {
    if (this.#refused !== undefined || bytes.length === 0) return;
    const { messageBytes } = this.#session.limits;
    // Searched only up to the limit: which of the two reasons counts must not depend on how the octets were split.
    const within = bytes.subarray(0, messageBytes - this.#octets);
    this.#octets += bytes.length;
    if (!this.#lineEnds.clean(within)) return this.refuse(replies.bareLineEndInData);
    if (this.#octets > messageBytes) return this.refuse(replies.tooLarge(messageBytes));
    try {
      await this.#incoming.write(bytes);
    } catch (error) {
      await this.refuse(this.#session.fault(error, 'message'));
    }
  }

  /** From now on the octets are dropped, and the answer at the end is `reply`; the first reason counts. */
  async refuse(reply: Reply): Promise<void> {
    this.#refused ??= reply;
    await this.abort();
  }

  /** The end of the message: the host decides. Ends the transaction, whatever comes of it. */
  async finish(): Promise<Reply> {
    if (!this.#lineEnds.whole) await this.refuse(replies.bareLineEndInData);
    const reply = this.#refused ?? (await this.#settle());
    if (this.#session.transaction === this.#transaction) this.#session.transaction = undefined;
    if (reply.reason !== undefined)
      this.#note('smtp.message.refused', { reply: `${reply.code} ${reply.enhanced}` });
    return reply;
  }

  /** Gives up; the host keeps nothing. Safe at any time, and more than once. */
  async abort(): Promise<void> {
    if (!this.#open) return;
    this.#open = false;
    try {
      await this.#incoming.abort();
    } catch (error) {
      this.#session.fault(error, 'abort');
    }
  }

  async #settle(): Promise<Reply> {
    this.#open = false;
    let acceptance: Acceptance;
    try {
      acceptance = await this.#incoming.finish();
    } catch (error) {
      return this.#session.fault(error, 'message');
    }
    if (acceptance.kind !== 'queued') return refusalReply(acceptance, this.#session.limits.messageBytes);
    this.#accepted(acceptance);
    return replies.queued(acceptance.id);
  }

  #accepted({ id, msgId }: { readonly id: string; readonly msgId?: string }): void {
    const { counts, options } = this.#session;
    counts.accepted += 1;
    this.#session.idleCommands = 0;
    options.metrics.count('smtp.accepted', { role: options.role });
    this.#note('smtp.accepted', { messageId: id, ...(msgId === undefined ? {} : { msgId }) });
  }

  #note(event: string, fields: Readonly<Record<string, string>>): void {
    const { log, options, principal } = this.#session;
    const { reversePath } = this.#transaction;
    log.info(event, {
      from: reversePath === null ? '<>' : formatAddress(reversePath),
      ...fields,
      account: principal?.accountId,
      recipients: this.#transaction.recipients.size,
      bytes: this.#octets,
      ms: options.clock.now() - this.#startedAt,
    });
  }
}
