/** EXPUNGE, UID EXPUNGE (RFC 4315) and POP3's QUIT: messages leave `s#`, and nothing else; Feed and sweep do the rest. */
import type { Change } from '../account-writer.ts';
import { accepted, refused } from '../account-writer.ts';
import { systemFlags } from '../flags.ts';
import type { ExpungeOutcome } from '../outcome.ts';
import type { MailboxId, Uid } from '../types.ts';
import { findRecords, removeRecords } from './records.ts';

/** One part: those of the uids that are there and, unless `any`, are `\Deleted`. */
export function expungeChange(options: {
  readonly mailbox: MailboxId;
  readonly uids: readonly Uid[];
  readonly any: boolean;
}): Change<ExpungeOutcome> {
  const { mailbox, uids, any } = options;
  return {
    // RFC 1939's +OK to QUIT means durable; EXPUNGE may answer once it is visible.
    until: any ? 'flushed' : 'visible',
    async plan(draft) {
      if ((await draft.mailbox(mailbox)) === undefined)
        return refused<ExpungeOutcome>({ kind: 'noSuchMailbox' });
      const { records } = await findRecords(draft, { mailbox, uids });
      const gone = any ? records : records.filter(({ system }) => (system & systemFlags.deleted) !== 0);
      await removeRecords(draft, { mailbox, records: gone });
      const result: ExpungeOutcome = { kind: 'expunged', uids: gone.map(({ uid }) => uid) };
      return gone.length === 0 ? refused(result) : accepted(result);
    },
  };
}
