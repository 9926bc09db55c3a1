/** What the mailbox tests stand on: a table of its own, embedded unless another is given, and wrappers that misbehave on order. */
import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEnvironment } from '../../../drivers/embedded/environment.ts';
import { EmbeddedTable } from '../../../drivers/embedded/table.ts';
import { createMailStore } from '../../../mail/mailbox/create-mail-store.ts';
import type { Flags } from '../../../mail/mailbox/flags.ts';
import { initialMailboxWrites } from '../../../mail/mailbox/initial-mailboxes.ts';
import type { AccountMail, MailStore, NewMessage } from '../../../mail/mailbox/mail-store.ts';
import { parseAccountId, parseMessageId, parseUid, sound } from '../../../mail/mailbox/types.ts';
import type { AccountId, MailboxId, RandomBytes, Uid } from '../../../mail/mailbox/types.ts';
import { BlobMissing } from '../../../mail/ports/blobs.ts';
import type { BlobInfo, Blobs, ByteRange, Upload } from '../../../mail/ports/blobs.ts';
import type { Clock } from '../../../mail/ports/clock.ts';
import type { Log } from '../../../mail/ports/log.ts';
import type {
  CommitOptions,
  CommitOutcome,
  Item,
  Key,
  Page,
  Range,
  Table,
  Write,
} from '../../../mail/ports/table.ts';
import type { Wake, WakeUp } from '../../../mail/ports/wake.ts';

/** Makes a table of its own; disposed, nothing of it remains. */
export type OpenTemporaryTable = () => Promise<{ readonly table: Table } & AsyncDisposable>;

/** In a directory of its own. */
export async function temporaryTable(): ReturnType<OpenTemporaryTable> {
  const data = await mkdtemp(join(tmpdir(), 'posta-mailbox-'));
  const environment = openEnvironment({ data, mapBytes: 2 ** 30 });
  return {
    table: new EmbeddedTable({ environment, clock: quickClock() }),
    async [Symbol.asyncDispose]() {
      await environment.close();
      await rm(data, { recursive: true, force: true });
    },
  };
}

/** Real time, in which sleeping takes one turn of the event loop. */
export function quickClock(): Clock {
  return { now: Date.now, sleep: () => new Promise((resolve) => setImmediate(resolve)) };
}

/** The same bytes for the same seed. */
export function seededRandom(seed: number): RandomBytes {
  let counter = 0;
  return (size) => {
    const hash = createHash('sha512').update(`${seed} ${counter++}`).digest();
    return hash.subarray(0, size);
  };
}

/** 0 (inclusive) to `below` (exclusive). */
export function seededInteger(random: RandomBytes): (below: number) => number {
  return (below) => Buffer.from(random(4)).readUInt32BE() % below;
}

export const silentLog: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  with: () => silentLog,
};

/** Wake that only writes down. */
export class RecordingWake implements Wake {
  readonly published: WakeUp[] = [];
  async publish(wakeUps: readonly WakeUp[]): Promise<void> {
    this.published.push(...wakeUps);
  }
  async subscribe(): Promise<AsyncDisposable> {
    return { [Symbol.asyncDispose]: () => Promise.resolve() };
  }
}

/** Blobs in memory, as far as the mailbox uses them. */
export class MemoryBlobs implements Blobs {
  readonly stored = new Map<string, Uint8Array>();

  begin(): Upload {
    const chunks: Uint8Array[] = [];
    return {
      get size() {
        return chunks.reduce((sum, chunk) => sum + chunk.length, 0);
      },
      write: async (bytes) => void chunks.push(bytes),
      finish: async ({ key, prefix = new Uint8Array(), alongside }) => {
        const bytes = Buffer.concat([prefix, ...chunks]);
        this.stored.set(key, bytes);
        const info = infoOf(key, bytes);
        await alongside?.(info);
        return info;
      },
      abort: async () => undefined,
    };
  }
  async head(key: string): Promise<BlobInfo | undefined> {
    const bytes = this.stored.get(key);
    return bytes && infoOf(key, bytes);
  }
  async *read(key: string, range: ByteRange = { start: 0, end: Infinity }): AsyncGenerator<Uint8Array> {
    const whole = this.stored.get(key);
    if (whole === undefined) throw new BlobMissing(key);
    const bytes = whole.subarray(range.start, range.end);
    for (let at = 0; at < bytes.length; at += 65536) yield bytes.subarray(at, at + 65536);
  }
  async copy(from: string, to: string): Promise<void> {
    const bytes = this.stored.get(from);
    if (bytes === undefined) throw new BlobMissing(from);
    this.stored.set(to, bytes);
  }
  async delete(keys: readonly string[]): Promise<void> {
    for (const key of keys) this.stored.delete(key);
  }
  async list() {
    return { blobs: [...this.stored].map(([key, bytes]) => infoOf(key, bytes)) };
  }
}

function infoOf(key: string, bytes: Uint8Array): BlobInfo {
  return { key, size: bytes.length, createdAt: new Date(0) };
}

/**
 * - `answerLost`: it takes place, and `unknown` is answered.
 * - `requestLost`: nothing happens, and `unknown` is answered.
 * - `late`: `unknown` is answered; it takes place just before the next commit.
 */
export type Fault = 'answerLost' | 'requestLost' | 'late' | 'conflict' | 'throttled';

/** A table with DynamoDB's limits, on which commits fail and other things happen when a test says so. */
export class StagedTable implements Table {
  limits = { maxWrites: 100, maxBytes: 4 * 2 ** 20 };
  /** Asked before each commit. */
  faultFor: (commit: number, writes: readonly Write[]) => Fault | undefined = () => undefined;
  /** Called before each commit is applied. */
  beforeCommit: (commit: number) => Promise<void> = () => Promise.resolve();
  /** Called after each page of a query. */
  afterPage: (range: Range) => Promise<void> = () => Promise.resolve();
  /** Items in a page at most. */
  pageItems = Infinity;
  commits = 0;
  gets = 0;
  batches = 0;
  queries = 0;
  readonly #inner: Table;
  #late: (() => Promise<CommitOutcome>) | undefined;

  constructor(inner: Table) {
    this.#inner = inner;
  }

  get(key: Key, options?: { readonly consistent?: boolean }): Promise<Item | undefined> {
    this.gets++;
    return this.#inner.get(key, options);
  }
  getMany(
    keys: readonly Key[],
    options?: { readonly consistent?: boolean },
  ): Promise<readonly (Item | undefined)[]> {
    this.batches++;
    return this.#inner.getMany(keys, options);
  }
  async query(range: Range): Promise<Page> {
    this.queries++;
    const limit = Math.min(range.limit ?? Infinity, this.pageItems);
    const page = await this.#inner.query(limit === Infinity ? range : { ...range, limit });
    await this.afterPage(range);
    return page;
  }

  async commit(writes: readonly Write[], options: CommitOptions = {}): Promise<CommitOutcome> {
    if (writes.length > this.limits.maxWrites) throw new RangeError('more writes than the table takes');
    const number = this.commits++;
    await this.beforeCommit(number);
    const late = this.#late;
    this.#late = undefined;
    await late?.();
    const fault = this.faultFor(number, writes);
    const apply = () => this.#inner.commit(writes, { ...options, until: 'visible' });
    switch (fault) {
      case undefined:
        return apply();
      case 'answerLost':
        await apply();
        return { kind: 'unknown' };
      case 'requestLost':
        return { kind: 'unknown' };
      case 'late':
        this.#late = apply;
        return { kind: 'unknown' };
      case 'conflict':
      case 'throttled':
        return { kind: fault };
      default:
        return fault satisfies never;
    }
  }
}

/** An account in a store of its own. */
export interface MailKit extends AsyncDisposable {
  readonly raw: Table;
  readonly staged: StagedTable;
  readonly blobs: MemoryBlobs;
  readonly wake: RecordingWake;
  readonly account: AccountId;
  readonly store: MailStore;
  readonly mail: AccountMail;
  readonly inbox: MailboxId;
  /** A second process on the same table. */
  another(options?: { readonly epoch?: number; readonly table?: Table; readonly seed?: number }): MailStore;
}

export const testAccount = sound(parseAccountId('paco'), 'account id');

/** With `quotaBytes` unlimited unless given, at epoch 1. */
export async function mailKit(
  options: { readonly quotaBytes?: number; readonly openTable?: OpenTemporaryTable } = {},
): Promise<MailKit> {
  const { openTable = temporaryTable } = options;
  const opened = await openTable();
  const raw = opened.table;
  const staged = new StagedTable(raw);
  const blobs = new MemoryBlobs();
  const wake = new RecordingWake();
  const account = testAccount;
  const another: MailKit['another'] = ({ epoch = 1, table = staged, seed = 1 } = {}) =>
    createMailStore({
      table,
      blobs,
      wake,
      clock: quickClock(),
      log: silentLog,
      epoch,
      random: seededRandom(seed),
    });
  const initial = initialMailboxWrites(account, {
    random: seededRandom(0),
    nowMs: Date.parse('2026-11-24'),
    epoch: 1,
    quotaBytes: options.quotaBytes,
  });
  await raw.commit(initial, { until: 'visible' });
  const store = another();
  const mail = store.account(account);
  const inbox = await mailboxNamed(mail, 'INBOX');
  return {
    raw,
    staged,
    blobs,
    wake,
    account,
    store,
    mail,
    inbox,
    another,
    async [Symbol.asyncDispose]() {
      await store.settled();
      await opened[Symbol.asyncDispose]();
    },
  };
}

export async function mailboxNamed(mail: AccountMail, name: string): Promise<MailboxId> {
  const found = await mail.findMailbox(name);
  if (found.kind !== 'found') throw new Error(`${name}: ${found.kind}`);
  return found.mailbox;
}

export function uidOf(number: number): Uid {
  return sound(parseUid(number), 'uid');
}

/** A message with a small index; `size` in octets. */
export function newMessage(
  id: string,
  options: { readonly size?: number; readonly flags?: Flags; readonly envelope?: string } = {},
): NewMessage {
  return {
    index: {
      messageId: sound(parseMessageId(id), 'message id'),
      threadId: `thread-${id}`,
      blobKey: `incoming/${id}.eml`,
      size: options.size ?? 1000,
      internalDateSeconds: 1_790_000_000,
      envelope: options.envelope ?? `(NIL "${id}" NIL NIL NIL NIL NIL NIL NIL NIL)`,
      bodyStructure: '("TEXT" "PLAIN" NIL NIL NIL "7BIT" 1000 20)',
      preview: id,
      parts: [-1, 0, 0, 300, 1000, 20],
      headers: Buffer.from(`header of ${id}`),
    },
    ...(options.flags === undefined ? {} : { flags: options.flags }),
  };
}

/** `count` messages, appended by deliveries to INBOX. */
export async function deliverMany(mail: AccountMail, names: readonly string[]): Promise<void> {
  const outcomes = await mail.deliver(names.map((name) => newMessage(name)));
  const failed = outcomes.find(({ kind }) => kind !== 'delivered');
  if (failed !== undefined) throw new Error(`a delivery ended in ${failed.kind}`);
}

/** `prefix1` to `prefix<count>`. */
export function numbered(prefix: string, count: number): readonly string[] {
  return Array.from({ length: count }, (_, at) => `${prefix}${at + 1}`);
}

/** Everything that a session would see of a mailbox, as plain values; the view is closed again. */
export async function contentsOf(mail: AccountMail, mailbox: MailboxId) {
  const open = await mail.open(mailbox);
  if (open.kind !== 'open') throw new Error(`the mailbox is ${open.kind}`);
  const { view } = open;
  const records = Array.from({ length: view.count }, (_, at) => view.recordAt(at));
  const indexes = await open.findMessages(records.map(({ uid }) => uid));
  open.close();
  return records.map((record, at) => ({
    uid: record.uid as number,
    system: record.system,
    keywords: record.keywords,
    modSeq: record.modSeq as number,
    size: record.size,
    id: indexes[at]?.messageId as string | undefined,
  }));
}

/** The ids of a mailbox's messages, in the order of their uids. */
export async function idsIn(mail: AccountMail, mailbox: MailboxId): Promise<readonly (string | undefined)[]> {
  return (await contentsOf(mail, mailbox)).map(({ id }) => id);
}
