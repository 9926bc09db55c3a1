/** An invocation's time: what it has begun must end before AWS ends it. */

/** As far as a function looks at its context. */
export interface TimeLeft {
  getRemainingTimeInMillis(): number;
}

/** Aborts when only `reserveMs` are left. Disposing it ends the timer. */
export function untilTimeIsUp(
  context: TimeLeft,
  reserveMs: number,
): { readonly signal: AbortSignal } & Disposable {
  const ending = new AbortController();
  const timer = setTimeout(() => ending.abort(), Math.max(0, context.getRemainingTimeInMillis() - reserveMs));
  return { signal: ending.signal, [Symbol.dispose]: () => clearTimeout(timer) };
}
