/**
 * A commit in the making: the account as it was at one rev, with what the changes planned so far would do to it. Reads
 * see what was written before in the same draft; a change that is refused is rolled back. The condition on the clock's
 * rev makes all that was read here true when it is written.
 */
import type { Condition, Item, Key, Table, Write } from '../ports/table.ts';
import { queryAll } from '../ports/table.ts';
import { blockItem, parseBlockItem } from './block.ts';
import { clockItem, parseClockItem, stateInClock } from './clock-item.ts';
import type { AccountClock } from './clock-item.ts';
import { itemBytes } from './item-size.ts';
import {
  accountPartition,
  blockKey,
  blockPrefix,
  folderNamePrefix,
  folderPrefix,
  mailboxStatePrefix,
  clockKey,
  mailboxPartition,
  mailboxStateKey,
} from './keys.ts';
import { draftLogBytes, draftLogFits, emptyDraftLog, withFolder, withMessages } from './draft-log.ts';
import type { DraftLog } from './draft-log.ts';
import { epochRevJump, epochUidJump, epochUidValidityJump } from './limits.ts';
import { logItem } from './log-record.ts';
import type { FolderChange, MessageChange } from './log-record.ts';
import { mailboxStateItem, parseMailboxState } from './mailbox-state.ts';
import type { MailboxState } from './mailbox-state.ts';
import type { MessageRecord } from './message-record.ts';
import { parseRev, parseUid, sound } from './types.ts';
import type { AccountId, MailboxId, Rev } from './types.ts';

/** A write of an item that is neither clock, log, state nor block. */
interface PendingItem {
  readonly key: Key;
  /** undefined: deleted. */
  readonly item: Item | undefined;
  readonly condition: Condition | undefined;
  readonly whenFailed: (() => void) | undefined;
  readonly bytes: number;
}

/** A draft as it is sent: the clock is the first write. */
export interface DraftWrites {
  readonly writes: readonly Write[];
  /** For each write, what its change wants to know when its condition did not hold. */
  readonly whenFailed: readonly ((() => void) | undefined)[];
}

/** The store's epoch is older than the account's: this process must be started anew. */
export class StaleEpoch extends Error {
  constructor(account: AccountId) {
    super(`account ${account} has been used under a newer epoch of the store: start this process anew`);
    this.name = 'StaleEpoch';
  }
}

/** Upper bounds, so that the size of a draft needs no encoding. */
const stateBytes = 6000;
const blockBytes = 7500;

/** Messages and indexes are another message's next time. */
const likelyPrefixes = [folderNamePrefix, folderPrefix, mailboxStatePrefix];
const maxLikelyReads = 10;
/** After a change of many blocks the next one rarely wants them again, and each costs a read. */
const maxLikelyBlocks = 2;

const nameOf = (key: Key) => `${key.pk}\u0000${key.sk}`;

function keyOf(name: string): Key {
  const [pk = '', sk = ''] = name.split('\u0000');
  return { pk, sk };
}

export class Draft {
  readonly account: AccountId;
  /** What this commit will be. */
  readonly rev: Rev;
  readonly nowMs: number;
  /** The clock as it was read. */
  readonly before: AccountClock;
  readonly #table: Table;
  readonly #epoch: number;
  #clock: AccountClock;
  #dirty = false;
  readonly #read = new Map<string, Item | undefined>();
  /** Asked for, and not only read in case they would be. */
  readonly #used = new Set<string>();
  readonly #states = new Map<MailboxId, MailboxState | undefined>();
  readonly #blocks = new Map<
    string,
    { readonly mailbox: MailboxId; readonly block: number; readonly records: readonly MessageRecord[] }
  >();
  readonly #items = new Map<string, PendingItem>();
  #log = emptyDraftLog;
  #itemBytes = 0;
  #undo: (() => void)[] = [];

  /** Use `openDraft`. */
  constructor(options: DraftOptions, before: AccountClock) {
    this.account = options.account;
    this.#table = options.table;
    this.#epoch = options.epoch;
    this.nowMs = options.nowMs;
    this.before = before;
    const jumps = before.epoch < options.epoch;
    this.rev = sound(parseRev(before.rev + (jumps ? epochRevJump : 1)), 'rev');
    this.#clock = {
      ...before,
      rev: this.rev,
      epoch: options.epoch,
      logFrom: jumps ? this.rev : before.logFrom,
      nextUidValidity: before.nextUidValidity + (jumps ? epochUidValidityJump : 0),
    };
  }

  /** The clock as it will be. */
  get clock(): AccountClock {
    return this.#clock;
  }
  /** The store's epoch. */
  get epoch(): number {
    return this.#epoch;
  }
  /** Whether there is anything to commit. */
  get dirty(): boolean {
    return this.#dirty;
  }
  get nowSeconds(): number {
    return Math.floor(this.nowMs / 1000);
  }

  /** There is something to commit, even if it is only the clock. */
  touch(): void {
    if (this.#dirty) return;
    this.#dirty = true;
    this.#undo.push(() => (this.#dirty = false));
  }

  changeClock(change: Partial<AccountClock>): void {
    this.touch();
    const before = this.#clock;
    this.#undo.push(() => (this.#clock = before));
    this.#clock = { ...before, ...change };
  }

  /** An item as the draft leaves it. */
  async get(key: Key): Promise<Item | undefined> {
    const name = nameOf(key);
    const pending = this.#items.get(name);
    if (pending !== undefined) return pending.item;
    this.#used.add(name);
    if (!this.#read.has(name)) this.#read.set(name, await this.#table.get(key));
    return this.#read.get(name);
  }

  /** What the draft itself puts under a key, before anything is read. */
  pending(key: Key): Item | undefined {
    return this.#items.get(nameOf(key))?.item;
  }

  /** Reads at once what `get` will be asked for. */
  async prefetch(keys: readonly Key[]): Promise<void> {
    const missing = keys.filter((key) => !this.#read.has(nameOf(key)));
    if (missing.length === 0) return;
    const items = await this.#table.getMany(missing);
    missing.forEach((key, at) => this.#read.set(nameOf(key), items[at]));
  }

  /** States, folders and blocks that were wanted: the next draft of this account will likely want them too. */
  likelyReads(): readonly Key[] {
    const keys = [...this.#used].map(keyOf);
    const blocks = keys.filter(({ sk }) => sk.startsWith(blockPrefix));
    return [
      ...keys
        .filter(({ sk }) => likelyPrefixes.some((prefix) => sk.startsWith(prefix)))
        .slice(-maxLikelyReads),
      ...blocks.slice(-maxLikelyBlocks),
    ];
  }

  /** All items of the account whose sort keys begin so, as the draft leaves them, in order. */
  async list(prefix: string): Promise<readonly Item[]> {
    const pk = accountPartition(this.account);
    const found = new Map<string, Item>();
    for await (const item of queryAll(this.#table, { pk, prefix })) found.set(item.sk, item);
    for (const { key, item } of this.#items.values()) {
      if (key.pk !== pk || !key.sk.startsWith(prefix)) continue;
      if (item === undefined) found.delete(key.sk);
      else found.set(key.sk, item);
    }
    return [...found.values()].toSorted((one, other) => (one.sk < other.sk ? -1 : 1));
  }

  /**
   * Puts an item. `condition` is needed only for what others write without a commit (`message#`); the clock guards the
   * rest. Where it does not hold, `whenFailed` is told and everything is planned anew.
   */
  put(item: Item, options: { readonly condition?: Condition; readonly whenFailed?: () => void } = {}): void {
    this.#setItem({
      key: item,
      item,
      condition: options.condition,
      whenFailed: options.whenFailed,
      bytes: itemBytes(item),
    });
  }

  delete(key: Key): void {
    this.#setItem({ key, item: undefined, condition: undefined, whenFailed: undefined, bytes: 200 });
  }

  /** The state of a mailbox, its uids past those of an older epoch; undefined where there is no such mailbox. */
  async mailbox(mailbox: MailboxId): Promise<MailboxState | undefined> {
    if (this.#states.has(mailbox)) return this.#states.get(mailbox);
    const kept = stateInClock(this.before, mailbox);
    if (kept !== undefined) return this.#inEpoch(kept);
    const item = await this.get(mailboxStateKey(this.account, mailbox));
    return item === undefined ? undefined : this.#inEpoch(parseMailboxState(item));
  }

  #inEpoch(state: MailboxState): MailboxState {
    if (state.epoch >= this.#epoch) return state;
    const uidNext = sound(parseUid(state.uidNext + epochUidJump), 'uid');
    return { ...state, uidNext, highestModSeq: this.rev, epoch: this.#epoch };
  }

  /** undefined deletes it. The mailbox's highestModSeq becomes this commit's rev. */
  setMailbox(mailbox: MailboxId, state: MailboxState | undefined): void {
    this.touch();
    const moved = state === undefined ? undefined : { ...state, highestModSeq: this.rev };
    this.#assign(this.#states, { key: mailbox, value: moved });
  }

  /** The records of a block, in the order of their uids. */
  async block(mailbox: MailboxId, block: number): Promise<readonly MessageRecord[]> {
    const pending = this.#blocks.get(`${mailbox}/${block}`);
    if (pending !== undefined) return pending.records;
    const item = await this.get(blockKey(mailbox, block));
    return item === undefined ? [] : parseBlockItem(item);
  }

  setBlock(
    mailbox: MailboxId,
    options: { readonly block: number; readonly records: readonly MessageRecord[] },
  ): void {
    this.touch();
    this.#assign(this.#blocks, { key: `${mailbox}/${options.block}`, value: { mailbox, ...options } });
  }

  /** Keywords that some message of the mailbox has: reads all its blocks. */
  async usedKeywords(mailbox: MailboxId): Promise<ReadonlySet<string>> {
    const used = new Set<string>();
    const range = { pk: mailboxPartition(mailbox), prefix: blockPrefix };
    for await (const item of queryAll(this.#table, range)) {
      const pending = [...this.#blocks.values()].find(
        (each) => each.mailbox === mailbox && blockKey(mailbox, each.block).sk === item.sk,
      );
      if (pending === undefined && item['keywords'] !== undefined)
        for (const { keywords } of parseBlockItem(item)) for (const keyword of keywords) used.add(keyword);
    }
    for (const each of this.#blocks.values())
      if (each.mailbox === mailbox)
        for (const { keywords } of each.records) for (const keyword of keywords) used.add(keyword);
    return used;
  }

  /** Writes into the log what was changed. */
  logMessages(change: MessageChange): void {
    if (change.records.length > 0) this.#setLog(withMessages(this.#log, change));
  }

  logFolder(change: FolderChange): void {
    this.#setLog(withFolder(this.#log, change));
  }

  #setLog(log: DraftLog): void {
    this.touch();
    const before = this.#log;
    this.#undo.push(() => (this.#log = before));
    this.#log = log;
  }

  /** Where `rollback` may return to. */
  savepoint(): number {
    return this.#undo.length;
  }

  /** Takes back what was planned since the savepoint. */
  rollback(savepoint: number): void {
    while (this.#undo.length > savepoint) this.#undo.pop()?.();
  }

  /** Whether one transaction takes all of it. */
  fits(limits: { readonly maxWrites: number; readonly maxBytes: number }): boolean {
    const writes = 2 + this.#states.size + this.#blocks.size + this.#items.size;
    const bytes =
      1000 +
      stateBytes +
      this.#states.size * stateBytes +
      this.#blocks.size * blockBytes +
      this.#itemBytes +
      draftLogBytes(this.#log);
    return writes <= limits.maxWrites && bytes <= limits.maxBytes && draftLogFits(this.#log);
  }

  /** The transaction, under the writer's token. */
  writes(token: string): DraftWrites {
    const log = logItem({
      account: this.account,
      rev: this.rev,
      token,
      atMs: this.nowMs,
      messages: this.#log.messages,
      folders: this.#log.folders,
    });
    const unmoved: Condition = { kind: 'equals', attribute: 'rev', value: this.before.rev };
    const items = [...this.#items.values()];
    const plain: readonly Write[] = [
      { kind: 'put', item: clockItem(this.account, this.#clockWithInbox()), condition: unmoved },
      { kind: 'put', item: log },
      ...[...this.#states].flatMap(([mailbox, state]) => this.#stateWrites(mailbox, state)),
      ...[...this.#blocks.values()].map(blockWrite),
    ];
    return {
      writes: [...plain, ...items.map(itemWrite)],
      whenFailed: [...plain.map(() => undefined), ...items.map(({ whenFailed }) => whenFailed)],
    };
  }

  #clockWithInbox(): AccountClock {
    const { inbox, ...rest } = this.#clock;
    if (inbox === undefined || !this.#states.has(inbox.mailbox)) return this.#clock;
    const state = this.#states.get(inbox.mailbox);
    return state === undefined ? rest : { ...rest, inbox: { mailbox: inbox.mailbox, state } };
  }

  #stateWrites(mailbox: MailboxId, state: MailboxState | undefined): readonly Write[] {
    if (mailbox === this.#clock.inbox?.mailbox) return [];
    if (state === undefined) return [{ kind: 'delete', key: mailboxStateKey(this.account, mailbox) }];
    return [{ kind: 'put', item: mailboxStateItem(this.account, { mailbox, state }) }];
  }

  /** The first condition on a key stays: it is about the table, later ones only about this draft. */
  #setItem(pending: PendingItem): void {
    this.touch();
    const name = nameOf(pending.key);
    const before = this.#items.get(name);
    const { condition, whenFailed } = before ?? pending;
    this.#assign(this.#items, { key: name, value: { ...pending, condition, whenFailed } });
    const bytes = this.#itemBytes;
    this.#undo.push(() => (this.#itemBytes = bytes));
    this.#itemBytes += pending.bytes - (before?.bytes ?? 0);
  }

  #assign<Name, Value>(map: Map<Name, Value>, entry: { readonly key: Name; readonly value: Value }): void {
    const { key, value } = entry;
    const had = map.has(key);
    const before = map.get(key) as Value;
    this.#undo.push(() => (had ? map.set(key, before) : map.delete(key)));
    map.set(key, value);
  }
}

function blockWrite(each: {
  readonly mailbox: MailboxId;
  readonly block: number;
  readonly records: readonly MessageRecord[];
}): Write {
  if (each.records.length === 0) return { kind: 'delete', key: blockKey(each.mailbox, each.block) };
  return { kind: 'put', item: blockItem(each.mailbox, each) };
}

function itemWrite({ key, item, condition }: PendingItem): Write {
  const on = condition === undefined ? {} : { condition };
  if (item !== undefined) return { kind: 'put', item, ...on };
  return { kind: 'delete', key: { pk: key.pk, sk: key.sk }, ...on };
}

/** What a draft is made from. */
export interface DraftOptions {
  readonly table: Table;
  readonly account: AccountId;
  readonly epoch: number;
  readonly nowMs: number;
}

/** Reads the clock and begins a draft on it; undefined where the account is gone. Throws `StaleEpoch`. */
export async function openDraft(options: DraftOptions): Promise<Draft | undefined> {
  const clock = await readClock(options.table, options.account);
  if (clock === undefined) return undefined;
  if (clock.epoch > options.epoch) throw new StaleEpoch(options.account);
  return new Draft(options, clock);
}

/** An account's clock; undefined where there is none, or the account was removed. */
export async function readClock(
  table: Table,
  account: AccountId,
  options: { readonly consistent?: boolean } = {},
): Promise<AccountClock | undefined> {
  const item = await table.get(clockKey(account), options);
  const clock = item === undefined ? undefined : parseClockItem(item);
  return clock?.removedAtMs === undefined ? clock : undefined;
}
