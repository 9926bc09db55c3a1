/**
 * The LMDB environment of a data directory, in `<data>/table`: opened once a process, shared by any number of them.
 * Commits are flushed under the write lock, before any reader sees them.
 */
import { accessSync, constants, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { open } from 'lmdb';
import type { Database, RootDatabase } from 'lmdb';
import { DataDirectoryUnreadable, explainFault } from './data-directory-faults.ts';
import { GroupCommit } from './group-commit.ts';
import { itemCodec } from './item-codec.ts';
import type { ItemCodec } from './item-codec.ts';
import { refuseDamagedFile } from './lmdb-file.ts';

/** A sub-database with binary keys, ordered by their bytes, and binary values. */
export type Records = Database<Uint8Array, Uint8Array>;

/** Address space, not disk: the file grows as it is used. */
const defaultMapBytes = 64 * 2 ** 30;
/** One slot for each thread that reads; those of dead processes are taken back. */
const maxReaders = 2048;
const maxSubDatabases = 16;
const defaultLookForDeadMs = 5000;

/** What the embedded Table, Feed and Queue share. */
export interface Environment {
  readonly directory: string;
  /** Opens a sub-database by name; the same name gives the same records in every process. */
  records(name: string): Records;
  /** Attributes as the bytes of a record. */
  readonly codec: ItemCodec;
  /** Every write goes through it. */
  readonly writes: GroupCommit;
  /** Reads that follow see all that any process has committed. No read may span an `await`. */
  refresh(): void;
  /** Waits for what is being written, then closes; a read or write after it is refused. */
  close(): Promise<void>;
}

/** Where it is. */
export interface EnvironmentOptions {
  /** The data directory; `table` is made in it where it is missing. */
  readonly data: string;
  /** Address space for the table, in bytes, 64 GB unless set; past it LMDB maps the file anew. */
  readonly mapBytes?: number;
  /** How often a commit looks for readers that were killed, 5,000 ms unless set. */
  readonly lookForDeadMs?: number;
}

/** Opens the environment. Throws `DataDirectoryUnreadable`. */
export function openEnvironment(options: EnvironmentOptions): Environment {
  const { data, mapBytes = defaultMapBytes, lookForDeadMs = defaultLookForDeadMs } = options;
  const directory = join(data, 'table');
  const root = openRoot(directory, mapBytes);
  const opened = new Map<string, Records>();
  const writes = new GroupCommit(root, { directory, lookForDeadMs });
  return {
    directory,
    codec: explained(directory, () => itemCodec(root)),
    writes,
    records: (name) => {
      const known = opened.get(name);
      if (known) return known;
      const records = explained(directory, (): Records =>
        root.openDB({ name, encoding: 'binary', keyEncoding: 'binary' }),
      );
      opened.set(name, records);
      return records;
    },
    refresh: () => {
      writes.refuseIfClosed();
      root.resetReadTxn();
    },
    close: async () => {
      if (await writes.close()) await root.close();
    },
  };
}

function openRoot(directory: string, mapSize: number): RootDatabase<Uint8Array, Uint8Array> {
  return explained(directory, () => {
    // Mail is read by nobody but the user who runs Posta.
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    accessSync(directory, constants.R_OK | constants.W_OK | constants.X_OK);
    refuseDamagedFile(join(directory, 'data.mdb'));
    return open({
      path: directory,
      noSubdir: false,
      mapSize,
      maxReaders,
      maxDbs: maxSubDatabases,
      encoding: 'binary',
      keyEncoding: 'binary',
      // Ours is the group; with it, lmdb leaves a promise of a failed commit to nobody, which ends the process.
      eventTurnBatching: false,
      // With it, LMDB's recovery after a process that was killed while it flushed takes the lock for flushing for that of
      // the writers: it may set the last transaction back, so that an acknowledged commit of another process is
      // overwritten, or leave that process waiting for good.
      overlappingSync: false,
    });
  });
}

function explained<Result>(directory: string, action: () => Result): Result {
  try {
    return action();
  } catch (fault) {
    throw new DataDirectoryUnreadable(directory, explainFault(fault), { cause: fault });
  }
}
