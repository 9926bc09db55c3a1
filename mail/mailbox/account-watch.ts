/**
 * Who wants to hear that an account changed: sessions with a mailbox open. Wake tells it in milliseconds and may lose a
 * message; so the accounts' clocks are looked at every minute, of quiet ones every few, and a lost one costs only time.
 */
import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import type { Table } from '../ports/table.ts';
import type { Wake } from '../ports/wake.ts';
import { readClock } from './draft.ts';
import { longestWatchPause, watchEveryMs } from './limits.ts';
import { parseAccountId, type AccountId } from './types.ts';

interface Watched {
  /** The newest rev that was heard or read of. */
  rev: number;
  /** Of so many looks around one is at its clock; and how many are left until then. */
  pause: number;
  left: number;
  readonly listeners: Set<() => void>;
}

/** At the next look around. */
const soon = { pause: 1, left: 1 } as const;

/** One for each process. */
export class AccountWatch {
  readonly #ports: { readonly table: Table; readonly clock: Clock; readonly log: Log };
  readonly #accounts = new Map<AccountId, Watched>();

  private constructor(ports: { readonly table: Table; readonly clock: Clock; readonly log: Log }) {
    this.#ports = ports;
  }

  /** Listens to `wake`, and looks by itself, until it is disposed. */
  static async start(ports: {
    readonly table: Table;
    readonly wake: Wake;
    readonly clock: Clock;
    readonly log: Log;
  }): Promise<AccountWatch & AsyncDisposable> {
    const watch = new AccountWatch(ports);
    const subscription = await ports.wake.subscribe((wakeUp) => {
      const account = parseAccountId(wakeUp.account);
      if (wakeUp.kind === 'mail' && account !== undefined) watch.#hear(account, wakeUp.rev);
    });
    const ended = new AbortController();
    const looking = watch.#lookAround(ended.signal);
    return Object.assign(watch, {
      async [Symbol.asyncDispose]() {
        ended.abort();
        await subscription[Symbol.asyncDispose]();
        await looking;
      },
    });
  }

  /** `listener` is called when the account may have changed, until what is answered is disposed. It must not throw. */
  watch(account: AccountId, listener: () => void): Disposable {
    const watched = this.#accounts.get(account) ?? { rev: 0, ...soon, listeners: new Set() };
    this.#accounts.set(account, watched);
    const own = () => listener();
    watched.listeners.add(own);
    return {
      [Symbol.dispose]: () => {
        watched.listeners.delete(own);
        if (watched.listeners.size === 0 && this.#accounts.get(account) === watched)
          this.#accounts.delete(account);
      },
    };
  }

  #hear(account: AccountId, rev: number): void {
    const watched = this.#accounts.get(account);
    if (watched === undefined || rev <= watched.rev) return;
    Object.assign(watched, { rev, ...soon });
    for (const listener of watched.listeners) listener();
  }

  async #lookAround(signal: AbortSignal): Promise<void> {
    const { table, clock, log } = this.#ports;
    for (;;) {
      await clock.sleep(watchEveryMs, signal);
      if (signal.aborted) return;
      for (const [account, watched] of this.#accounts) {
        if (signal.aborted) return;
        if (--watched.left > 0) continue;
        try {
          const rev = await newestRev(table, account);
          watched.pause = watched.left = Math.min(2 * watched.pause, longestWatchPause);
          this.#hear(account, rev);
        } catch (error) {
          log.error('mailbox.watchFailed', error, { account });
        }
      }
    }
  }
}

/**
 * Half the price of a consistent read: a clock that is a second old costs another look, and only where a wake-up was
 * lost. That an account is gone is final, so it is not believed of an answer that may be older than the account.
 */
async function newestRev(table: Table, account: AccountId): Promise<number> {
  const clock = (await readClock(table, account, { consistent: false })) ?? (await readClock(table, account));
  return clock?.rev ?? Infinity;
}
