/**
 * What a client was told of its mailbox, apart from what the mailbox is: which uid each sequence number stands for, and
 * how far in the account's history it was told. Two sessions of one mailbox share the view, and each has its own of
 * these.
 */
import { closeGaps } from '../mailbox/close-gaps.ts';
import { lowerBound } from '../mailbox/lower-bound.ts';
import type { MessageRecord } from '../mailbox/message-record.ts';
import type { Rev } from '../mailbox/types.ts';
import type { MailboxView } from '../mailbox/view.ts';

/** What is to be told since the last time. */
export interface News {
  /** Uids that were added; they have their numbers now. */
  readonly added: readonly number[];
  /** Uids whose flags are other than the client knows, rising. */
  readonly flags: readonly number[];
}

export class Told {
  #uids: Uint32Array;
  #count: number;
  #rev: Rev;
  /** Taken out of the mailbox, and not yet told; the records as they last were, where that is known. */
  readonly #expunged = new Map<number, MessageRecord | undefined>();
  /** Flags that were told beside the history (STORE): the mod-sequence they were of, by uid. */
  readonly #ahead = new Map<number, number>();

  /** How far `#expunged` is ahead of `#rev`. */
  #notedUpTo: Rev;

  /** All that the view shows is told. */
  constructor(view: MailboxView) {
    this.#uids = view.uids();
    this.#count = view.count;
    this.#rev = view.rev;
    this.#notedUpTo = view.rev;
  }

  /** The account's commit up to which all was looked at. */
  get rev(): Rev {
    return this.#rev;
  }

  /** EXISTS, as the client knows it. Indexes run from 0; a sequence number is one more. */
  get count(): number {
    return this.#count;
  }

  uidAt(index: number): number {
    return this.#uids[index] ?? 0;
  }

  /** The largest uid; 0 in an empty mailbox. */
  get lastUid(): number {
    return this.uidAt(this.#count - 1);
  }

  /** The index of the first message whose uid is not below `uid`; `count` where there is none. */
  lowerBound(uid: number): number {
    return lowerBound(this.#uids, this.#count, uid);
  }

  /** The index of `uid`, or -1. */
  indexOf(uid: number): number {
    const at = this.lowerBound(uid);
    return at < this.#count && this.uidAt(at) === uid ? at : -1;
  }

  /** A message that is taken out while the client does not know: its last record, where that is known. */
  lastRecordOf(uid: number, view: MailboxView): MessageRecord | undefined {
    this.#noteExpunged(view);
    return this.#expunged.get(uid);
  }

  /** The client has just been told these flags, as of `modSeq`: they are not told again. */
  noteFlags(uid: number, modSeq: number): void {
    if (modSeq > this.#rev) this.#ahead.set(uid, modSeq);
  }

  /** Whether the client was told the flags that the message has had since `modSeq`. */
  knowsFlags(uid: number, modSeq: number): boolean {
    return modSeq <= Math.max(this.#rev, this.#ahead.get(uid) ?? 0);
  }

  /** Follows the view: what is new. What was taken out waits for `takeExpunged`. */
  follow(view: MailboxView): News {
    const changes = view.changesSince(this.#rev);
    const news = changes === undefined ? this.#compare(view) : this.#replay(changes);
    const flags = news.flags.filter(
      (uid) => !this.#expunged.has(uid) && view.modSeqAt(view.indexOf(uid)) > (this.#ahead.get(uid) ?? 0),
    );
    this.#append(news.added);
    this.#rev = view.rev;
    this.#notedUpTo = view.rev;
    this.#ahead.clear();
    return { added: news.added, flags: flags.toSorted((one, other) => one - other) };
  }

  /** The numbers to say in EXPUNGE responses, in this order; from now on they are of other messages. */
  takeExpunged(): readonly number[] {
    if (!this.owesExpunge) return [];
    const indexes = [...this.#expunged.keys()].map((uid) => this.indexOf(uid)).filter((index) => index >= 0);
    const rising = indexes.toSorted((one, other) => one - other);
    this.#count = closeGaps([this.#uids], this.#count, rising);
    this.#expunged.clear();
    // From the highest down, so that none moves before its turn.
    return rising.toReversed().map((index) => index + 1);
  }

  /** Whether some EXPUNGE waits. */
  get owesExpunge(): boolean {
    return this.#expunged.size > 0;
  }

  /** The view moves with every session that has it open: what it has lost since is found in its changes. */
  #noteExpunged(view: MailboxView): void {
    if (view.rev === this.#notedUpTo) return;
    for (const { kind, records } of view.changesSince(this.#notedUpTo) ?? [])
      for (const record of records)
        if (kind === 'expunged' && this.indexOf(record.uid) >= 0) this.#expunged.set(record.uid, record);
    this.#notedUpTo = view.rev;
  }

  #replay(changes: NonNullable<ReturnType<MailboxView['changesSince']>>): News {
    const added = new Set<number>();
    const flags = new Set<number>();
    for (const { kind, records } of changes)
      for (const record of records) {
        const { uid } = record;
        switch (kind) {
          case 'added':
            added.add(uid);
            break;
          case 'flags':
            if (!added.has(uid) && this.indexOf(uid) >= 0) flags.add(uid);
            break;
          case 'expunged':
            flags.delete(uid);
            if (!added.delete(uid) && this.indexOf(uid) >= 0) this.#expunged.set(uid, record);
            break;
          default:
            kind satisfies never;
        }
      }
    return { added: [...added], flags: [...flags] };
  }

  /** The changes are forgotten: what differs between what was told and what is. */
  #compare(view: MailboxView): News {
    const flags: number[] = [];
    for (let index = 0; index < this.#count; index++) {
      const uid = this.uidAt(index);
      const at = view.indexOf(uid);
      if (at < 0) {
        if (!this.#expunged.has(uid)) this.#expunged.set(uid, undefined);
      } else if (view.modSeqAt(at) > this.#rev) flags.push(uid);
    }
    const added: number[] = [];
    for (let at = view.lowerBound(this.lastUid + 1); at < view.count; at++) added.push(view.uidAt(at));
    return { added, flags };
  }

  #append(uids: readonly number[]): void {
    if (uids.length === 0) return;
    if (this.#count + uids.length > this.#uids.length) {
      const grown = new Uint32Array(Math.ceil((this.#count + uids.length) * 1.2) + 8);
      grown.set(this.#uids.subarray(0, this.#count));
      this.#uids = grown;
    }
    this.#uids.set(uids, this.#count);
    this.#count += uids.length;
  }
}
