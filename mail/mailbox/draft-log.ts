/** The log record of a draft as it grows, as a value: to roll back is to take the value before. */
import { maxKeywords, maxLogRecords } from './limits.ts';
import type { FolderChange, MessageChange } from './log-record.ts';

export interface DraftLog {
  readonly messages: readonly MessageChange[];
  readonly folders: readonly FolderChange[];
  /** In all of `messages`. */
  readonly recordCount: number;
}

export const emptyDraftLog: DraftLog = { messages: [], folders: [], recordCount: 0 };

/** DynamoDB's 400 KB an item, less what an estimate may miss. */
const maxItemBytes = 380_000;
const recordBytes = 32;
const changeBytes = 200;
const keywordsBytes = 4400;
const folderChangeBytes = 2500;

/** With one change more, joined with the last where that is of the same kind and mailbox. */
export function withMessages(log: DraftLog, change: MessageChange): DraftLog {
  const last = log.messages.at(-1);
  const recordCount = log.recordCount + change.records.length;
  if (last?.kind !== change.kind || last.mailbox !== change.mailbox)
    return { ...log, messages: [...log.messages, change], recordCount };
  const joined = { ...last, records: [...last.records, ...change.records] };
  // Keywords may come and go within one commit: together they could be more than a mask has bits.
  if (keywordsOf(joined) > maxKeywords) return { ...log, messages: [...log.messages, change], recordCount };
  return { ...log, messages: [...log.messages.slice(0, -1), joined], recordCount };
}

export function withFolder(log: DraftLog, change: FolderChange): DraftLog {
  return { ...log, folders: [...log.folders, change] };
}

/** An upper bound of the item, in bytes. */
export function draftLogBytes(log: DraftLog): number {
  const withKeywords = log.messages.filter((change) => keywordsOf(change) > 0).length;
  return (
    500 +
    log.recordCount * recordBytes +
    log.messages.length * changeBytes +
    withKeywords * keywordsBytes +
    log.folders.length * folderChangeBytes
  );
}

/** Whether one item takes it. */
export function draftLogFits(log: DraftLog): boolean {
  return log.recordCount <= maxLogRecords && draftLogBytes(log) <= maxItemBytes;
}

function keywordsOf({ records }: MessageChange): number {
  const names = new Set<string>();
  for (const { keywords } of records) for (const keyword of keywords) names.add(keyword);
  return names.size;
}
