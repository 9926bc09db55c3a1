/** What changes of an account as a whole: its quota, its end, and the step into a new epoch. */
import type { Change } from '../account-writer.ts';
import { accepted, refused } from '../account-writer.ts';
import { dayOf, expireKey } from '../keys.ts';
import type { MailboxId, Rev } from '../types.ts';

/** A change that is always possible. */
export interface Done {
  readonly kind: 'done';
  readonly rev: Rev;
}

/** A quota below what is stored takes nothing away: it only lets nothing more in. undefined: no limit. */
export function setQuotaChange(quotaBytes: number | undefined): Change<Done> {
  return {
    until: 'flushed',
    async plan(draft) {
      draft.changeClock({ quotaBytes });
      draft.logFolder({ kind: 'quotaSet' });
      return accepted({ kind: 'done', rev: draft.rev });
    },
  };
}

/** From this commit on every operation answers `gone`; the `expire#` entry leads the sweep to what the account held. */
export function removeAccountChange(): Change<Done> {
  return {
    until: 'flushed',
    async plan(draft) {
      draft.changeClock({ removedAtMs: draft.nowMs });
      draft.logFolder({ kind: 'accountRemoved' });
      const { account, nowMs } = draft;
      const key = expireKey({ day: dayOf(nowMs), account, subject: 'account' });
      draft.put({ ...key, account, removedAtMs: nowMs });
      return accepted({ kind: 'done', rev: draft.rev });
    },
  };
}

/**
 * Log records below `logFrom` may be deleted once this is committed: readers further back scan anew. The sweep calls it,
 * never past what Feed has done, and keeps what is younger than `minLogAgeMs`. The commit itself is in the log, so the
 * newest record of an account always stays.
 */
export function raiseLogFromChange(logFrom: Rev): Change<Done> {
  return {
    until: 'flushed',
    async plan(draft) {
      if (logFrom <= draft.clock.logFrom || logFrom > draft.rev)
        return refused<Done>({ kind: 'done', rev: draft.before.rev });
      draft.changeClock({ logFrom });
      return accepted<Done>({ kind: 'done', rev: draft.rev });
    },
  };
}

/**
 * Brings the clock, and the mailboxes given, into the store's epoch before anything of them is told: rev and uids jump
 * past all that the lost past may have used.
 */
export function enterEpochChange(mailboxes: readonly MailboxId[]): Change<Done> {
  return {
    until: 'flushed',
    async plan(draft) {
      if (draft.before.epoch < draft.epoch) draft.touch();
      for (const mailbox of mailboxes) {
        const state = await draft.mailbox(mailbox);
        if (state !== undefined && state.highestModSeq === draft.rev) draft.setMailbox(mailbox, state);
      }
      const done: Done = { kind: 'done', rev: draft.rev };
      return draft.dirty ? accepted(done) : refused(done);
    },
  };
}
