/**
 * The dead letters of a queue, as one process looks at them: those that it has seen are hidden for a while, so that it
 * can list them all, and end them by their receipts.
 */
import type { Clock } from '../../../mail/ports/clock.ts';
import type { QueueCalls } from './calls.ts';
import type { MessageFacts } from './message.ts';

/** Another process that looks meanwhile sees fewer. */
const hiddenMs = 120_000;
/** They are received again before they can be seen by others. */
const keptMs = 110_000;

interface Seen {
  readonly message: MessageFacts;
  readonly until: number;
}

export class DeadLetterDesk {
  readonly #calls: QueueCalls;
  readonly #clock: Clock;
  readonly #seen = new Map<string, Seen>();

  constructor({ calls, clock }: { readonly calls: QueueCalls; readonly clock: Clock }) {
    this.#calls = calls;
    this.#clock = clock;
  }

  /** At most `limit`, the longest known first. */
  async look(limit: number): Promise<readonly MessageFacts[]> {
    for (const [receipt, { until }] of this.#seen) if (until <= this.#clock.now()) this.#seen.delete(receipt);
    while (this.#seen.size < limit) {
      const until = this.#clock.now() + keptMs;
      const more = await this.#calls.receive({ max: 10, waitMs: 0, hiddenMs });
      if (more.length === 0) break;
      for (const message of more) this.#seen.set(message.receipt, { message, until });
    }
    return [...this.#seen.values()].slice(0, limit).map(({ message }) => message);
  }

  /** They are over. */
  async delete(receipts: readonly string[]): Promise<void> {
    for (const receipt of receipts) this.#seen.delete(receipt);
    await this.#calls.delete(receipts);
  }
}
