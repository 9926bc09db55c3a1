/**
 * A mailbox as of one rev, in memory, shared by the sessions of a process that have it open. It only moves forward, by
 * log records in their order; what each client has been told is the sessions' own business.
 */
import type { MessageChange, LogRecord } from './log-record.ts';
import { maxKeywords, maxRememberedChanges } from './limits.ts';
import type { MessageColumns } from './message-columns.ts';
import type { MailboxState } from './mailbox-state.ts';
import type { MessageRecord } from './message-record.ts';
import { parseUid, sound } from './types.ts';
import type { MailboxId, ModSeq, Rev, Uid } from './types.ts';

/** One step of what happened, for a session to follow; `expunged` has the records as they last were. */
export interface ViewChange {
  readonly rev: Rev;
  readonly kind: MessageChange['kind'];
  readonly records: readonly MessageRecord[];
}

/** What a scan found. */
export interface ScannedMailbox {
  readonly rev: Rev;
  readonly state: MailboxState;
  readonly columns: MessageColumns;
}

export class MailboxView {
  readonly mailbox: MailboxId;
  #rev: Rev;
  #uidValidity: number;
  #uidNext: Uid;
  #highestModSeq: ModSeq;
  #columns: MessageColumns;
  #keywords: Set<string>;
  #changes: ViewChange[] = [];
  #remembered = 0;
  /** Changes up to this rev are no longer remembered. */
  #forgottenUpTo: Rev;
  #deleted = false;
  /** Where this view began to follow the log, and the last commit since that changed folders. */
  #followsFrom: Rev;
  #foldersChangedAt: Rev;
  #inboxMovedAt: Rev | 0 = 0;

  constructor(mailbox: MailboxId, scanned: ScannedMailbox) {
    this.mailbox = mailbox;
    this.#rev = scanned.rev;
    this.#forgottenUpTo = scanned.rev;
    this.#followsFrom = scanned.rev;
    this.#foldersChangedAt = scanned.rev;
    this.#uidValidity = scanned.state.uidValidity;
    this.#uidNext = scanned.state.uidNext;
    this.#highestModSeq = scanned.state.highestModSeq;
    this.#columns = scanned.columns;
    this.#keywords = new Set(scanned.state.keywords);
  }

  /** The account's commit that this view is as of. */
  get rev(): Rev {
    return this.#rev;
  }
  get uidValidity(): number {
    return this.#uidValidity;
  }
  get uidNext(): Uid {
    return this.#uidNext;
  }
  /** The last commit that touched this mailbox. */
  get highestModSeq(): ModSeq {
    return this.#highestModSeq;
  }
  /** Keywords that are, or once were, in use. */
  get keywords(): ReadonlySet<string> {
    return this.#keywords;
  }
  /** The mailbox (or its account) is no more; the view stays as it last was. */
  get deleted(): boolean {
    return this.#deleted;
  }

  /** The last commit that was seen to take INBOX's messages to another name (RENAME); 0: none was. */
  get inboxMovedAt(): Rev | 0 {
    return this.#inboxMovedAt;
  }

  /** EXISTS. Indexes below run from 0 to `count` - 1, in the order of the uids. */
  get count(): number {
    return this.#columns.count;
  }
  uidAt(index: number): Uid {
    return sound(parseUid(this.#columns.uidAt(index)), 'uid');
  }
  /** All uids, rising; a copy. */
  uids(): Uint32Array {
    return this.#columns.uids();
  }
  /** Bits of `systemFlags`. */
  systemFlagsAt(index: number): number {
    return this.#columns.systemAt(index);
  }
  keywordsAt(index: number): readonly string[] {
    return this.#columns.keywordsAt(index);
  }
  modSeqAt(index: number): number {
    return this.#columns.modSeqAt(index);
  }
  /** In octets. */
  sizeAt(index: number): number {
    return this.#columns.sizeAt(index);
  }
  internalDateSecondsAt(index: number): number {
    return this.#columns.internalDateSecondsAt(index);
  }
  saveDateSecondsAt(index: number): number {
    return this.#columns.saveDateSecondsAt(index);
  }
  /** All of it as one object; the fault `DamagedItem` past the end. */
  recordAt(index: number): MessageRecord {
    return this.#columns.recordAt(index);
  }
  /** The index of `uid`, or -1. */
  indexOf(uid: number): number {
    return this.#columns.indexOf(uid);
  }
  /** The index of the first message whose uid is not below `uid`; `count` where there is none. */
  lowerBound(uid: number): number {
    return this.#columns.lowerBound(uid);
  }

  /** Whether the account's folders are surely as they were at `rev`: no commit since has changed one. */
  foldersAreAsOf(rev: Rev): boolean {
    return rev >= this.#followsFrom && rev >= this.#foldersChangedAt && rev <= this.#rev;
  }

  /**
   * What happened after `rev`, in order; undefined when that is no longer known: then compare what the client was told
   * with the view itself.
   */
  changesSince(rev: Rev): readonly ViewChange[] | undefined {
    if (rev < this.#forgottenUpTo) return undefined;
    const first = this.#changes.findIndex((change) => change.rev > rev);
    return first < 0 ? [] : this.#changes.slice(first);
  }

  /** Follows the log by one commit, the next after `rev` (for the keeper of views). */
  apply(record: LogRecord): void {
    this.#rev = record.rev;
    for (const change of record.messages)
      if (change.mailbox === this.mailbox) this.#follow(change, record.rev);
    if (record.folders.length > 0) this.#foldersChangedAt = record.rev;
    for (const change of record.folders) {
      if (change.kind === 'inboxMoved') this.#inboxMovedAt = record.rev;
      if (change.kind === 'accountRemoved' || (change.kind === 'deleted' && change.mailbox === this.mailbox))
        this.#deleted = true;
    }
    this.#forgetOldest();
  }

  /** Begins anew from a scan, when the log does not reach back to `rev` (for the keeper of views). */
  restart(scanned: ScannedMailbox): void {
    this.#rev = scanned.rev;
    this.#followsFrom = scanned.rev;
    this.#foldersChangedAt = scanned.rev;
    this.forgetChanges();
    this.#uidValidity = scanned.state.uidValidity;
    this.#uidNext = scanned.state.uidNext;
    this.#highestModSeq = scanned.state.highestModSeq;
    this.#columns = scanned.columns;
    this.#keywords = new Set(scanned.state.keywords);
  }

  /** No session follows it any longer: what happened is forgotten (for the keeper of views). */
  forgetChanges(): void {
    this.#forgottenUpTo = this.#rev;
    this.#changes = [];
    this.#remembered = 0;
  }

  /** The mailbox was found to be no more (for the keeper of views). */
  markDeleted(): void {
    this.#deleted = true;
  }

  #follow(change: MessageChange, rev: Rev): void {
    followChange(this.#columns, change);
    this.#highestModSeq = rev;
    this.#changes.push({ rev, kind: change.kind, records: change.records });
    this.#remembered += change.records.length;
    for (const { uid, keywords } of change.records) {
      if (uid >= this.#uidNext) this.#uidNext = nextUid(uid);
      for (const keyword of keywords) this.#keywords.add(keyword);
    }
    if (this.#keywords.size > 2 * maxKeywords) this.#keywords = this.#columns.keywordsInUse();
  }

  #forgetOldest(): void {
    while (this.#remembered > maxRememberedChanges && this.#changes.length > 0) {
      const oldest = this.#changes.shift();
      if (oldest === undefined) return;
      this.#remembered -= oldest.records.length;
      this.#forgottenUpTo = oldest.rev;
    }
  }
}

/**
 * One change of the log over the records. It may be in them already (a scan reads blocks of different moments): so
 * what is added twice is there once, and what is no longer there gets no flags.
 */
export function followChange(columns: MessageColumns, change: MessageChange): void {
  switch (change.kind) {
    case 'added':
      for (const record of change.records) columns.set(record);
      return;
    case 'flags':
      for (const record of change.records) if (columns.indexOf(record.uid) >= 0) columns.set(record);
      return;
    case 'expunged':
      columns.removeAll(change.records.map(({ uid }) => uid));
      return;
    default:
      return change.kind satisfies never;
  }
}

function nextUid(uid: Uid): Uid {
  return sound(parseUid(uid + 1), 'uid');
}
