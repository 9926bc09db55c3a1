/** When a recipient that could not be reached is tried again, and when no more (RFC 5321 section 4.5.4.1). */

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

export interface RetrySchedule {
  /** After each attempt; the last one stays. */
  readonly pausesMs: readonly number[];
  /** The sender is told that it takes longer. */
  readonly delayNoticeMs: number;
  /** The last attempt is made then. */
  readonly giveUpMs: number;
}

export const retrySchedule: RetrySchedule = {
  pausesMs: [5 * minuteMs, 15 * minuteMs, 30 * minuteMs, hourMs, 2 * hourMs, 4 * hourMs],
  delayNoticeMs: 4 * hourMs,
  giveUpMs: 5 * 24 * hourMs,
};

/** The next attempt after one that ended at `nowMs`; never later than the last one may be. */
export function nextAttemptMs(
  schedule: RetrySchedule,
  {
    attempts,
    queuedAtMs,
    nowMs,
  }: { readonly attempts: number; readonly queuedAtMs: number; readonly nowMs: number },
): number {
  const pauseMs = schedule.pausesMs[attempts - 1] ?? schedule.pausesMs.at(-1) ?? hourMs;
  return Math.min(nowMs + pauseMs, queuedAtMs + schedule.giveUpMs);
}

/** Whether an attempt that ends now is the last. */
export function givesUp(
  schedule: RetrySchedule,
  { queuedAtMs, nowMs }: { readonly queuedAtMs: number; readonly nowMs: number },
): boolean {
  return nowMs >= queuedAtMs + schedule.giveUpMs;
}
