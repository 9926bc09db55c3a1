/** A bound on work done at once, with a bound on what waits for its turn. */

/** Too much waits already: nothing was done. */
export class Overloaded extends Error {
  constructor(what: string) {
    super(`too many ${what} wait already`);
    this.name = 'Overloaded';
  }
}

/** First come, first served. */
export class ConcurrencyLimit {
  readonly #options: { readonly what: string; readonly atOnce: number; readonly maxWaiting: number };
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(options: { readonly what: string; readonly atOnce: number; readonly maxWaiting: number }) {
    this.#options = options;
  }

  /** Runs `work` when it is its turn; rejects with `Overloaded` when too much waits. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    const { what, atOnce, maxWaiting } = this.#options;
    if (this.#running < atOnce) this.#running += 1;
    else if (this.#waiting.length >= maxWaiting) throw new Overloaded(what);
    // Whoever ends hands over its place: `#running` stays.
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#running -= 1;
      else next();
    }
  }
}
