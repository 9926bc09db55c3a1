/** The machine's clock. */
import { setTimeout as timeout } from 'node:timers/promises';
import type { Clock } from '../../mail/ports/clock.ts';

/** setTimeout takes no more: a longer one would fire at once. */
const maxTimeoutMs = 2 ** 31 - 1;

/** The time of the machine, and its timers. A sleep keeps the process alive until it ends or is aborted. */
export function systemClock(): Clock {
  return { now: Date.now, sleep };
}

function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted === true || ms <= 0) return Promise.resolve();
  return ms <= maxTimeoutMs ? wait(ms, signal) : sleepLong(ms, signal);
}

async function sleepLong(ms: number, signal?: AbortSignal): Promise<void> {
  const until = performance.now() + ms;
  for (let left = ms; left > 0; left = until - performance.now()) {
    if (signal?.aborted === true) return;
    await wait(Math.min(left, maxTimeoutMs), signal);
  }
}

function wait(ms: number, signal?: AbortSignal): Promise<void> {
  // A signal's abort is the only thing that rejects it.
  return timeout(ms, undefined, signal && { signal }).catch(() => undefined);
}
