/**
 * Slows down the guessing of passwords. Failures are counted for the client's address and for the user name tried, in
 * the process, and merged into the table every few seconds, where every process reads them at the next attempt.
 *
 * A success clears no count, or one's own account would pay for guesses at others'. Instead a client that has logged in
 * to an account is measured there only by its own failures from then on: nobody locks out a user from where they are.
 */
import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import type { Table } from '../ports/table.ts';
import { remembered, type Failures } from './throttle-item.ts';
import { addressSubject, pauseMs, ruleFor, type Subject } from './throttle-rules.ts';
import { addFailures, readFailures } from './throttle-store.ts';

/** How long failures wait to be merged into the table, in milliseconds. */
export const throttleFlushMs = 3000;
/** How long a client that has logged in stands for itself, in milliseconds. */
const knownClientMs = 24 * 60 * 60_000;
/** Of each of the maps below; beyond it the oldest are forgotten, so that a flood of names costs no memory. */
const maxRemembered = 20_000;
/** Subjects merged into the table at once. */
const mergedAtOnce = 20;

export interface LoginAttempt {
  readonly remoteAddress: string;
  /** As it is looked up: written in another way it is the same account. */
  readonly user: string;
}

/** `allowed`: check it, then call `ended` exactly once. */
export type Admission =
  | { readonly kind: 'allowed'; readonly ended: (result: 'succeeded' | 'failed' | 'unchecked') => void }
  | { readonly kind: 'throttled'; readonly retryAfterMs: number };

export interface LoginThrottleOptions {
  readonly table: Table;
  readonly clock: Clock;
  readonly log: Log;
}

interface KnownClient {
  readonly until: number;
  readonly own: Failures;
}

export class LoginThrottle implements AsyncDisposable {
  readonly #options: LoginThrottleOptions;
  readonly #stop = new AbortController();
  /** By subject: failures that are not in the table yet. */
  readonly #unmerged = new Map<string, { readonly subject: Subject; readonly failures: Failures }>();
  /** Subjects whose failures are being moved into the table. */
  readonly #merging = new Map<string, Promise<void>>();
  /** By subject: attempts being checked. */
  readonly #underWay = new Map<string, number>();
  /** By client and account. */
  readonly #known = new Map<string, KnownClient>();
  #flushing: Promise<void> | undefined;

  constructor(options: LoginThrottleOptions) {
    this.#options = options;
  }

  /** Whether a password may be checked now. A fault of the table lets it pass: mail goes on, and the log tells. */
  async admit(attempt: LoginAttempt): Promise<Admission> {
    const subjects = [addressSubject(attempt.remoteAddress), userSubject(attempt.user)] as const;
    const pair = keyOf(subjects[0]) + ' ' + keyOf(subjects[1]);
    // What is on its way into the table must not count twice, nor not at all.
    for (const subject of subjects) await this.#merging.get(keyOf(subject));
    // Of a known client only its own failures count, which are at hand.
    const before = this.#knownClient(pair);
    const stored = before === undefined ? await this.#read(subjects) : [];
    // From here to the count of what is under way nothing waits, or two attempts would both be the first.
    const known = before ?? this.#knownClient(pair);
    const waits = subjects.map((subject, at) =>
      this.#waitMs(subject, known?.own ?? this.#add(stored[at], subject)),
    );
    const retryAfterMs = Math.max(...waits);
    if (retryAfterMs > 0) return { kind: 'throttled', retryAfterMs };
    for (const subject of subjects) this.#start(subject);
    let open = true;
    return {
      kind: 'allowed',
      ended: (result) => {
        if (!open) return;
        open = false;
        for (const subject of subjects) this.#end(subject);
        if (result === 'succeeded') this.#remember(pair, known?.own);
        if (result === 'failed') this.#countFailure(subjects, pair);
      },
    };
  }

  /** Merges what is counted into the table now; what could not be merged stays for the next time. */
  async flush(): Promise<void> {
    const taken = [...this.#unmerged];
    for (let at = 0; at < taken.length; at += mergedAtOnce)
      await Promise.all(
        taken.slice(at, at + mergedAtOnce).map(async ([key]) => {
          await this.#merging.get(key);
          const merging = this.#merge(key);
          this.#merging.set(key, merging);
          await merging;
          if (this.#merging.get(key) === merging) this.#merging.delete(key);
        }),
      );
  }

  /** Merges the rest; nothing is counted from then on. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#flushing;
    await this.flush();
  }

  async #read(subjects: readonly Subject[]): Promise<readonly Failures[]> {
    try {
      return await readFailures(this.#options, subjects);
    } catch (fault) {
      this.#options.log.error('auth.throttle.read', fault);
      return [];
    }
  }

  /** The table's count and what this process has not merged yet. */
  #add(stored: Failures | undefined, subject: Subject): Failures {
    const before = remembered(stored, this.#options.clock.now());
    const own = this.#unmerged.get(keyOf(subject))?.failures;
    if (own === undefined) return before;
    return { count: before.count + own.count, lastAtMs: Math.max(before.lastAtMs, own.lastAtMs) };
  }

  #waitMs(subject: Subject, { count, lastAtMs }: Failures): number {
    const rule = ruleFor(subject);
    const underWay = this.#underWay.get(keyOf(subject)) ?? 0;
    const pause = pauseMs(rule, count);
    // After a pause one attempt at a time: or each pause would buy many guesses.
    if (underWay >= (pause > 0 ? 1 : rule.maxUnderWay)) return Math.max(pause, rule.firstPauseMs);
    return lastAtMs + pause - this.#options.clock.now();
  }

  #start(subject: Subject): void {
    const key = keyOf(subject);
    this.#underWay.set(key, (this.#underWay.get(key) ?? 0) + 1);
  }

  #end(subject: Subject): void {
    const key = keyOf(subject);
    const left = (this.#underWay.get(key) ?? 1) - 1;
    if (left > 0) this.#underWay.set(key, left);
    else this.#underWay.delete(key);
  }

  #countFailure(subjects: readonly Subject[], pair: string): void {
    const once = { count: 1, lastAtMs: this.#options.clock.now() };
    for (const subject of subjects) this.#keep(subject, once);
    const known = this.#knownClient(pair);
    if (known !== undefined) this.#known.set(pair, { ...known, own: sum(known.own, once) });
    if (this.#stop.signal.aborted || this.#flushing !== undefined) return;
    this.#flushing = this.#options.clock.sleep(throttleFlushMs, this.#stop.signal).then(async () => {
      this.#flushing = undefined;
      if (!this.#stop.signal.aborted) await this.flush();
    });
  }

  #keep(subject: Subject, failures: Failures): void {
    const key = keyOf(subject);
    const before = this.#unmerged.get(key)?.failures;
    this.#unmerged.set(key, { subject, failures: before ? sum(before, failures) : failures });
    forgetOldest(this.#unmerged);
  }

  /** Moves what is counted for one subject into the table, or back where that fails. */
  async #merge(key: string): Promise<void> {
    const taken = this.#unmerged.get(key);
    if (taken === undefined) return;
    const { subject, failures } = taken;
    this.#unmerged.delete(key);
    const merged = await addFailures(this.#options, subject, failures).catch((fault: unknown) => {
      this.#options.log.error('auth.throttle.flush', fault, { kind: subject.kind });
      return false;
    });
    if (!merged) this.#keep(subject, failures);
  }

  #knownClient(pair: string): KnownClient | undefined {
    const known = this.#known.get(pair);
    if (known === undefined || known.until <= this.#options.clock.now()) return undefined;
    return { ...known, own: remembered(known.own, this.#options.clock.now()) };
  }

  #remember(pair: string, own: Failures | undefined): void {
    this.#known.delete(pair);
    this.#known.set(pair, {
      until: this.#options.clock.now() + knownClientMs,
      own: own ?? { count: 0, lastAtMs: 0 },
    });
    forgetOldest(this.#known);
  }
}

function userSubject(user: string): Subject {
  return { kind: 'account', value: user };
}

function keyOf({ kind, value }: Subject): string {
  return `${kind} ${value}`;
}

function sum(one: Failures, other: Failures): Failures {
  return { count: one.count + other.count, lastAtMs: Math.max(one.lastAtMs, other.lastAtMs) };
}

function forgetOldest(map: Map<string, unknown>): void {
  if (map.size <= maxRemembered) return;
  const [oldest] = map.keys();
  if (oldest !== undefined) map.delete(oldest);
}
