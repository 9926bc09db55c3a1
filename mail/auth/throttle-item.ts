/**
 * `throttle#address` and `throttle#account`: the failures of each subject, as all processes know them. One partition for
 * each kind, the subject as the sort key: so an admin lists who is slowed down, and the sweep finds what has expired.
 */
import { numberOf, stringOf } from '../mailbox/attributes.ts';
import type { Item, Key } from '../ports/table.ts';
import { forgetFailuresMs, type Subject } from './throttle-rules.ts';

/** Failures until now. */
export interface Failures {
  readonly count: number;
  /** Milliseconds since 1970. */
  readonly lastAtMs: number;
}

export interface ThrottleItem extends Failures {
  /** Raised by each write: the condition of the next. */
  readonly revision: number;
}

/** Where a subject's failures stand. */
export function throttleKey({ kind, value }: Subject): Key {
  return { pk: throttlePartition(kind), sk: value };
}

/** All subjects of a kind. */
export function throttlePartition(kind: Subject['kind']): string {
  return `throttle#${kind}`;
}

/** `expiresAt` is in seconds, as DynamoDB's TTL wants it. */
export function throttleItem(subject: Subject, { count, lastAtMs, revision }: ThrottleItem): Item {
  return {
    ...throttleKey(subject),
    failures: count,
    lastFailureAt: new Date(lastAtMs).toISOString(),
    expiresAt: Math.ceil((lastAtMs + forgetFailuresMs) / 1000),
    revision,
  };
}

/** Reads it; throws `DamagedItem`. */
export function parseThrottleItem(item: Item): ThrottleItem {
  return {
    count: numberOf(item, 'failures'),
    lastAtMs: Date.parse(stringOf(item, 'lastFailureAt')) || 0,
    revision: numberOf(item, 'revision'),
  };
}

/** What is left of failures at `nowMs`: all, or nothing once they are forgotten. */
export function remembered(failures: Failures | undefined, nowMs: number): Failures {
  if (failures === undefined || failures.lastAtMs + forgetFailuresMs <= nowMs)
    return { count: 0, lastAtMs: 0 };
  return failures;
}
