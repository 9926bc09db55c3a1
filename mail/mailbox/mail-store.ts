/** The mailboxes of all accounts: what POP3, IMAP, delivery and import call. */
import type { Change } from './account-writer.ts';
import type { Flags, FlagAction } from './flags.ts';
import type { SpecialUse } from './folder-item.ts';
import type { Lease } from './maildrop-lease.ts';
import type { MessageIndex } from './message-index.ts';
import type {
  AppendOutcome,
  CopyOutcome,
  DeliveryOutcome,
  ExpungeOutcome,
  FolderOutcome,
  Gone,
  NoSuchMailbox,
  StoreOutcome,
} from './outcome.ts';
import type { Blobs } from '../ports/blobs.ts';
import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import type { Table, Write } from '../ports/table.ts';
import type { Wake } from '../ports/wake.ts';
import type { AccountId, FolderId, MailboxId, ModSeq, RandomBytes, Rev, Uid } from './types.ts';
import type { MailboxView } from './view.ts';

/** Makes the handle of any account; nothing is read until it is used. */
export interface MailStore {
  account(id: AccountId): AccountMail;
  /** A change of another kind, in order with all others of the account: for Feed and the sweep. */
  submit<Result>(account: AccountId, change: Change<Result>): Promise<Result | Gone>;
  /** For the sweep: takes out what a dead writer's `bulk#<token>` says that it had added. */
  undoBulk(account: AccountId, token: string): Promise<void>;
  /** Resolves when no commit of this process is under way: before the table is closed. */
  settled(): Promise<void>;
}

/** What the mailboxes stand on. */
export interface MailStorePorts {
  readonly table: Table;
  readonly blobs: Blobs;
  readonly wake: Wake;
  readonly clock: Clock;
  readonly log: Log;
  /** The store's epoch: of the `posta`/`store` item, when the process started. */
  readonly epoch: number;
  /** `crypto.randomBytes`. */
  readonly random: RandomBytes;
  /**
   * Names the server where never but one serves the store: a maildrop lease of another generation is then that of a
   * server that has ended, and does not hold anyone up. Undefined where several may serve.
   */
  readonly generation?: string;
}

/** A message to add. Its bytes are in Blobs already, durable; `index.messageId` decides what "the same message" is. */
export interface NewMessage {
  readonly index: MessageIndex;
  /** Default: none. */
  readonly flags?: Flags;
}

/** A message to deliver. */
export interface Delivery extends NewMessage {
  /** A full mailbox name; INBOX where it is not given or not there. */
  readonly folder?: string;
  /**
   * Written in the same commit: jobs to outside (redirect, vacation). Not of this account's mailboxes. One whose
   * condition does not hold is there already and is left out.
   */
  readonly writes?: readonly Write[];
}

/** What an account holds. */
export interface Usage {
  readonly kind: 'usage';
  readonly rev: Rev;
  readonly bytes: number;
  readonly messages: number;
  /** undefined: no limit. */
  readonly quotaBytes: number | undefined;
}

/** What STATUS tells of a mailbox (RFC 9051 section 6.3.11). */
export interface MailboxStatus {
  readonly kind: 'status';
  readonly mailbox: MailboxId;
  readonly uidValidity: number;
  readonly uidNext: Uid;
  readonly highestModSeq: ModSeq;
  readonly messages: number;
  readonly unseen: number;
  readonly deleted: number;
  /** Octets of all messages: STATUS SIZE. */
  readonly bytes: number;
  /** Keywords in use, or once in use. */
  readonly keywords: readonly string[];
}

/** One folder of the tree. */
export interface Folder {
  readonly id: FolderId;
  /** Its full name, levels separated by `/`; the top INBOX is always `INBOX`. */
  readonly name: string;
  /** undefined: `\Noselect`, there only for the folders below it. */
  readonly mailbox: MailboxId | undefined;
  readonly specialUse: SpecialUse | undefined;
  readonly hasChildren: boolean;
  readonly subscribed: boolean;
  /** As `AccountMail.status`; undefined with `mailbox`. */
  readonly status: MailboxStatus | undefined;
}

/** All folders as of one rev, in the order of their names (INBOX first). */
export interface FolderList {
  readonly kind: 'folders';
  readonly rev: Rev;
  readonly folders: readonly Folder[];
  /** Full names, whether there is such a folder or not. */
  readonly subscriptions: readonly string[];
}

/** An open mailbox: the process's shared view of it, brought up to date when a session asks. */
export interface OpenMailbox {
  readonly kind: 'open';
  readonly account: AccountId;
  readonly mailbox: MailboxId;
  readonly view: MailboxView;
  /** Brings the view up to now: one read where nothing changed. `deleted`: the mailbox or its account is no more. */
  refresh(): Promise<'current' | 'deleted'>;
  /** A message's index; also of one that was just expunged. */
  findMessage(uid: Uid): Promise<MessageIndex | undefined>;
  /**
   * As `findMessage`, in the order of the uids: of as many of the first of them as can be held at once, which is one at
   * least. Ask again for the rest.
   */
  findMessages(uids: readonly Uid[]): Promise<readonly (MessageIndex | undefined)[]>;
  /** As `findMessages`, but only ENVELOPE as it is sent (`MessageIndex.envelope`): a fifth of the work. */
  findEnvelopes(uids: readonly Uid[]): Promise<readonly (string | undefined)[]>;
  /** The view is no longer needed by this session. */
  close(): void;
}

/**
 * One account's mail. Each change is durable when it resolves, but for `storeFlags` and IMAP's `expunge`, which are
 * visible then. Every operation rejects only for a fault: `CommitFailed` when it stays open whether it was done.
 */
export interface AccountMail {
  readonly id: AccountId;
  usage(): Promise<Usage | Gone>;
  listFolders(): Promise<FolderList | Gone>;
  /** The mailbox of a full name; INBOX in any case. `noSuchMailbox` also for `\Noselect`. */
  findMailbox(
    name: string,
  ): Promise<{ readonly kind: 'found'; readonly mailbox: MailboxId } | NoSuchMailbox | Gone>;
  status(mailbox: MailboxId): Promise<MailboxStatus | NoSuchMailbox | Gone>;
  /** The maildrop of POP3; `close` it. */
  open(mailbox: MailboxId): Promise<OpenMailbox | NoSuchMailbox | Gone>;
  /** SELECT and EXAMINE: `findMailbox` and `open` in one; one read where the account's folders are as they were. */
  openByName(name: string): Promise<OpenMailbox | NoSuchMailbox | Gone>;

  /** APPEND, MULTIAPPEND: all of the messages or none. */
  append(options: {
    readonly mailbox: MailboxId;
    readonly messages: readonly NewMessage[];
  }): Promise<AppendOutcome>;
  /** Each exactly once by its message id, in one commit where they fit; outcomes in the order given. */
  deliver(deliveries: readonly Delivery[]): Promise<readonly DeliveryOutcome[]>;
  /** STORE. Uids in any order. */
  storeFlags(options: {
    readonly mailbox: MailboxId;
    readonly uids: readonly Uid[];
    readonly action: FlagAction;
    readonly flags: Flags;
    readonly unchangedSince?: ModSeq;
  }): Promise<StoreOutcome>;
  /**
   * Takes messages out: those `uids` (default: all) that are `\Deleted` (EXPUNGE, UID EXPUNGE), or, with `any`, those
   * uids whatever their flags (POP3's QUIT: durable).
   */
  expunge(options: {
    readonly mailbox: MailboxId;
    readonly uids?: readonly Uid[];
    readonly any?: boolean;
  }): Promise<ExpungeOutcome>;
  /** COPY: all or nothing; new uids in the order of the old. */
  copy(options: {
    readonly from: MailboxId;
    readonly to: MailboxId;
    readonly uids: readonly Uid[];
  }): Promise<CopyOutcome>;
  /** MOVE (RFC 6851): each message whole. */
  move(options: {
    readonly from: MailboxId;
    readonly to: MailboxId;
    readonly uids: readonly Uid[];
  }): Promise<CopyOutcome>;
  /** Brings expunged messages back, with new uids, into `to`, with their last flags but `\Deleted`. */
  undelete(options: {
    readonly from: MailboxId;
    readonly to: MailboxId;
    readonly uids: readonly Uid[];
  }): Promise<CopyOutcome>;

  /** CREATE, with the parents that are missing. A special use is one mailbox's only. */
  createFolder(options: { readonly name: string; readonly specialUse?: SpecialUse }): Promise<FolderOutcome>;
  /** RENAME, whatever is below it; of INBOX: its messages move, its name stays (RFC 9051 section 6.3.6). */
  renameFolder(options: { readonly from: string; readonly to: string }): Promise<FolderOutcome>;
  /** DELETE; a folder with others below stays as `\Noselect`. */
  deleteFolder(name: string): Promise<FolderOutcome>;
  subscribe(name: string): Promise<FolderOutcome>;
  unsubscribe(name: string): Promise<FolderOutcome>;

  /** undefined: no limit. */
  setQuota(quotaBytes: number | undefined): Promise<{ readonly kind: 'done'; readonly rev: Rev } | Gone>;
  /** At once for everyone; the sweep deletes what it held. */
  remove(): Promise<{ readonly kind: 'done'; readonly rev: Rev } | Gone>;

  /**
   * `\Recent` (RFC 3501): messages from the uid that is answered up to `upTo` (exclusive) are recent to the caller and,
   * from now on, to no other.
   */
  claimRecent(mailbox: MailboxId, upTo: Uid): Promise<Uid>;
  /** As `claimRecent`, and nothing is claimed: for EXAMINE. */
  recentFrom(mailbox: MailboxId, upTo: Uid): Promise<Uid>;
  /** How many of the messages that a status tells of no session has claimed: STATUS RECENT. */
  recentCount(status: MailboxStatus): Promise<number>;
  /** POP3's lock of the maildrop; undefined while another session has it. */
  leaseMaildrop(mailbox: MailboxId): Promise<Lease | undefined>;
}
