/** `c#<rev>`: what one commit changed, in order. Readers follow it, Feed lives from it, and its token says who wrote it. */
import type { Item, Value } from '../ports/table.ts';
import { bytesOf, isoOf, listOf, mapOf, stringOf, stringsOf, timeOf } from './attributes.ts';
import { blockOf, completesBlock, logKey, parseAccountPartition, parseLogSortKey } from './keys.ts';
import { keptCommits, logNoteEvery } from './limits.ts';
import { packRecords, unpackRecords } from './message-record.ts';
import type { MessageRecord } from './message-record.ts';
import { DamagedItem, parseFolderId, parseMailboxId, sound } from './types.ts';
import type { AccountId, FolderId, MailboxId, Rev } from './types.ts';

/** `added` and `flags`: the records as they are now; `expunged`: as they last were. In order of time, not of uids. */
export interface MessageChange {
  readonly kind: 'added' | 'flags' | 'expunged';
  readonly mailbox: MailboxId;
  readonly records: readonly MessageRecord[];
}

/** Names are full names, but for `moved`, whose parent and own name are the folder item's. */
export type FolderChange =
  | {
      readonly kind: 'created';
      readonly folder: FolderId;
      readonly mailbox: MailboxId;
      readonly name: string;
    }
  | { readonly kind: 'renamed'; readonly folder: FolderId; readonly from: string; readonly to: string }
  /** INBOX's mailbox goes to the new folder `to`, and INBOX has the new, empty `mailbox`. */
  | { readonly kind: 'inboxMoved'; readonly mailbox: MailboxId; readonly to: string }
  /** The mailbox with all its messages is no more; the folder may remain as `\Noselect`. */
  | {
      readonly kind: 'deleted';
      readonly folder: FolderId;
      readonly mailbox: MailboxId;
      readonly name: string;
    }
  /** A `\Noselect` folder is no more. */
  | { readonly kind: 'pruned'; readonly folder: FolderId; readonly name: string }
  | { readonly kind: 'subscribed' | 'unsubscribed'; readonly name: string }
  | { readonly kind: 'quotaSet' }
  | { readonly kind: 'accountRemoved' };

export interface LogRecord {
  readonly account: AccountId;
  readonly rev: Rev;
  /** The writer's own: by it a writer without an answer knows its commit. */
  readonly token: string;
  readonly atMs: number;
  readonly messages: readonly MessageChange[];
  readonly folders: readonly FolderChange[];
}

/** The attribute of records that Feed has something to do for: in AWS its function is handed only those. */
export const forFeed = 'forFeed';

/** Most commits leave nothing to do: a delivery (but the last to a block), a flag. */
export function leavesWork({ rev, messages, folders }: LogRecord): boolean {
  return (
    messages.some(({ kind }) => kind === 'expunged') ||
    messages.some(givesLastUid) ||
    folders.some(({ kind }) => kind === 'deleted') ||
    trimsLog(rev)
  );
}

function givesLastUid({ kind, records }: MessageChange): boolean {
  return kind === 'added' && records.some(({ uid }) => completesBlock(uid));
}

/** A block of a mailbox to which no message comes any more. */
export interface CompleteBlock {
  readonly account: AccountId;
  readonly mailbox: MailboxId;
  readonly block: number;
}

/** Those whose last uid the commit has given. */
export function completedBlocks({ account, messages }: LogRecord): readonly CompleteBlock[] {
  return messages.filter(givesLastUid).flatMap(({ mailbox, records }) => {
    const last = records.filter(({ uid }) => completesBlock(uid));
    return last.map(({ uid }) => ({ account, mailbox, block: blockOf(uid) }));
  });
}

/** Whether the log may be cut after this commit has been handled. */
export function trimsLog(rev: Rev): boolean {
  return rev % logNoteEvery === 0 && rev > keptCommits;
}

const changeKinds = ['added', 'flags', 'expunged'] as const;

export function logItem(record: LogRecord): Item {
  return {
    ...logKey(record.account, record.rev),
    token: record.token,
    at: isoOf(record.atMs),
    ...(leavesWork(record) ? { [forFeed]: true } : {}),
    ...(record.messages.length === 0 ? {} : { messages: record.messages.map(packChange) }),
    ...(record.folders.length === 0
      ? {}
      : { folders: record.folders.map((change): Value => ({ ...change })) }),
  };
}

function packChange({ kind, mailbox, records }: MessageChange): Value {
  const packed = packRecords(records);
  return {
    kind,
    mailbox,
    records: packed.records,
    ...(packed.keywords.length === 0 ? {} : { keywords: packed.keywords }),
  };
}

export function parseLogItem(item: Item): LogRecord {
  return {
    account: sound(parseAccountPartition(item.pk), 'account partition'),
    rev: sound(parseLogSortKey(item.sk), 'log key'),
    token: stringOf(item, 'token'),
    atMs: timeOf(item, 'at', 'atMs'),
    messages: item['messages'] === undefined ? [] : listOf(item, 'messages').map(unpackChange),
    folders: item['folders'] === undefined ? [] : listOf(item, 'folders').map(parseFolderChange),
  };
}

function unpackChange(value: Value): MessageChange {
  const map = mapOf(value, 'change');
  const kind = sound(
    changeKinds.find((known) => known === map['kind']),
    'kind of change',
  );
  const keywords = map['keywords'] === undefined ? [] : stringsOf(map, 'keywords');
  return {
    kind,
    mailbox: mailboxOf(map),
    records: unpackRecords({ keywords, records: bytesOf(map, 'records') }),
  };
}

type Map = ReturnType<typeof mapOf>;

function mailboxOf(map: Map): MailboxId {
  return sound(parseMailboxId(stringOf(map, 'mailbox')), 'mailbox id');
}

function folderOf(map: Map): FolderId {
  return sound(parseFolderId(stringOf(map, 'folder')), 'folder id');
}

function parseFolderChange(value: Value): FolderChange {
  const map = mapOf(value, 'folder change');
  const kind = stringOf(map, 'kind');
  switch (kind) {
    case 'created':
    case 'deleted':
      return { kind, folder: folderOf(map), mailbox: mailboxOf(map), name: stringOf(map, 'name') };
    case 'renamed':
      return { kind, folder: folderOf(map), from: stringOf(map, 'from'), to: stringOf(map, 'to') };
    case 'inboxMoved':
      return { kind, mailbox: mailboxOf(map), to: stringOf(map, 'to') };
    case 'pruned':
      return { kind, folder: folderOf(map), name: stringOf(map, 'name') };
    case 'subscribed':
    case 'unsubscribed':
      return { kind, name: stringOf(map, 'name') };
    case 'quotaSet':
    case 'accountRemoved':
      return { kind };
    default:
      throw new DamagedItem('kind of folder change');
  }
}
