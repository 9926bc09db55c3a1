/** How the operations of a mailbox end. Refusals are values, to be told in the protocol's own code; faults are thrown. */
import type { Flags } from './flags.ts';
import type { MailboxId, MessageId, ModSeq, Rev, Uid } from './types.ts';

/** There is no such account, or it was removed. */
export interface Gone {
  readonly kind: 'gone';
}

/** The mailbox or folder that was named is not there. `TRYCREATE` for APPEND, COPY and MOVE. */
export interface NoSuchMailbox {
  readonly kind: 'noSuchMailbox';
}

/** The account's quota leaves no room (RFC 9208 `OVERQUOTA`). */
export interface OverQuota {
  readonly kind: 'overQuota';
}

/** The mailbox would have more than `maxKeywords` keywords in use (RFC 9051 `LIMIT`). */
export interface TooManyKeywords {
  readonly kind: 'tooManyKeywords';
}

/** One of the keywords is no flag-keyword, or too long. */
export interface BadKeyword {
  readonly kind: 'badKeyword';
}

/** More than a limit of `limits.ts` allows. */
export interface TooMany {
  readonly kind: 'tooMany';
}

/** A folder of that name is there. */
export interface Exists {
  readonly kind: 'exists';
}

/** The name is empty, has an empty level, control characters, or is too long or too deep. */
export interface BadName {
  readonly kind: 'badName';
}

/** What was asked is not possible with this folder: deleting INBOX, moving a folder below itself … */
export interface NotAllowed {
  readonly kind: 'notAllowed';
}

/** A folder that is there only for those below it cannot be deleted before them (RFC 9051 `HASCHILDREN`). */
export interface HasChildren {
  readonly kind: 'hasChildren';
}

/** Another mailbox has that special use: one each is what clients and filters look for (RFC 6154 `USEATTR`). */
export interface SpecialUseTaken {
  readonly kind: 'specialUseTaken';
}

/** A message's uid here and its new one there, for COPYUID (RFC 9051 section 7.1). */
export interface CopiedUid {
  readonly from: Uid;
  readonly to: Uid;
}

export type AppendOutcome =
  | {
      readonly kind: 'appended';
      readonly mailbox: MailboxId;
      readonly uidValidity: number;
      /** In the order of the messages. */
      readonly uids: readonly Uid[];
      readonly rev: Rev;
    }
  | AppendRefusal;

export type AppendRefusal =
  | Gone
  | NoSuchMailbox
  | OverQuota
  | TooManyKeywords
  | BadKeyword
  | TooMany
  /** A message with this id was added before (whatever became of it); nothing was added now. */
  | { readonly kind: 'duplicate'; readonly messageId: MessageId };

export type DeliveryOutcome =
  | { readonly kind: 'delivered'; readonly mailbox: MailboxId; readonly uid: Uid; readonly rev: Rev }
  /** It was delivered before: done. */
  | { readonly kind: 'duplicate' }
  | OverQuota
  | { readonly kind: 'accountGone' };

/** What STORE made of a message. Another change in the same commit may have come after it. */
export interface ChangedFlags {
  readonly uid: Uid;
  readonly modSeq: ModSeq;
  readonly modSeqBefore: ModSeq;
  readonly flags: Flags;
}

export type StoreOutcome =
  | {
      readonly kind: 'stored';
      /** Uids with a modSeq above `unchangedSince`, left as they are: `MODIFIED` (RFC 7162 section 3.1.3). */
      readonly modified: readonly Uid[];
      /** Uids that are no longer there. */
      readonly missing: readonly Uid[];
      /** Whose flags are other than before; those already so are in no list. */
      readonly changed: readonly ChangedFlags[];
    }
  | Gone
  | NoSuchMailbox
  | TooManyKeywords
  | BadKeyword;

export type ExpungeOutcome =
  { readonly kind: 'expunged'; readonly uids: readonly Uid[] } | Gone | NoSuchMailbox;

/** `noSuchMailbox` here means the source: the target's absence is `noSuchTarget`. */
export interface NoSuchTarget {
  readonly kind: 'noSuchTarget';
}

export type CopyOutcome =
  | {
      readonly kind: 'copied';
      /** Of the target. */
      readonly uidValidity: number;
      readonly copied: readonly CopiedUid[];
      /** Uids asked for that are no longer in the source. */
      readonly missing: readonly Uid[];
    }
  | Gone
  | NoSuchMailbox
  | NoSuchTarget
  | OverQuota
  | TooManyKeywords
  | TooMany;

export type FolderOutcome =
  | { readonly kind: 'done'; readonly mailbox: MailboxId | undefined; readonly rev: Rev }
  | Gone
  | NoSuchMailbox
  | Exists
  | BadName
  | TooMany
  | NotAllowed
  | HasChildren
  | SpecialUseTaken;
