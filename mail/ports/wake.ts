/**
 * Wake: "account X changed", told to every process that holds a session, in milliseconds, and allowed to be lost.
 * SNS to a queue for each task, or a Unix socket in the data directory. Contract: test/contracts/wake.ts.
 */

/** `mail`: there is a commit up to `rev`. `access`: password, credential or status changed; sessions look again. */
export type WakeUp =
  | { readonly kind: 'mail'; readonly account: string; readonly rev: number }
  | { readonly kind: 'access'; readonly account: string };

export interface Wake {
  /** Never rejects for a lost message. */
  publish(wakeUps: readonly WakeUp[]): Promise<void>;
  /** Hears what any process publishes, this one included, until it is disposed. */
  subscribe(listener: (wakeUp: WakeUp) => void): Promise<AsyncDisposable>;
}
