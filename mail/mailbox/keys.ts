/** Every key of the mailbox in the table, built and parsed here and nowhere else. Numbers are padded: key order is theirs. */
import type { Key, Range } from '../ports/table.ts';
import type { AccountId, FolderId, MailboxId, MessageId, Rev, Uid } from './types.ts';
import { parseAccountId, parseMailboxId, parseRev, parseUid } from './types.ts';

/** Uids in one `s#` block. */
export const uidsPerBlock = 64;

const revDigits = 15;
const uidDigits = 10;
const blockDigits = 8;

function pad(number: number, digits: number): string {
  return String(number).padStart(digits, '0');
}

/** The partition of an account: clock, log, states, folders, messages. */
export function accountPartition(account: AccountId): string {
  return `account#${account}`;
}

/** The account that a partition is of, or undefined when it is none's. */
export function parseAccountPartition(pk: string): AccountId | undefined {
  return pk.startsWith('account#') ? parseAccountId(pk.slice('account#'.length)) : undefined;
}

/** The partition of a mailbox's content: blocks, indexes, pages of envelopes, watermark, lease. */
export function mailboxPartition(mailbox: MailboxId): string {
  return `mailbox#${mailbox}`;
}

/** The mailbox that a partition is of, or undefined when it is none's. */
export function parseMailboxPartition(pk: string): MailboxId | undefined {
  return pk.startsWith('mailbox#') ? parseMailboxId(pk.slice('mailbox#'.length)) : undefined;
}

/** The account's rev, usage and counters. */
export function clockKey(account: AccountId): Key {
  return { pk: accountPartition(account), sk: 'clock' };
}

/** What all sort keys of log records begin with. */
export const logPrefix = 'c#';

/** The sort key of the log record of `rev`. */
export function logSortKey(rev: Rev): string {
  return logPrefix + pad(rev, revDigits);
}

/** The log record of the commit `rev`. */
export function logKey(account: AccountId, rev: Rev): Key {
  return { pk: accountPartition(account), sk: logSortKey(rev) };
}

/** The rev of a log record's sort key, or undefined when it is another item's. */
export function parseLogSortKey(sk: string): Rev | undefined {
  return sk.startsWith(logPrefix) ? parseRev(Number(sk.slice(logPrefix.length))) : undefined;
}

/** What all sort keys of mailbox states begin with. */
export const mailboxStatePrefix = 'mailbox#';

/** The state of a mailbox, in its account's partition. */
export function mailboxStateKey(account: AccountId, mailbox: MailboxId): Key {
  return { pk: accountPartition(account), sk: mailboxStatePrefix + mailbox };
}

/** What all sort keys of folders begin with. */
export const folderPrefix = 'folder#';

/** A folder: its parent, name and mailbox. */
export function folderKey(account: AccountId, folder: FolderId): Key {
  return { pk: accountPartition(account), sk: folderPrefix + folder };
}

/** What all sort keys of name guards begin with. */
export const folderNamePrefix = 'name#';

/** The guard that finds a folder by its parent (undefined: the top) and its name there. */
export function folderNameKey(options: {
  readonly account: AccountId;
  readonly parent: FolderId | undefined;
  readonly name: string;
}): Key {
  const { account, parent, name } = options;
  return { pk: accountPartition(account), sk: `${folderNamePrefix}${parent ?? ''}#${name}` };
}

/** What all sort keys of subscriptions begin with. */
export const subscriptionPrefix = 'subscription#';

/** A subscription to a full mailbox name, whether there is such a mailbox or not. */
export function subscriptionKey(account: AccountId, name: string): Key {
  return { pk: accountPartition(account), sk: subscriptionPrefix + name };
}

/** What all sort keys of messages begin with. */
export const messagePrefix = 'message#';

/** A message's blob, thread and places. */
export function messageKey(account: AccountId, message: MessageId): Key {
  return { pk: accountPartition(account), sk: messagePrefix + message };
}

/** What all sort keys of bulk records begin with. */
export const bulkPrefix = 'bulk#';

/** What a cut COPY or MULTIAPPEND has added so far. */
export function bulkKey(account: AccountId, token: string): Key {
  return { pk: accountPartition(account), sk: bulkPrefix + token };
}

/** The block that holds `uid`. */
export function blockOf(uid: Uid): number {
  return Math.floor(uid / uidsPerBlock);
}

/** Whether `uid` is the last one of its block: no message comes to the block after it. */
export function completesBlock(uid: number): boolean {
  return uid % uidsPerBlock === uidsPerBlock - 1;
}

/** What all sort keys of blocks begin with. */
export const blockPrefix = 's#';

/** A block of 64 uids: what changes of its messages. */
export function blockKey(mailbox: MailboxId, block: number): Key {
  return { pk: mailboxPartition(mailbox), sk: blockPrefix + pad(block, blockDigits) };
}

/** The block number of a block's sort key, or undefined when it is another item's. */
export function parseBlockSortKey(sk: string): number | undefined {
  const digits = sk.startsWith(blockPrefix) ? sk.slice(blockPrefix.length) : '';
  return /^\d{8}$/.test(digits) ? Number(digits) : undefined;
}

/** What all sort keys of message indexes begin with. */
export const indexPrefix = 'm#';

/** The index of one message: what never changes of it. */
export function indexKey(mailbox: MailboxId, uid: Uid): Key {
  return { pk: mailboxPartition(mailbox), sk: indexPrefix + pad(uid, uidDigits) };
}

/** The uid of an index's sort key, or undefined when it is another item's. */
export function parseIndexSortKey(sk: string): Uid | undefined {
  return sk.startsWith(indexPrefix) ? parseUid(Number(sk.slice(indexPrefix.length))) : undefined;
}

/** The indexes of a block's messages. */
export function indexRange(mailbox: MailboxId, block: number): Range {
  const at = (uid: number) => indexPrefix + pad(uid, uidDigits);
  return {
    pk: mailboxPartition(mailbox),
    from: at(block * uidsPerBlock),
    to: at((block + 1) * uidsPerBlock),
  };
}

/** The envelopes of a block's messages. */
export function envelopePageKey(mailbox: MailboxId, block: number): Key {
  return { pk: mailboxPartition(mailbox), sk: `e#${pad(block, blockDigits)}` };
}

/** The `\Recent` watermark of a mailbox. */
export function recentKey(mailbox: MailboxId): Key {
  return { pk: mailboxPartition(mailbox), sk: 'recent' };
}

/** The maildrop lease of a mailbox. */
export function maildropKey(mailbox: MailboxId): Key {
  return { pk: mailboxPartition(mailbox), sk: 'pop3' };
}

/** Partitions of one day's expiries, so that no single one is too busy. */
export const expireShards = 8;

/**
 * The entry by which the sweep finds what is due on `day` (`2026-11-24`, UTC). `subject` says what of the account, as
 * `expire-entry.ts` writes it.
 */
export function expireKey(options: {
  readonly day: string;
  readonly account: AccountId;
  readonly subject: string;
}): Key {
  const { day, account, subject } = options;
  return { pk: expirePartition(day, shardOf(account)), sk: `${account}#${subject}` };
}

/** One shard's partition of what is due on `day`. */
export function expirePartition(day: string, shard: number): string {
  return `expire#${day}#${shard}`;
}

/** The shard of one of these partitions. */
export function parseExpireShard(pk: string): number {
  return Number(pk.split('#')[2] ?? 0);
}

/** What `expireKey` made a sort key of, or undefined when it is another item's. */
export function parseExpireSortKey(
  sk: string,
): { readonly account: AccountId; readonly subject: string } | undefined {
  const hash = sk.indexOf('#');
  const account = hash < 0 ? undefined : parseAccountId(sk.slice(0, hash));
  return account === undefined ? undefined : { account, subject: sk.slice(hash + 1) };
}

/** The partition of Feed's records that were put aside. */
export const asidePartition = 'aside';

/** The note of a log record that was put aside; those of an account are in the order of their revs. */
export function asideKey(record: Key): Key {
  return { pk: asidePartition, sk: `${record.pk}#${record.sk}` };
}

/** Where the sweep stands in what it goes through bit by bit. */
export function sweepCursorKey(name: string): Key {
  return { pk: 'posta', sk: `sweep#${name}` };
}

/** The day of a time, as expiries write it. */
export function dayOf(timeMs: number): string {
  return new Date(timeMs).toISOString().slice(0, 10);
}

function shardOf(account: AccountId): number {
  let hash = 0;
  for (let at = 0; at < account.length; at++) hash = (hash * 31 + account.charCodeAt(at)) >>> 0;
  return hash % expireShards;
}
