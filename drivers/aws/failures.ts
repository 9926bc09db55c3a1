/** What kind of failure an AWS call met, and calls made again where that helps. */
import type { Clock } from '../../mail/ports/clock.ts';

interface ServiceFailure {
  readonly name?: unknown;
  readonly code?: unknown;
  readonly $metadata?: { readonly httpStatusCode?: number };
  readonly $retryable?: { readonly throttling?: boolean };
}

const throttlingNames: ReadonlySet<unknown> = new Set([
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'RequestThrottled',
  'RequestThrottledException',
  'OverLimit',
  'KmsThrottled',
  'ThrottlingException',
  'Throttling',
  'ThrottledException',
  'TooManyRequestsException',
  'SlowDown',
  'LimitExceededException',
]);

/** The service had too much to do, and did nothing. */
export function isThrottled(fault: unknown): boolean {
  const { name, $metadata, $retryable } = (fault ?? {}) as ServiceFailure;
  return throttlingNames.has(name) || $metadata?.httpStatusCode === 429 || $retryable?.throttling === true;
}

/** No answer that says what happened: a time-out, a connection that broke, or the service's own failure. */
export function isUnanswered(fault: unknown): boolean {
  const { name, code, $metadata } = (fault ?? {}) as ServiceFailure;
  const status = $metadata?.httpStatusCode;
  // A success that breaks off, or cannot be read, says as little as a failure of the service.
  if (status !== undefined) return (status < 400 || status >= 500) && !isThrottled(fault);
  // The system's errors have a code (ECONNRESET …); those of a program have none, or one of Node's own.
  const bySystem = typeof code === 'string' && !code.startsWith('ERR_');
  return name === 'TimeoutError' || name === 'AbortError' || bySystem;
}

const maxAttempts = 8;
const firstPauseMs = 50;
const largestPauseMs = 5000;

/** Makes a call that is safe to repeat, again and again where it was throttled or not answered; then rejects. */
export async function repeatedly<Result>(
  { clock }: { readonly clock: Clock },
  call: () => Promise<Result>,
): Promise<Result> {
  for (let attempt = 1; ; attempt++)
    try {
      return await call();
    } catch (fault) {
      if (attempt >= maxAttempts || !(isThrottled(fault) || isUnanswered(fault))) throw fault;
      await clock.sleep(pauseMs(attempt));
    }
}

/** Before the next attempt: longer each time, and never the same for two that began together. */
export function pauseMs(attempt: number): number {
  return Math.random() * Math.min(largestPauseMs, firstPauseMs * 2 ** attempt);
}
