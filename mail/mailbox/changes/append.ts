/** APPEND and MULTIAPPEND (RFC 9051 section 6.3.12, RFC 3502): all of the messages or none, in one commit. */
import type { Change } from '../account-writer.ts';
import { accepted, refused } from '../account-writer.ts';
import type { AppendOutcome } from '../outcome.ts';
import type { MailboxId, Uid } from '../types.ts';
import { planMessage } from './add-message.ts';
import type { PreparedMessage } from './add-message.ts';
import { quotaAllows } from './records.ts';

/** Refused whole when any of the messages is refused. */
export function appendChange(options: {
  readonly mailbox: MailboxId;
  readonly messages: readonly PreparedMessage[];
}): Change<AppendOutcome> {
  const { mailbox, messages } = options;
  let duplicate: PreparedMessage | undefined;
  return {
    until: 'flushed',
    async plan(draft) {
      if (duplicate !== undefined)
        return refused<AppendOutcome>({ kind: 'duplicate', messageId: duplicate.messageId });
      const state = await draft.mailbox(mailbox);
      if (state === undefined) return refused<AppendOutcome>({ kind: 'noSuchMailbox' });
      const uids: Uid[] = [];
      for (const message of messages) {
        const whenDuplicate = () => {
          duplicate ??= message;
        };
        const added = await planMessage(draft, { mailbox, message, whenDuplicate });
        if (added.kind === 'duplicate')
          return refused<AppendOutcome>({ kind: 'duplicate', messageId: message.messageId });
        if (added.kind !== 'added') return refused<AppendOutcome>(added);
        uids.push(added.uid);
      }
      const { uidValidity } = state;
      return accepted<AppendOutcome>({ kind: 'appended', mailbox, uidValidity, uids, rev: draft.rev });
    },
  };
}

/** Whether there is room for all of them: asked before a MULTIAPPEND that takes several commits. */
export function checkAppend(options: {
  readonly mailbox: MailboxId;
  readonly messages: readonly PreparedMessage[];
}): Change<{ readonly kind: 'fits' } | AppendOutcome> {
  const bytes = options.messages.reduce((sum, { size }) => sum + size, 0);
  return {
    until: 'visible',
    async plan(draft) {
      if ((await draft.mailbox(options.mailbox)) === undefined) return refused({ kind: 'noSuchMailbox' });
      return refused(quotaAllows(draft, bytes) ? { kind: 'fits' } : { kind: 'overQuota' });
    },
  };
}
