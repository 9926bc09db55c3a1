/**
 * Reading a whole mailbox as of one rev, though commits come between the pages: clock, state, all blocks, clock again,
 * and then the log between the two clocks over what was read. What a block already had of it does no harm.
 */
import type { Table } from '../ports/table.ts';
import { queryAll } from '../ports/table.ts';
import { readBlockItem } from './block.ts';
import { stateInClock } from './clock-item.ts';
import type { AccountClock } from './clock-item.ts';
import { readClock } from './draft.ts';
import {
  accountPartition,
  blockPrefix,
  logPrefix,
  logSortKey,
  mailboxPartition,
  mailboxStateKey,
} from './keys.ts';
import { maxFollowedCommits, maxRescans } from './limits.ts';
import { parseLogItem } from './log-record.ts';
import type { LogRecord } from './log-record.ts';
import { parseMailboxState } from './mailbox-state.ts';
import type { MailboxState } from './mailbox-state.ts';
import { MessageColumns } from './message-columns.ts';
import type { Gone, NoSuchMailbox } from './outcome.ts';
import { parseRev, sound } from './types.ts';
import type { AccountId, MailboxId, Rev } from './types.ts';
import { MailboxView } from './view.ts';
import type { ScannedMailbox } from './view.ts';

/** Which mailbox, in which table. */
export interface ScanOptions {
  readonly table: Table;
  readonly account: AccountId;
  readonly mailbox: MailboxId;
}

/** `olderEpoch`: clock or state must be brought into the store's epoch first. */
export type ScanOutcome =
  | { readonly kind: 'scanned'; readonly scanned: ScannedMailbox }
  | { readonly kind: 'olderEpoch' }
  | Gone
  | NoSuchMailbox;

/** The account's log did not reach from one clock to the other, again and again: a fault. */
export class ScanOvertaken extends Error {
  constructor(mailbox: MailboxId) {
    super(`mailbox ${mailbox} changed too fast to be read`);
    this.name = 'ScanOvertaken';
  }
}

/** Scans it; `epoch` is the store's. */
export async function scanMailbox(options: ScanOptions & { readonly epoch: number }): Promise<ScanOutcome> {
  for (let attempt = 0; attempt < maxRescans; attempt++) {
    const before = await readClock(options.table, options.account);
    if (before === undefined) return { kind: 'gone' };
    const state = await readMailboxState(options, before);
    if (state === undefined) return { kind: 'noSuchMailbox' };
    if (before.epoch < options.epoch || state.epoch < options.epoch) return { kind: 'olderEpoch' };
    const columns = await scanBlocks(options, state);
    const after = await readClock(options.table, options.account);
    if (after === undefined) return { kind: 'gone' };
    const scanned = await followTo(options, { before, after, state, columns });
    if (scanned !== undefined) return scanned;
  }
  throw new ScanOvertaken(options.mailbox);
}

/** As the clock has it, or its item: as of the clock's rev or later. */
export async function readMailboxState(
  { table, account, mailbox }: ScanOptions,
  clock: AccountClock,
): Promise<MailboxState | undefined> {
  const kept = stateInClock(clock, mailbox);
  if (kept !== undefined) return kept;
  const item = await table.get(mailboxStateKey(account, mailbox));
  return item === undefined ? undefined : parseMailboxState(item);
}

async function scanBlocks(options: ScanOptions, state: MailboxState): Promise<MessageColumns> {
  const columns = new MessageColumns(Math.max(64, state.messages));
  const range = { pk: mailboxPartition(options.mailbox), prefix: blockPrefix };
  for await (const item of queryAll(options.table, range)) columns.pushAll(readBlockItem(item));
  return columns;
}

/** undefined: the log has a gap, scan anew. */
async function followTo(
  options: ScanOptions,
  read: {
    readonly before: AccountClock;
    readonly after: AccountClock;
    readonly state: MailboxState;
    readonly columns: MessageColumns;
  },
): Promise<ScanOutcome | undefined> {
  const { before, after, state, columns } = read;
  const view = new MailboxView(options.mailbox, { rev: before.rev, state, columns });
  if (after.rev > before.rev) {
    const records = await readLog(options, { after: before.rev, upTo: after.rev });
    if (records === undefined || view.rev > after.rev) return undefined;
    for (const record of records) view.apply(record);
    if (view.rev !== after.rev) return undefined;
    if (view.deleted) return { kind: 'noSuchMailbox' };
  }
  const { uidNext, highestModSeq, keywords } = view;
  const now = { ...state, uidNext, highestModSeq, keywords: [...keywords] };
  return { kind: 'scanned', scanned: { rev: view.rev, state: now, columns } };
}

/**
 * The log after a rev, up to and with another (default: all); undefined where it does not follow without a gap, or is
 * longer than reading the mailbox anew.
 */
export async function readLog(
  options: { readonly table: Table; readonly account: AccountId },
  between: { readonly after: Rev; readonly upTo?: Rev },
): Promise<readonly LogRecord[] | undefined> {
  const records: LogRecord[] = [];
  let last = between.after;
  const range = {
    pk: accountPartition(options.account),
    prefix: logPrefix,
    from: logSortKey(sound(parseRev(between.after + 1), 'rev')),
  };
  for await (const item of queryAll(options.table, range)) {
    const record = parseLogItem(item);
    if (between.upTo !== undefined && record.rev > between.upTo) break;
    if (record.rev !== last + 1) return undefined;
    if (records.push(record) > maxFollowedCommits) return undefined;
    last = record.rev;
  }
  return records;
}
