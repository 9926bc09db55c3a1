/** A clock turned by hand: time stands still until a test moves it. */
import type { Clock } from '../../mail/ports/clock.ts';

interface Sleeper {
  readonly dueAt: number;
  readonly wake: () => void;
}

/** Wakes sleepers in the order of their due times, then of their calls; each may sleep again while time moves. */
export class ManualClock implements Clock {
  #now: number;
  #sleepers: Sleeper[] = [];

  /** `start` in milliseconds since 1970, or as `Date.parse` takes it. */
  constructor(start: number | string = '2026-11-24T00:00:00Z') {
    this.#now = typeof start === 'number' ? start : Date.parse(start);
  }

  now(): number {
    return this.#now;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (ms <= 0 || signal?.aborted === true) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = () => {
        signal?.removeEventListener('abort', wake);
        this.#sleepers = this.#sleepers.filter((other) => other !== sleeper);
        resolve();
      };
      const sleeper: Sleeper = { dueAt: this.#now + ms, wake };
      this.#sleepers.push(sleeper);
      signal?.addEventListener('abort', wake);
    });
  }

  /** How many are asleep: a test waits for this before it turns the clock. */
  get sleeping(): number {
    return this.#sleepers.length;
  }

  /** Moves time on by `ms`, waking who is due on the way, and lets them run until they wait for something else. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    await settle();
    for (;;) {
      const due = this.#sleepers
        .filter(({ dueAt }) => dueAt <= end)
        .reduce<Sleeper | undefined>(
          (first, next) => (first && first.dueAt <= next.dueAt ? first : next),
          undefined,
        );
      if (!due) break;
      this.#now = Math.max(this.#now, due.dueAt);
      due.wake();
      await settle();
    }
    this.#now = end;
  }

  /** Jumps, forward or back, and wakes nobody: a clock that was set wrong. */
  set(now: number | string): void {
    this.#now = typeof now === 'number' ? now : Date.parse(now);
  }
}

/** Lets promises that are ready go on, through some turns of the event loop. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
}
