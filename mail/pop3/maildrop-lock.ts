/** A maildrop's lock while its session lives: the lease, renewed until it is given back or lost. */
import type { Lease } from '../mailbox/maildrop-lease.ts';
import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';

/** A third of the lease's 90 s: two renewals may fail before it is lost. */
const renewEveryMs = 30_000;

export class HeldMaildropLock {
  readonly #lease: Lease;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #account: string;
  readonly #released = new AbortController();
  readonly #renewing: Promise<void>;
  #lost = false;

  constructor(parts: {
    readonly lease: Lease;
    readonly clock: Clock;
    readonly log: Log;
    readonly account: string;
  }) {
    this.#lease = parts.lease;
    this.#clock = parts.clock;
    this.#log = parts.log;
    this.#account = parts.account;
    this.#renewing = this.#keepRenewing();
  }

  /** Renews it now, so that it holds through what follows; false: it was lost, and another may have it. */
  async confirm(): Promise<boolean> {
    return !this.#lost && this.#renew();
  }

  /** Gives it back; nothing where it was lost. */
  async release(): Promise<void> {
    this.#released.abort();
    await this.#renewing;
    await this.#lease.release();
  }

  async #keepRenewing(): Promise<void> {
    while (!this.#lost) {
      await this.#clock.sleep(renewEveryMs, this.#released.signal);
      if (this.#released.signal.aborted) return;
      try {
        await this.#renew();
      } catch (fault) {
        // The next turn may do it in time; if none does, the lease runs out and `confirm` finds that.
        this.#log.error('pop3.lock.renewalFailed', fault, { account: this.#account });
      }
    }
  }

  async #renew(): Promise<boolean> {
    if (await this.#lease.renew()) return true;
    if (!this.#lost) this.#log.warn('pop3.lock.lost', { account: this.#account });
    this.#lost = true;
    return false;
  }
}
