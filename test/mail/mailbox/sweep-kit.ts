/** What the tests of Feed and sweep stand on: a store with its feed, blobs with ages, and a clock to turn. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStore } from '../../../drivers/embedded/store.ts';
import { mailboxBlobKey } from '../../../mail/delivery/blob-key.ts';
import { createMailStore } from '../../../mail/mailbox/create-mail-store.ts';
import type { EnvelopePageForm } from '../../../mail/mailbox/envelope-page.ts';
import { handleCommit } from '../../../mail/mailbox/feed/handle-commit.ts';
import type { FeedPorts } from '../../../mail/mailbox/feed/handle-commit.ts';
import type { Flags } from '../../../mail/mailbox/flags.ts';
import { initialMailboxWrites } from '../../../mail/mailbox/initial-mailboxes.ts';
import {
  clockKey,
  dayOf,
  expirePartition,
  expireShards,
  messageKey,
  sweepCursorKey,
} from '../../../mail/mailbox/keys.ts';
import type { AccountMail, MailStore, NewMessage } from '../../../mail/mailbox/mail-store.ts';
import { parseMessageItem } from '../../../mail/mailbox/message-item.ts';
import { sweepExpired } from '../../../mail/mailbox/sweep/sweep-expired.ts';
import type { SweepOptions } from '../../../mail/mailbox/sweep/sweep-expired.ts';
import { parseMessageId, sound } from '../../../mail/mailbox/types.ts';
import type { AccountId, MailboxId } from '../../../mail/mailbox/types.ts';
import type { BlobInfo } from '../../../mail/ports/blobs.ts';
import type { Clock } from '../../../mail/ports/clock.ts';
import type { Feed } from '../../../mail/ports/feed.ts';
import type { Metrics } from '../../../mail/ports/metrics.ts';
import type { Item, Table } from '../../../mail/ports/table.ts';
import { queryAll } from '../../../mail/ports/table.ts';
import { recordingLog } from '../../contracts/recording-log.ts';
import type { RecordingLog } from '../../contracts/recording-log.ts';
import {
  mailboxNamed,
  MemoryBlobs,
  newMessage,
  RecordingWake,
  seededRandom,
  testAccount,
} from './mail-kit.ts';

export const dayMs = 86_400_000;
export const retentionDays = 30;
/** When each kit's time begins. */
export const startMs = Date.parse('2026-11-24T10:00:00Z');

/** Time stands still until it is set; sleeping takes a turn of the event loop. */
export class TurnedClock implements Clock {
  nowMs = startMs;
  now(): number {
    return this.nowMs;
  }
  sleep(): Promise<void> {
    return new Promise((resolve) => setImmediate(resolve));
  }
}

/** Blobs in memory that know when they were written, and are listed page by page in the order of their keys. */
export class AgedBlobs extends MemoryBlobs {
  readonly createdAtMs = new Map<string, number>();
  readonly #clock: Clock;

  constructor(clock: Clock) {
    super();
    this.#clock = clock;
  }

  /** Writes one, in the kit's present. */
  put(key: string, text = key): void {
    this.stored.set(key, Buffer.from(text));
    this.createdAtMs.set(key, this.#clock.now());
  }

  override begin() {
    const upload = super.begin();
    const finish = upload.finish.bind(upload);
    upload.finish = async (options) => {
      this.createdAtMs.set(options.key, this.#clock.now());
      return finish(options);
    };
    return upload;
  }

  override async head(key: string): Promise<BlobInfo | undefined> {
    const info = await super.head(key);
    return info && { ...info, createdAt: new Date(this.createdAtMs.get(key) ?? 0) };
  }

  override async list(
    options: { readonly prefix: string; readonly after?: string; readonly limit?: number } = { prefix: '' },
  ): Promise<{ blobs: BlobInfo[]; next?: string }> {
    const { prefix, after = '', limit = 1000 } = options;
    const keys = [...this.stored.keys()].filter((key) => key.startsWith(prefix) && key > after).toSorted();
    const page = keys.slice(0, limit);
    const infos = await Promise.all(page.map((key) => this.head(key)));
    const blobs = infos.flatMap((info) => (info === undefined ? [] : [info]));
    const next = keys.length > limit ? page.at(-1) : undefined;
    return next === undefined ? { blobs } : { blobs, next };
  }
}

/** Metrics that are added up. */
export class CountedMetrics implements Metrics {
  readonly counts = new Map<string, number>();
  count(name: string, _dimensions?: unknown, by = 1): void {
    this.counts.set(name, (this.counts.get(name) ?? 0) + by);
  }
  gauge(): void {}
  timeMs(): void {}
}

/** Table and feed, of whichever driver. Disposed, nothing of them remains. */
export interface KitStore extends AsyncDisposable {
  readonly table: Table;
  readonly feed: Feed;
  readonly epoch: number;
}

/** Opens a store of its own, empty. */
export type OpenKitStore = (clock: Clock) => Promise<KitStore>;

/** In a directory of its own. */
export const openEmbeddedKitStore: OpenKitStore = async (clock) => {
  const data = await mkdtemp(join(tmpdir(), 'posta-sweep-'));
  const store = await openStore({ data, clock, mapBytes: 2 ** 30 });
  return {
    table: store.table,
    feed: store.feed,
    epoch: store.epoch,
    async [Symbol.asyncDispose]() {
      await store.close();
      await rm(data, { recursive: true, force: true });
    },
  };
};

export interface SweepKit extends AsyncDisposable {
  readonly table: Table;
  readonly feed: Feed;
  readonly blobs: AgedBlobs;
  readonly clock: TurnedClock;
  readonly log: RecordingLog;
  readonly metrics: CountedMetrics;
  readonly account: AccountId;
  readonly store: MailStore;
  readonly mail: AccountMail;
  readonly inbox: MailboxId;
  /** What Feed's function needs; over another table where one is given. */
  feedPorts(table?: Table): FeedPorts;
  /** A second process; over another table where one is given. */
  another(options: { readonly table?: Table; readonly seed: number }): MailStore;
  /** Hands all records of the feed to its function; the records. */
  runFeed(table?: Table): Promise<readonly Item[]>;
  sweep(options?: Partial<SweepOptions>): ReturnType<typeof sweepExpired>;
}

/** On the embedded store unless another is given. */
export async function sweepKit(
  options: {
    readonly quotaBytes?: number;
    readonly openStore?: OpenKitStore;
    readonly envelopePages?: EnvelopePageForm;
  } = {},
): Promise<SweepKit> {
  const { openStore: open = openEmbeddedKitStore, envelopePages = 'plain', ...quota } = options;
  const clock = new TurnedClock();
  const stored = await open(clock);
  const { table, feed, epoch } = stored;
  const blobs = new AgedBlobs(clock);
  const log = recordingLog();
  const metrics = new CountedMetrics();
  const account = testAccount;
  const another: SweepKit['another'] = ({ table: over = table, seed }) => {
    const random = seededRandom(seed);
    return createMailStore({ table: over, blobs, wake: new RecordingWake(), clock, log, epoch, random });
  };
  const initial = { random: seededRandom(0), nowMs: startMs, epoch };
  await table.commit(initialMailboxWrites(account, { ...initial, ...quota }), { until: 'visible' });
  // The sweep has run before: the first run of a store looks at four hundred days.
  await table.commit([
    { kind: 'put', item: { ...sweepCursorKey('days'), fromDay: dayOf(startMs - 2 * dayMs) } },
  ]);
  const store = another({ seed: 1 });
  const mail = store.account(account);
  const feedPorts: SweepKit['feedPorts'] = (over = table) => {
    return {
      table: over,
      clock,
      random: seededRandom(7),
      log,
      metrics,
      retentionDays,
      envelopePages,
    };
  };
  return {
    table,
    feed,
    blobs,
    clock,
    log,
    metrics,
    account,
    store,
    mail,
    inbox: await mailboxNamed(mail, 'INBOX'),
    another,
    feedPorts,
    async runFeed(over) {
      const all: Item[] = [];
      for (;;) {
        const records = await feed.read({ max: 100, waitMs: 0 });
        const last = records.at(-1);
        if (last === undefined) return all;
        for (const { item } of records) await handleCommit(feedPorts(over), item);
        await feed.done(last.position);
        all.push(...records.map(({ item }) => item));
      }
    },
    sweep: (given = {}) => sweepExpired({ ...feedPorts(), blobs, mail: store, lifecycle: true, ...given }),
    async [Symbol.asyncDispose]() {
      await store.settled();
      await stored[Symbol.asyncDispose]();
    },
  };
}

export function blobKeyOf(id: string, account: AccountId = testAccount): string {
  const receivedAt = new Date(startMs);
  return mailboxBlobKey({ address: 'paco@example.test', accountId: account, receivedAt, messageId: id });
}

/** A message whose blob is written, as delivery does it. */
export function storedMessage(
  kit: Pick<SweepKit, 'blobs'>,
  id: string,
  options: { readonly size?: number; readonly flags?: Flags } = {},
): NewMessage {
  const message = newMessage(id, options);
  const blobKey = blobKeyOf(id);
  kit.blobs.put(blobKey, `bytes of ${id}`);
  return { ...message, index: { ...message.index, blobKey } };
}

export async function deliverStored(kit: SweepKit, ids: readonly string[]): Promise<void> {
  const outcomes = await kit.mail.deliver(ids.map((id) => storedMessage(kit, id)));
  const failed = outcomes.find(({ kind }) => kind !== 'delivered');
  if (failed !== undefined) throw new Error(`a delivery ended in ${failed.kind}`);
}

/** `message#<id>`, or undefined. */
export async function messageOf(kit: SweepKit, id: string) {
  const item = await kit.table.get(messageKey(kit.account, sound(parseMessageId(id), 'message id')));
  return item && parseMessageItem(item);
}

/** All items under `expire#`, of the days from `startMs` to so many days later. */
export async function expireEntries(kit: SweepKit, days = 100): Promise<readonly Item[]> {
  const entries: Item[] = [];
  for (let day = 0; day <= days; day++)
    for (let shard = 0; shard < expireShards; shard++) {
      const date = new Date(startMs + day * dayMs).toISOString().slice(0, 10);
      for await (const item of queryAll(kit.table, { pk: expirePartition(date, shard) })) entries.push(item);
    }
  return entries;
}

/** Every item of these partitions, in their order. */
export async function dump(table: Table, partitions: readonly string[]): Promise<readonly Item[]> {
  const items: Item[] = [];
  for (const pk of partitions) for await (const item of queryAll(table, { pk })) items.push(item);
  return items;
}

/** As an admin does it by hand. */
export async function setLegalHold(kit: SweepKit, legalHold: boolean): Promise<void> {
  const item = await kit.table.get(clockKey(kit.account));
  if (item === undefined) throw new Error('the account has no clock');
  const { legalHold: _before, ...rest } = item;
  const changed = { ...rest, pk: item.pk, sk: item.sk, ...(legalHold ? { legalHold } : {}) };
  await kit.table.commit([{ kind: 'put', item: changed }], { until: 'visible' });
}

/** A process that dies: from the `n`th commit on (or before it takes place, or after) nothing works any more. */
export function dyingTable(
  table: Table,
  options: { readonly commit: number; readonly afterCommit: boolean },
): Table & { readonly commits: () => number } {
  let commits = 0;
  let dead = false;
  const living = () => {
    if (dead) throw new Error('the process is dead');
  };
  return {
    limits: table.limits,
    commits: () => commits,
    async get(...args) {
      living();
      return table.get(...args);
    },
    async getMany(...args) {
      living();
      return table.getMany(...args);
    },
    async query(...args) {
      living();
      return table.query(...args);
    },
    async commit(...args) {
      living();
      dead = ++commits === options.commit;
      if (dead && options.afterCommit) await table.commit(...args);
      living();
      return table.commit(...args);
    },
  };
}
