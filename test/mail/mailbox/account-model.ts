/**
 * An account's mail as plain maps: what every operation must answer and leave behind, said as simply as it can be. Ids
 * and modSeqs are the store's to choose: the model learns them, and from then on they must stay.
 */
import assert from 'node:assert/strict';
import { systemFlags } from '../../../mail/mailbox/flags.ts';
import type { FlagAction, Flags } from '../../../mail/mailbox/flags.ts';
import type { MailboxId } from '../../../mail/mailbox/types.ts';

export interface ModelRecord {
  readonly id: string;
  readonly size: number;
  readonly flags: Flags;
  /** undefined: changed since it was last compared. */
  modSeq: number | undefined;
}

/** A place that shows its message no longer, whose index is still there. */
interface GonePlace {
  readonly id: string;
  /** As an undelete brings them: none until Feed has written them. */
  flags: Flags;
  readonly last: Flags;
  dueAtMs: number;
}

export class ModelMailbox {
  id: MailboxId | undefined;
  uidValidity = 0;
  uidNext = 1;
  deleted = false;
  readonly records = new Map<number, ModelRecord>();
  readonly gone = new Map<number, GonePlace>();
  /** By lower case. */
  readonly spellings = new Map<string, string>();

  /** Rising. */
  get uids(): readonly number[] {
    return [...this.records.keys()].toSorted((one, other) => one - other);
  }
  get bytes(): number {
    return [...this.records.values()].reduce((sum, { size }) => sum + size, 0);
  }
  spelled(keywords: readonly string[]): readonly string[] {
    return keywords.map((keyword) => this.spellings.get(keyword.toLowerCase()) ?? keyword);
  }
  learn(keywords: readonly string[]): void {
    for (const keyword of keywords)
      if (!this.spellings.has(keyword.toLowerCase())) this.spellings.set(keyword.toLowerCase(), keyword);
  }
}

interface ModelMessage {
  readonly size: number;
  readonly places: Set<string>;
  expiresAtMs: number | undefined;
}

export interface ModelNew {
  readonly id: string;
  readonly size: number;
  readonly flags: Flags;
}

const noFlags: Flags = { system: 0, keywords: [] };
const rising = (uids: readonly number[]) => [...new Set(uids)].toSorted((one, other) => one - other);

export class AccountModel {
  /** By full name; undefined: `\Noselect`. */
  readonly folders = new Map<string, ModelMailbox | undefined>();
  readonly messages = new Map<string, ModelMessage>();
  /** Every mailbox that ever was. */
  readonly mailboxes: ModelMailbox[] = [];
  quotaBytes: number | undefined;
  nowMs: number;
  readonly #retentionMs: number;
  /** What Feed has not handled: in order. */
  #unfed: ({ readonly mailbox: ModelMailbox; readonly uid: number } | { readonly drained: ModelMailbox })[] =
    [];
  #undrained: ModelMailbox[] = [];

  constructor(options: { readonly nowMs: number; readonly retentionMs: number }) {
    this.nowMs = options.nowMs;
    this.#retentionMs = options.retentionMs;
    for (const name of ['INBOX', 'Sent', 'Drafts', 'Trash', 'Junk', 'Archive']) this.#make(name);
  }

  get live(): readonly ModelMailbox[] {
    return [...this.folders.values()].filter((mailbox) => mailbox !== undefined);
  }
  get bytes(): number {
    return this.live.reduce((sum, mailbox) => sum + mailbox.bytes, 0);
  }
  byId(id: MailboxId): ModelMailbox {
    const found = this.mailboxes.find((mailbox) => mailbox.id === id);
    assert.ok(found, `the model knows no mailbox ${id}`);
    return found;
  }
  placeOf(mailbox: ModelMailbox, uid: number): string {
    return `${this.mailboxes.indexOf(mailbox)}/${uid}`;
  }
  #fits(bytes: number): boolean {
    return this.quotaBytes === undefined || this.bytes + bytes <= this.quotaBytes;
  }

  // Messages.

  #show(mailbox: ModelMailbox, message: ModelNew): number {
    const { id, size } = message;
    const keywords = mailbox.spelled(message.flags.keywords);
    mailbox.learn(keywords);
    const uid = mailbox.uidNext++;
    const flags = { system: message.flags.system, keywords: keywords.toSorted() };
    mailbox.records.set(uid, { id, size, flags, modSeq: undefined });
    const known = this.messages.get(id) ?? { size, places: new Set(), expiresAtMs: undefined };
    known.places.add(this.placeOf(mailbox, uid));
    known.expiresAtMs = undefined;
    this.messages.set(id, known);
    return uid;
  }

  append(mailbox: ModelMailbox, messages: readonly ModelNew[]): string | readonly number[] {
    let bytes = 0;
    const ids = new Set<string>();
    for (const { id, size } of messages) {
      if (ids.has(id)) return 'duplicate';
      ids.add(id);
      bytes += size;
      if (!this.#fits(bytes)) return this.messages.has(id) ? 'duplicate' : 'overQuota';
    }
    if (messages.some(({ id }) => this.messages.has(id))) return 'duplicate';
    return messages.map((message) => this.#show(mailbox, message));
  }

  /** The outcome's kind, or where it is now. */
  deliver(
    folder: string,
    message: ModelNew,
  ): string | { readonly mailbox: ModelMailbox; readonly uid: number } {
    if (this.messages.has(message.id)) return 'duplicate';
    if (!this.#fits(message.size)) return 'overQuota';
    const mailbox = this.folders.get(folder) ?? this.folders.get('INBOX');
    assert.ok(mailbox);
    return { mailbox, uid: this.#show(mailbox, message) };
  }

  store(
    mailbox: ModelMailbox,
    request: {
      readonly uids: readonly number[];
      readonly action: FlagAction;
      readonly flags: Flags;
      readonly unchangedSince?: number;
    },
  ) {
    const { action, flags, unchangedSince = Infinity } = request;
    const there = rising(request.uids).filter((uid) => mailbox.records.has(uid));
    const modSeqOf = (uid: number) => mailbox.records.get(uid)?.modSeq ?? Infinity;
    const keywords = action === 'remove' ? flags.keywords : mailbox.spelled(flags.keywords);
    const changed = there
      .filter((uid) => modSeqOf(uid) <= unchangedSince)
      .filter((uid) => this.#setFlags(mailbox, uid, { action, flags: { ...flags, keywords } }));
    if (changed.length > 0 && action !== 'remove') mailbox.learn(keywords);
    return {
      changed,
      modified: there.filter((uid) => !changed.includes(uid) && modSeqOf(uid) > unchangedSince),
      missing: rising(request.uids).filter((uid) => !mailbox.records.has(uid)),
    };
  }

  #setFlags(
    mailbox: ModelMailbox,
    uid: number,
    { action, flags }: { readonly action: FlagAction; readonly flags: Flags },
  ): boolean {
    const record = mailbox.records.get(uid);
    assert.ok(record);
    const before = record.flags;
    const named = new Map(before.keywords.map((keyword) => [keyword.toLowerCase(), keyword]));
    if (action === 'replace') named.clear();
    for (const keyword of flags.keywords)
      if (action === 'remove') named.delete(keyword.toLowerCase());
      else if (!named.has(keyword.toLowerCase())) named.set(keyword.toLowerCase(), keyword);
    const systems = {
      replace: flags.system,
      add: before.system | flags.system,
      remove: before.system & ~flags.system,
    };
    const after = { system: systems[action], keywords: [...named.values()].toSorted() };
    if (after.system === before.system && after.keywords.join() === before.keywords.join()) return false;
    mailbox.records.set(uid, { ...record, flags: after, modSeq: undefined });
    return true;
  }

  #hide(mailbox: ModelMailbox, uid: number): void {
    const record = mailbox.records.get(uid);
    assert.ok(record);
    mailbox.records.delete(uid);
    const { id, flags: last } = record;
    mailbox.gone.set(uid, { id, flags: noFlags, last, dueAtMs: Infinity });
    this.#unfed.push({ mailbox, uid });
  }

  expunge(mailbox: ModelMailbox, options: { readonly uids?: readonly number[]; readonly any?: boolean }) {
    const asked = rising(options.uids ?? mailbox.uids).filter((uid) => mailbox.records.has(uid));
    const isDeleted = (uid: number) =>
      ((mailbox.records.get(uid)?.flags.system ?? 0) & systemFlags.deleted) !== 0;
    const gone = options.any === true ? asked : asked.filter(isDeleted);
    for (const uid of gone) this.#hide(mailbox, uid);
    return gone;
  }

  copy(
    from: ModelMailbox,
    to: ModelMailbox,
    options: { readonly uids: readonly number[]; readonly move: boolean },
  ) {
    if (from.deleted) return 'noSuchMailbox';
    const there = rising(options.uids).flatMap((uid) => {
      const record = from.records.get(uid);
      return record === undefined ? [] : [{ uid, record }];
    });
    if (!options.move && !this.#fits(there.reduce((sum, { record }) => sum + record.size, 0)))
      return 'overQuota';
    const copied = there.map(({ uid, record }) => ({ from: uid, to: this.#show(to, record) }));
    if (options.move) for (const { uid } of there) this.#hide(from, uid);
    const missing = rising(options.uids).filter((uid) => !there.some((each) => each.uid === uid));
    return { copied, missing };
  }

  undelete(from: ModelMailbox, to: ModelMailbox, uids: readonly number[]) {
    const found = rising(uids).map((uid) => {
      const gone = from.gone.get(uid);
      const undrained = from.deleted ? from.records.get(uid) : undefined;
      const back = gone ?? (undrained && { id: undrained.id, flags: noFlags });
      const message = back && this.messages.get(back.id);
      return { uid, back: back && message && { id: back.id, flags: back.flags, size: message.size } };
    });
    if (!this.#fits(found.reduce((sum, { back }) => sum + (back?.size ?? 0), 0))) return 'overQuota';
    const copied = found.flatMap(({ uid, back }) => {
      if (back === undefined) return [];
      const flags = { ...back.flags, system: back.flags.system & ~systemFlags.deleted };
      return [{ from: uid, to: this.#show(to, { ...back, flags }) }];
    });
    return { copied, missing: found.flatMap(({ uid, back }) => (back === undefined ? [uid] : [])) };
  }

  // Folders.

  #make(name: string): void {
    const mailbox = new ModelMailbox();
    this.mailboxes.push(mailbox);
    this.folders.set(name, mailbox);
  }

  #makeParents(name: string): void {
    const levels = name.split('/');
    for (let depth = 1; depth < levels.length; depth++) {
      const above = levels.slice(0, depth).join('/');
      if (!this.folders.has(above)) this.#make(above);
    }
  }

  create(name: string): string {
    if (this.folders.get(name) !== undefined) return 'exists';
    this.#makeParents(name);
    this.#make(name);
    return 'done';
  }

  rename(from: string, to: string): string {
    if (!this.folders.has(from)) return 'noSuchMailbox';
    if (this.folders.has(to)) return 'exists';
    if (from !== 'INBOX' && to.startsWith(`${from}/`)) return 'notAllowed';
    this.#makeParents(to);
    if (from === 'INBOX') {
      this.folders.set(to, this.folders.get('INBOX'));
      this.#make('INBOX');
      return 'done';
    }
    for (const [name, mailbox] of [...this.folders])
      if (name === from || name.startsWith(`${from}/`)) {
        this.folders.delete(name);
        this.folders.set(to + name.slice(from.length), mailbox);
      }
    return 'done';
  }

  delete(name: string): string {
    if (!this.folders.has(name)) return 'noSuchMailbox';
    if (name === 'INBOX') return 'notAllowed';
    const mailbox = this.folders.get(name);
    const parent = [...this.folders.keys()].some((other) => other.startsWith(`${name}/`));
    if (parent && mailbox === undefined) return 'hasChildren';
    if (parent) this.folders.set(name, undefined);
    else this.folders.delete(name);
    if (mailbox !== undefined) {
      mailbox.deleted = true;
      this.#unfed.push({ drained: mailbox });
    }
    return 'done';
  }

  // What happens after the commits.

  feed(): void {
    for (const each of this.#unfed)
      if ('drained' in each) this.#undrained.push(each.drained);
      else this.#takeOut(each.mailbox, each.uid);
    this.#unfed = [];
  }

  #takeOut(mailbox: ModelMailbox, uid: number): void {
    const gone = mailbox.gone.get(uid);
    const message = gone && this.messages.get(gone.id);
    assert.ok(gone && message);
    gone.flags = gone.last;
    gone.dueAtMs = this.nowMs + this.#retentionMs;
    message.places.delete(this.placeOf(mailbox, uid));
    if (message.places.size === 0) message.expiresAtMs = gone.dueAtMs;
  }

  sweep(): void {
    for (const mailbox of this.#undrained)
      for (const [uid, { id, flags: last }] of mailbox.records) {
        mailbox.records.delete(uid);
        mailbox.gone.set(uid, { id, flags: noFlags, last, dueAtMs: Infinity });
        this.#takeOut(mailbox, uid);
      }
    this.#undrained = [];
    for (const mailbox of this.mailboxes)
      for (const [uid, { dueAtMs }] of mailbox.gone) if (dueAtMs <= this.nowMs) mailbox.gone.delete(uid);
    for (const [id, { places, expiresAtMs = Infinity }] of this.messages)
      if (places.size === 0 && expiresAtMs <= this.nowMs) this.messages.delete(id);
  }
}
