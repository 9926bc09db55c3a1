/** What an attempt makes of a recipient: its next state, when it is due, and what its sender is owed. */
import type { RecipientOutcome, Said } from '../../ports/next-hop.ts';
import { neverMs, type OutboundRecipient } from './outbound-recipient.ts';
import { givesUp, nextAttemptMs, type RetrySchedule } from './retry-schedule.ts';

/** How long the record of a recipient is kept after its end. */
const keptAfterEndMs = 30 * 24 * 60 * 60_000;

/** After an attempt. One that ended meanwhile stays as it is; a message that was sent is sent whoever claims it now. */
export function afterAttempt(
  now: OutboundRecipient,
  attempt: {
    readonly outcome: RecipientOutcome;
    readonly claim: string;
    readonly nowMs: number;
    readonly schedule: RetrySchedule;
  },
): OutboundRecipient | undefined {
  const { outcome, claim, nowMs, schedule } = attempt;
  if (now.endedAtMs !== undefined) return undefined;
  const tried = {
    ...unclaimed(now),
    attempts: now.attempts + 1,
    lastAttemptAtMs: nowMs,
    last: outcome.said,
  };
  switch (outcome.kind) {
    case 'sent':
      return ended(tried, 'sent', { nowMs, owes: owesRelayed(now, outcome.dsn) ? 'relayed' : undefined });
    case 'failed':
      return ended(tried, 'failed', { nowMs, owes: 'failed' });
    case 'deferred':
      return now.claimedBy === claim ? deferred(tried, { nowMs, schedule }) : undefined;
    default:
      return outcome satisfies never;
  }
}

/** Not tried: the place is away until then, or crowded. Only the time of the next attempt moves, unless time is up. */
export function putOff(
  now: OutboundRecipient,
  put: {
    readonly claim: string;
    readonly nowMs: number;
    readonly untilMs: number;
    readonly because?: Said;
    readonly schedule: RetrySchedule;
  },
): OutboundRecipient | undefined {
  if (now.endedAtMs !== undefined || now.claimedBy !== put.claim) return undefined;
  const known = put.because === undefined ? now : { ...now, last: put.because };
  const next = unclaimed(known);
  if (put.because !== undefined && givesUp(put.schedule, { ...now, nowMs: put.nowMs }))
    return deferred(next, put);
  return { ...next, dueAtMs: Math.min(put.untilMs, now.queuedAtMs + put.schedule.giveUpMs) };
}

/** No next hop takes it: until an admin releases it. */
export function held(now: OutboundRecipient, because: string): OutboundRecipient {
  return { ...unclaimed(now), state: 'held', heldBecause: because, dueAtMs: neverMs };
}

/** Its sender was told what it was owed. */
export function told(now: OutboundRecipient): OutboundRecipient {
  const { owes, ...rest } = now;
  const delayTold = now.delayTold || owes === 'delayed';
  if (now.endedAtMs === undefined) return { ...rest, delayTold };
  return { ...rest, delayTold, dueAtMs: now.endedAtMs + keptAfterEndMs };
}

function deferred(
  now: OutboundRecipient,
  { nowMs, schedule }: { readonly nowMs: number; readonly schedule: RetrySchedule },
): OutboundRecipient {
  if (givesUp(schedule, { ...now, nowMs })) return ended(now, 'failed', { nowMs, owes: 'failed' });
  const late = nowMs - now.queuedAtMs >= schedule.delayNoticeMs;
  return {
    ...now,
    state: 'waiting',
    dueAtMs: nextAttemptMs(schedule, { ...now, nowMs }),
    ...(late && !now.delayTold && now.reversePath !== null ? { owes: 'delayed' } : {}),
  };
}

/** Over. What is owed is told at once, or by the next sweep. */
export function ended(
  now: OutboundRecipient,
  state: 'sent' | 'failed' | 'removed',
  end: { readonly nowMs: number; readonly owes: 'failed' | 'relayed' | undefined },
): OutboundRecipient {
  const { owes: _before, ...rest } = unclaimed(now);
  const owes = now.reversePath === null ? undefined : end.owes;
  return {
    ...rest,
    state,
    endedAtMs: end.nowMs,
    dueAtMs: owes === undefined ? end.nowMs + keptAfterEndMs : end.nowMs,
    ...(owes === undefined ? {} : { owes }),
  };
}

function unclaimed(now: OutboundRecipient): OutboundRecipient {
  const { claimedBy: _claim, ...rest } = now;
  return rest;
}

/** RFC 3461 section 6.2.2: who asked for SUCCESS hears where the next server will not tell them. */
function owesRelayed({ notify = [] }: OutboundRecipient, dsn: boolean): boolean {
  return !dsn && notify.includes('SUCCESS');
}
