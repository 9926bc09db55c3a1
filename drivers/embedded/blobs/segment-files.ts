/** Segment files in their directory: made, written at their end, flushed, read by position, removed. */
import { writevSync } from 'node:fs';
import { mkdir, open, readdir, stat, unlink } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';

/** A number that is never given twice in a data directory. */
export type SegmentId = number;

/** A segment being written. */
export interface SegmentWriter {
  /** All of the bytes, from `position` on, or it rejects. */
  write(parts: readonly Uint8Array[], position: number): Promise<void>;
  /** What was written survives a power failure. */
  flush(): Promise<void>;
  truncate(bytes: number): Promise<void>;
  close(): Promise<void>;
}

/** The files of one directory. A test puts a wrapper around it that fails. */
export interface SegmentFiles {
  create(id: SegmentId): Promise<SegmentWriter>;
  /** Rejects with `ENOENT` where there is none. */
  openForReading(id: SegmentId): Promise<FileHandle>;
  /** Its size, undefined where there is none. */
  bytes(id: SegmentId): Promise<number | undefined>;
  list(): Promise<readonly SegmentId[]>;
  /** Those who hold it open may go on reading. None there is no error. */
  remove(id: SegmentId): Promise<void>;
}

const suffix = '.segment';

/** Opens the directory, and makes it where there is none. */
export async function openSegmentFiles(directory: string): Promise<SegmentFiles> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const pathOf = (id: SegmentId) => join(directory, segmentName(id));
  return {
    async create(id) {
      const handle = await open(pathOf(id), 'wx', 0o600);
      return new HandleWriter(handle, directory);
    },
    openForReading: (id) => open(pathOf(id), 'r'),
    bytes: (id) => unlessMissing(stat(pathOf(id)).then(({ size }) => size)),
    list: async () => (await readdir(directory)).flatMap((name) => segmentNamed(name) ?? []),
    remove: (id) => unlessMissing(unlink(pathOf(id))),
  };
}

/** The name of a segment's file. */
export function segmentName(id: SegmentId): string {
  return `${id.toString(16).padStart(12, '0')}${suffix}`;
}

/** Undefined for a file that is no segment. */
export function segmentNamed(name: string): SegmentId | undefined {
  return /^[0-9a-f]{12}\.segment$/.test(name) ? Number.parseInt(name, 16) : undefined;
}

/** Whether a file or its name is not there. */
export function isMissing(fault: unknown): boolean {
  return fault instanceof Error && 'code' in fault && fault.code === 'ENOENT';
}

async function unlessMissing<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (fault) {
    if (isMissing(fault)) return undefined;
    throw fault;
  }
}

class HandleWriter implements SegmentWriter {
  readonly #handle: FileHandle;
  readonly #directory: string;
  /** The file's name in its directory must survive too, once. */
  #nameFlushed = false;

  constructor(handle: FileHandle, directory: string) {
    this.#handle = handle;
    this.#directory = directory;
  }

  async write(parts: readonly Uint8Array[], position: number): Promise<void> {
    const bytes = parts.reduce((sum, part) => sum + part.length, 0);
    // On the spot: it goes into the system's memory, sooner than another thread would be woken. `flush` waits for the disk.
    const bytesWritten = writevSync(this.#handle.fd, parts, position);
    // The system may take less than all, when the disk is nearly full.
    if (bytesWritten < bytes)
      await this.#writeRest(Buffer.concat(parts).subarray(bytesWritten), position + bytesWritten);
  }

  async #writeRest(rest: Buffer, position: number): Promise<void> {
    for (let at = 0; at < rest.length;) {
      const { bytesWritten } = await this.#handle.write(rest, at, rest.length - at, position + at);
      if (bytesWritten === 0) throw new Error('the file takes no more bytes');
      at += bytesWritten;
    }
  }

  async flush(): Promise<void> {
    await this.#handle.datasync();
    if (this.#nameFlushed) return;
    const directory = await open(this.#directory, 'r');
    try {
      await directory.sync();
      this.#nameFlushed = true;
    } finally {
      await directory.close();
    }
  }

  truncate(bytes: number): Promise<void> {
    return this.#handle.truncate(bytes);
  }

  close(): Promise<void> {
    return this.#handle.close();
  }
}
