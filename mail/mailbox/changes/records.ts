/** The three things that happen to a message's record, with all that a commit keeps in step: block, counts, usage, log. */
import type { Draft } from '../draft.ts';
import type { Flags } from '../flags.ts';
import { blockKey, blockOf } from '../keys.ts';
import { countRecord } from '../mailbox-state.ts';
import type { MailboxState } from '../mailbox-state.ts';
import type { MessageRecord } from '../message-record.ts';
import { parseUid, sound } from '../types.ts';
import type { MailboxId, Uid } from '../types.ts';

/** A record as it comes into a mailbox. */
export interface IncomingRecord extends Flags {
  readonly size: number;
  readonly internalDateSeconds: number;
}

/** Gives the next uids to the records, in their order. The mailbox must be there. */
export async function addRecords(
  draft: Draft,
  options: { readonly mailbox: MailboxId; readonly records: readonly IncomingRecord[] },
): Promise<readonly Uid[]> {
  const { mailbox } = options;
  let state = await stateOf(draft, mailbox);
  const added: MessageRecord[] = [];
  for (const incoming of options.records) {
    const record = {
      uid: state.uidNext,
      system: incoming.system,
      keywords: incoming.keywords,
      modSeq: draft.rev,
      size: incoming.size,
      internalDateSeconds: incoming.internalDateSeconds,
      saveDateSeconds: draft.nowSeconds,
    };
    state = { ...countRecord(state, record, 1), uidNext: sound(parseUid(record.uid + 1), 'uid') };
    added.push(record);
  }
  for (const [block, records] of byBlock(added, ({ uid }) => uid))
    draft.setBlock(mailbox, { block, records: [...(await draft.block(mailbox, block)), ...records] });
  draft.setMailbox(mailbox, state);
  useBytes(draft, added, 1);
  draft.logMessages({ kind: 'added', mailbox, records: added });
  return added.map(({ uid }) => uid);
}

/** Takes the records out. They must be there. */
export async function removeRecords(
  draft: Draft,
  options: { readonly mailbox: MailboxId; readonly records: readonly MessageRecord[] },
): Promise<void> {
  const { mailbox, records } = options;
  if (records.length === 0) return;
  let state = await stateOf(draft, mailbox);
  for (const record of records) state = countRecord(state, record, -1);
  for (const [block, gone] of byBlock(records, ({ uid }) => uid)) {
    const uids = new Set(gone.map(({ uid }) => uid));
    const kept = (await draft.block(mailbox, block)).filter(({ uid }) => !uids.has(uid));
    draft.setBlock(mailbox, { block, records: kept });
  }
  draft.setMailbox(mailbox, state);
  useBytes(draft, records, -1);
  draft.logMessages({ kind: 'expunged', mailbox, records });
}

/** Puts other flags on records: each pair is the record as it is and as it shall be, but for its modSeq. */
export async function changeRecords(
  draft: Draft,
  options: {
    readonly mailbox: MailboxId;
    readonly changes: readonly { readonly before: MessageRecord; readonly flags: Flags }[];
  },
): Promise<void> {
  const { mailbox, changes } = options;
  if (changes.length === 0) return;
  let state = await stateOf(draft, mailbox);
  const changed: MessageRecord[] = [];
  for (const [block, inBlock] of byBlock(changes, ({ before }) => before.uid)) {
    const after = new Map<Uid, MessageRecord>();
    for (const { before, flags } of inBlock) {
      const { system, keywords } = flags;
      const record = { ...before, system, keywords, modSeq: draft.rev };
      state = countRecord(countRecord(state, before, -1), record, 1);
      after.set(record.uid, record);
      changed.push(record);
    }
    const records = (await draft.block(mailbox, block)).map((record) => after.get(record.uid) ?? record);
    draft.setBlock(mailbox, { block, records });
  }
  draft.setMailbox(mailbox, state);
  draft.logMessages({ kind: 'flags', mailbox, records: changed });
}

/** The records of these uids that are there, in the order of the uids, and the uids that are not. */
export async function findRecords(
  draft: Draft,
  options: { readonly mailbox: MailboxId; readonly uids: readonly Uid[] },
): Promise<{ readonly records: readonly MessageRecord[]; readonly missing: readonly Uid[] }> {
  const records: MessageRecord[] = [];
  const missing: Uid[] = [];
  const blocks = byBlock(sortedUids(options.uids), (uid) => uid);
  await draft.prefetch([...blocks.keys()].map((block) => blockKey(options.mailbox, block)));
  for (const [block, uids] of blocks) {
    const there = new Map((await draft.block(options.mailbox, block)).map((record) => [record.uid, record]));
    for (const uid of uids) {
      const record = there.get(uid);
      if (record === undefined) missing.push(uid);
      else records.push(record);
    }
  }
  return { records, missing };
}

/** Rising, each once. */
export function sortedUids(uids: readonly Uid[]): readonly Uid[] {
  return [...new Set(uids)].toSorted((one, other) => one - other);
}

/** By the blocks of their uids. */
export function byBlock<Thing>(
  things: readonly Thing[],
  uidOf: (thing: Thing) => Uid,
): ReadonlyMap<number, readonly Thing[]> {
  return Map.groupBy(things, (thing) => blockOf(uidOf(thing)));
}

async function stateOf(draft: Draft, mailbox: MailboxId): Promise<MailboxState> {
  return sound(await draft.mailbox(mailbox), 'mailbox state');
}

function useBytes(draft: Draft, records: readonly MessageRecord[], by: 1 | -1): void {
  const bytes = records.reduce((sum, { size }) => sum + size, 0);
  draft.changeClock({
    bytes: draft.clock.bytes + by * bytes,
    messages: draft.clock.messages + by * records.length,
  });
}

/** Whether the quota leaves room for so many bytes more. */
export function quotaAllows(draft: Draft, bytes: number): boolean {
  const { quotaBytes } = draft.clock;
  return quotaBytes === undefined || draft.clock.bytes + bytes <= quotaBytes;
}
