/**
 * Tells those who idle, now and then, that the server is still here: the timer is one for all sessions, of which there may
 * be thousands that do nothing else.
 */
import type { Clock } from '../ports/clock.ts';

export class StillHere {
  readonly #clock: Clock;
  readonly #everyMs: number;
  /** When each is to be told next, the soonest first: all wait equally long. */
  readonly #dueMs = new Map<() => void, number>();
  /** Given while somebody is to be told. */
  #telling: AbortController | undefined;

  constructor({ clock, everyMs }: { readonly clock: Clock; readonly everyMs: number }) {
    this.#clock = clock;
    this.#everyMs = everyMs;
  }

  /** From now on `tell` is called at each interval, until it is forgotten. */
  remind(tell: () => void): void {
    this.#dueMs.set(tell, this.#clock.now() + this.#everyMs);
    if (this.#telling !== undefined) return;
    this.#telling = new AbortController();
    void this.#tellAll(this.#telling.signal);
  }

  forget(tell: () => void): void {
    this.#dueMs.delete(tell);
    if (this.#dueMs.size > 0) return;
    this.#telling?.abort();
    this.#telling = undefined;
  }

  async #tellAll(signal: AbortSignal): Promise<void> {
    for (;;) {
      const [soonest = 0] = this.#dueMs.values();
      await this.#clock.sleep(Math.min(soonest - this.#clock.now(), this.#everyMs), signal);
      if (signal.aborted) return;
      for (const [tell, dueMs] of this.#dueMs) {
        const leftMs = dueMs - this.#clock.now();
        // More than the interval is left where the machine's clock was set back.
        if (leftMs > 0 && leftMs <= this.#everyMs) break;
        this.#dueMs.delete(tell);
        this.#dueMs.set(tell, this.#clock.now() + this.#everyMs);
        tell();
      }
    }
  }
}
