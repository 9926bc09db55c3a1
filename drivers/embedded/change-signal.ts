/** Waiting for what another caller commits: told at once within the process, looked for where another process wrote. */
import type { Clock } from '../../mail/ports/clock.ts';

/** How soon what another process committed is seen. */
const lookEveryMs = 50;

/** Without a reason, an abort makes an exception with its stack each time. */
const happened = new Error('it has happened');

/** One for each thing that is waited for. */
export class ChangeSignal {
  readonly #clock: Clock;
  #wakers = new Set<() => void>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Wakes everyone who waits. */
  notify(): void {
    for (const wake of this.#wakers) wake();
  }

  /** The first answer of `look` that is not undefined; undefined once `waitMs` have passed or `signal` aborts. */
  async waitFor<Found>(
    look: () => Promise<Found | undefined> | Found | undefined,
    { waitMs, signal }: { readonly waitMs: number; readonly signal?: AbortSignal | undefined },
  ): Promise<Found | undefined> {
    const until = this.#clock.now() + waitMs;
    const over = new AbortController();
    const end = () => over.abort(happened);
    signal?.addEventListener('abort', end);
    try {
      for (;;) {
        if (signal?.aborted === true) return undefined;
        // Listening begins before the look, so that nothing falls between the two.
        const change = this.#next();
        try {
          const found = await look();
          const left = until - this.#clock.now();
          if (found !== undefined || left <= 0) return found;
          const pause = this.#clock.sleep(Math.min(left, lookEveryMs), over.signal);
          await Promise.race([change.happened, pause]);
        } finally {
          change.forget();
        }
      }
    } finally {
      signal?.removeEventListener('abort', end);
      end();
    }
  }

  #next(): { readonly happened: Promise<void>; readonly forget: () => void } {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wakers.add(resolve);
    return { happened: promise, forget: () => this.#wakers.delete(resolve) };
  }
}
