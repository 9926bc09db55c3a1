/** The machine's clock. */
import { setTimeout as timeout } from 'node:timers/promises';
import type { Clock } from '../../mail/ports/clock.ts';

/** setTimeout takes no more: a longer one would fire at once. */
const maxTimeoutMs = 2 ** 31 - 1;

/** The time of the machine, and its timers. A sleep keeps the process alive until it ends or is aborted. */
export function systemClock(): Clock {
  return { now: Date.now, sleep };
}

async function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  const until = performance.now() + ms;
  for (let left = ms; left > 0; left = until - performance.now()) {
    if (signal?.aborted === true) return;
    // A signal's abort is the only thing that rejects it.
    await timeout(Math.min(left, maxTimeoutMs), undefined, signal && { signal }).catch(() => undefined);
  }
}
