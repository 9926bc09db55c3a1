/** A clock that a test turns step by step. */
import type { Clock } from '../../../mail/ports/clock.ts';

interface Sleeper {
  readonly until: number;
  readonly wake: () => void;
}

/** Stands still but for `pass`. Short waits are over at once. */
export class SteppedClock implements Clock {
  #now: number;
  readonly #sleepers = new Set<Sleeper>();
  /** Resolves when what a step has woken is done. */
  readonly #settled: () => Promise<void>;

  constructor({ now, settled }: { readonly now: number; readonly settled: () => Promise<void> }) {
    this.#now = now;
    this.#settled = settled;
  }

  /** How many wait for it. */
  get sleeping(): number {
    return this.#sleepers.size;
  }

  now(): number {
    return this.#now;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (ms < 30_000 || signal?.aborted === true) return Promise.resolve();
    return new Promise((resolve) => {
      const sleeper = { until: this.#now + ms, wake: resolve };
      this.#sleepers.add(sleeper);
      signal?.addEventListener('abort', () => this.#rouse(sleeper), { once: true });
    });
  }

  /** Time passes, step by step, so that who sleeps again wakes again. */
  async pass(ms: number): Promise<void> {
    const end = this.#now + ms;
    while (this.#now < end) {
      this.#now = Math.min(end, this.#now + 30_000);
      this.#wake();
      await this.#settled();
    }
  }

  /** Everybody wakes. */
  end(): void {
    this.#now = Infinity;
    this.#wake();
  }

  #wake(): void {
    for (const sleeper of [...this.#sleepers]) if (sleeper.until <= this.#now) this.#rouse(sleeper);
  }

  #rouse(sleeper: Sleeper): void {
    this.#sleepers.delete(sleeper);
    sleeper.wake();
  }
}
