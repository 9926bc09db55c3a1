/** The embedded store: Table, Feed and Queues of a data directory, with its schema version and epoch. */
import type { Clock } from '../../mail/ports/clock.ts';
import type { Item } from '../../mail/ports/table.ts';
import { DataDirectoryNewer } from './data-directory-faults.ts';
import { schemaVersion } from '../schema-version.ts';
import { openEnvironment } from './environment.ts';
import type { Environment } from './environment.ts';
import { EmbeddedFeed } from './feed.ts';
import { EmbeddedQueue } from './queue.ts';
import type { QueueOptions } from './queue.ts';
import { Openers, readBootId } from './openers.ts';
import { EmbeddedTable } from './table.ts';
import { encodeKey } from './table-keys.ts';

const storeKey = { pk: 'posta', sk: 'store' } as const;

/** Where the store is, and whose time it keeps. */
export interface StoreOptions {
  /** The data directory. */
  readonly data: string;
  readonly clock: Clock;
  /** Names the machine's boot; read from the system unless given. */
  readonly bootId?: string;
  /** Address space for the table, in bytes, 64 GB unless set; past it LMDB maps the file anew. */
  readonly mapBytes?: number;
  /** Which log items the feed is to have; all, unless given. In AWS a filter before the function says it. */
  readonly isForFeed?: (item: Item) => boolean;
}

/** An open store. */
export interface EmbeddedStore {
  /** What Table, Feed and Queues stand on; Blobs keep their catalog in it. */
  readonly environment: Environment;
  readonly table: EmbeddedTable;
  readonly feed: EmbeddedFeed;
  /** The queue of that name: the same one for each call. */
  queue<Body>(options: QueueOptions): EmbeddedQueue<Body>;
  /** Raised by a stop that may have lost what was visible: revs and uids then jump before they are told. */
  readonly epoch: number;
  /** Waits for what is under way and leaves the store clean. */
  close(): Promise<void>;
}

/**
 * Opens the store, making it where there is none. Any number of processes may have it open at once.
 * Throws `DataDirectoryUnreadable` and `DataDirectoryNewer`.
 */
export async function openStore(options: StoreOptions): Promise<EmbeddedStore> {
  const { data, clock, bootId = readBootId(), mapBytes, isForFeed } = options;
  const environment = openEnvironment(mapBytes === undefined ? { data } : { data, mapBytes });
  try {
    const feed = new EmbeddedFeed({
      environment,
      clock,
      ...(isForFeed === undefined ? {} : { isForFeed }),
    });
    const table = new EmbeddedTable({
      environment,
      clock,
      onPut: (item, attributes) => feed.append(item, attributes),
      onCommitted: () => feed.notify(),
    });
    const openers = new Openers(environment, bootId);
    const epoch = await enter(environment, openers);
    const queue = openQueues(environment, clock);
    return { environment, table, feed, queue, epoch, close: () => leave(environment, openers) };
  } catch (fault) {
    await environment.close();
    throw fault;
  }
}

function openQueues(environment: Environment, clock: Clock): EmbeddedStore['queue'] {
  // A send wakes who waits for the same queue in this process, so there is one object for each name.
  const opened = new Map<string, EmbeddedQueue<unknown>>();
  return <Body>(options: QueueOptions) => {
    const known = opened.get(options.name);
    const queue = known ?? new EmbeddedQueue<unknown>({ ...options, environment, clock });
    if (queue.options.kind !== options.kind || queue.options.maxAttempts !== options.maxAttempts)
      throw new RangeError(`the queue ${options.name} is open with other options`);
    opened.set(options.name, queue);
    return queue as unknown as EmbeddedQueue<Body>;
  };
}

async function enter(environment: Environment, openers: Openers): Promise<number> {
  const { codec, directory } = environment;
  const items = environment.records('items');
  const key = encodeKey(storeKey);
  return environment.writes.run(() => {
    const bytes = items.get(key);
    const found = bytes && (codec.decode(bytes) as Partial<Item>);
    const version = numberOf(found?.['schemaVersion'], schemaVersion);
    if (version > schemaVersion)
      throw new DataDirectoryNewer({ directory, found: version, understood: schemaVersion });
    const before = numberOf(found?.['epoch'], 1);
    const epoch = openers.enter() ? before + 1 : before;
    if (!found || epoch !== before || version < schemaVersion)
      void items.put(key, codec.encode({ ...found, schemaVersion, epoch }));
    return epoch;
  });
}

function numberOf(value: unknown, otherwise: number): number {
  return typeof value === 'number' ? value : otherwise;
}

async function leave(environment: Environment, openers: Openers): Promise<void> {
  await environment.writes.run(() => openers.leave());
  await environment.close();
}
