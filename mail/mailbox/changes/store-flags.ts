/** STORE (RFC 9051 section 6.4.6), with UNCHANGEDSINCE (RFC 7162 section 3.1.3). */
import type { Change } from '../account-writer.ts';
import { accepted, refused } from '../account-writer.ts';
import { allSystemFlags, changeFlags } from '../flags.ts';
import type { FlagAction, Flags } from '../flags.ts';
import type { MessageRecord } from '../message-record.ts';
import type { StoreOutcome } from '../outcome.ts';
import type { MailboxId, ModSeq, Uid } from '../types.ts';
import { admitKeywords } from './keywords.ts';
import { changeRecords, findRecords } from './records.ts';

/** What STORE is asked to do. */
export interface StoreRequest {
  readonly mailbox: MailboxId;
  readonly uids: readonly Uid[];
  readonly action: FlagAction;
  readonly flags: Flags;
  readonly unchangedSince?: ModSeq;
}

/** One part of a STORE; a message that already is so gets no new modSeq. */
export function storeFlagsChange(request: StoreRequest): Change<StoreOutcome> {
  const { mailbox, action } = request;
  return {
    until: 'visible',
    async plan(draft) {
      if ((await draft.mailbox(mailbox)) === undefined)
        return refused<StoreOutcome>({ kind: 'noSuchMailbox' });
      const { records, missing } = await findRecords(draft, request);
      const wanted = action === 'remove' || records.length === 0 ? [] : request.flags.keywords;
      const admitted = await admitKeywords(draft, { mailbox, keywords: wanted });
      if (admitted.kind !== 'admitted') return refused<StoreOutcome>(admitted);
      const system = request.flags.system & allSystemFlags;
      const flags = { system, keywords: request.flags.keywords.map(admitted.spell) };
      const late = records.filter((record) => isLater(record, request.unchangedSince));
      const changes = records
        .filter((record) => !isLater(record, request.unchangedSince))
        .map((before) => ({ before, flags: changeFlags(before, action, flags) }))
        .filter(({ before, flags: after }) => after !== before);
      await changeRecords(draft, { mailbox, changes });
      const result: StoreOutcome = {
        kind: 'stored',
        modified: late.map(({ uid }) => uid),
        missing,
        changed: changes.map(({ before, flags: after }) => ({
          uid: before.uid,
          modSeq: draft.rev,
          modSeqBefore: before.modSeq,
          flags: after,
        })),
      };
      return changes.length === 0 ? refused(result) : accepted(result);
    },
  };
}

function isLater(record: MessageRecord, unchangedSince: ModSeq | undefined): boolean {
  return unchangedSince !== undefined && record.modSeq > unchangedSince;
}
