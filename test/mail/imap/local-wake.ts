/** Wake in one process; what is lost is lost. */
import type { Wake, WakeUp } from '../../../mail/ports/wake.ts';

export class LocalWake implements Wake {
  lost = false;
  readonly #listeners = new Set<(wakeUp: WakeUp) => void>();

  async publish(wakeUps: readonly WakeUp[]): Promise<void> {
    if (this.lost) return;
    for (const wakeUp of wakeUps) for (const listener of this.#listeners) listener(wakeUp);
  }

  async subscribe(listener: (wakeUp: WakeUp) => void): Promise<AsyncDisposable> {
    this.#listeners.add(listener);
    return { [Symbol.asyncDispose]: async () => void this.#listeners.delete(listener) };
  }
}
