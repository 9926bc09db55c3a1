/**
 * What has become of each recipient of a message so far. The steps write it down as replies come, so that it stands
 * when the session ends between two of them.
 */
import type { RecipientOutcome } from '../../ports/next-hop.ts';
import { refusedBy, saidOf, sentBy } from './outcome.ts';
import type { Plan } from './plan.ts';
import { isIntermediate, isPositive, type ServerReply } from './reply.ts';
import { outOfStep, type SessionOver } from './session-over.ts';

export class Transaction {
  readonly plan: Plan;
  readonly #remote: string;
  /** Whether the server notifies from here on. */
  readonly #dsn: boolean;
  readonly #outcomes = new Map<number, RecipientOutcome>();
  /** Places of the recipients that the server has taken, until the message's own reply. */
  #accepted: number[] = [];
  #answered = false;
  #open = false;
  #sentWhole = false;

  constructor(plan: Plan, { remote, dsn }: { readonly remote: string; readonly dsn: boolean }) {
    this.plan = plan;
    this.#remote = remote;
    this.#dsn = dsn;
    for (const [at, outcome] of plan.refused) this.#outcomes.set(at, outcome);
  }

  /** Whether the server has answered MAIL. */
  get answered(): boolean {
    return this.#answered;
  }

  /** Whether something is left that RSET must drop. */
  get open(): boolean {
    return this.#open;
  }

  /** Whether there is somebody to send the message to. */
  get hasRecipients(): boolean {
    return this.#accepted.length > 0;
  }

  /** Whether the message was sent to its end: the server may have it, whatever becomes of the connection. */
  get sentWhole(): boolean {
    return this.#sentWhole;
  }

  /** The reply to MAIL; whether it took the sender. */
  tookSender(reply: ServerReply): boolean {
    if (isIntermediate(reply)) throw outOfStep(reply, 'mail');
    this.#answered = true;
    this.#open = isPositive(reply);
    if (this.#open) return true;
    for (const { at } of this.plan.recipients)
      this.#outcomes.set(at, refusedBy(reply, { step: 'mail', remote: this.#remote }));
    return false;
  }

  /** The reply to the RCPT of the recipient in that place. */
  tookRecipient(at: number, reply: ServerReply): void {
    if (isIntermediate(reply)) throw outOfStep(reply, 'rcpt');
    if (isPositive(reply)) this.#accepted.push(at);
    else this.#outcomes.set(at, refusedBy(reply, { step: 'rcpt', remote: this.#remote }));
  }

  /** DATA, or a chunk before the last, was refused. */
  refusedMessage(reply: ServerReply, step: 'data' | 'dataBlock'): void {
    if (isPositive(reply) || isIntermediate(reply)) throw outOfStep(reply, step);
    this.#settle(refusedBy(reply, { step, remote: this.#remote }));
  }

  /** From here on the server may have the whole message. */
  sendsEnd(): void {
    this.#sentWhole = true;
  }

  /** The reply at the end of the message, or of the empty one that stands for it. */
  ended(reply: ServerReply): void {
    if (isIntermediate(reply)) throw outOfStep(reply, 'dataEnd');
    this.#open = false;
    const about = { remote: this.#remote, dsn: this.#dsn };
    this.#settle(isPositive(reply) ? sentBy(reply, about) : refusedBy(reply, { step: 'dataEnd', ...about }));
  }

  /** In the order of the transmission; where the session ended, `over` is for all that are left. */
  outcomes(over?: SessionOver): readonly RecipientOutcome[] {
    const places = this.plan.recipients.length + this.plan.refused.size;
    return Array.from({ length: places }, (_, at) => {
      const outcome = this.#outcomes.get(at) ?? (over && this.#leftBy(over));
      if (outcome === undefined) throw new Error(`recipient ${at} has no outcome`);
      return outcome;
    });
  }

  #settle(outcome: RecipientOutcome): void {
    for (const at of this.#accepted) this.#outcomes.set(at, outcome);
    this.#accepted = [];
  }

  /** A server that refuses for good in the middle of a message, and hangs up, has refused it for good. */
  #leftBy(over: SessionOver): RecipientOutcome {
    const { reply, step } = over;
    if (over.why === 'lost' && step === 'dataBlock' && reply !== undefined)
      return refusedBy(reply, { step, remote: this.#remote });
    const said = saidOf(over, this.#remote);
    if (!this.#sentWhole || reply !== undefined) return { kind: 'deferred', said };
    return {
      kind: 'deferred',
      said: { ...said, text: `${said.text}: whether it has the message is not known` },
    };
  }
}
