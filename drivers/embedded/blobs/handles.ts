/** Segment files open for reading, shared by all who read them; those nobody reads are closed after a while. */
import type { FileHandle } from 'node:fs/promises';
import type { Log } from '../../../mail/ports/log.ts';
import type { SegmentFiles, SegmentId } from './segment-files.ts';

/** Kept open though nobody reads them. */
const maxIdle = 32;
/** A file that another process has removed takes its room on the disk until it is closed. */
const idleMs = 10_000;

interface Open {
  readonly id: SegmentId;
  readonly handle: FileHandle;
  users: number;
}

/** A file to read from; `release` it exactly once. */
export interface Lease {
  readonly handle: FileHandle;
  readonly release: () => void;
}

export class Handles {
  readonly #files: SegmentFiles;
  readonly #log: Log;
  /** In the order of their last use. */
  readonly #open = new Map<SegmentId, Open>();
  readonly #opening = new Map<SegmentId, Promise<void>>();
  readonly #closing = new Set<Promise<void>>();
  #timer: NodeJS.Timeout | undefined;

  constructor(files: SegmentFiles, log: Log) {
    this.#files = files;
    this.#log = log;
  }

  /** Rejects with `ENOENT` where the file is gone. */
  async acquire(id: SegmentId): Promise<Lease> {
    for (;;) {
      const open = this.#open.get(id);
      if (open) {
        open.users++;
        return { handle: open.handle, release: () => this.#release(open) };
      }
      // It may be forgotten again before this goes on.
      await this.#opened(id);
    }
  }

  /** The file was removed: who reads it may go on, nobody else begins. */
  forget(id: SegmentId): void {
    const open = this.#open.get(id);
    this.#open.delete(id);
    if (open?.users === 0) this.#close(open);
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer);
    await Promise.allSettled(this.#opening.values());
    for (const id of [...this.#open.keys()]) this.forget(id);
    await Promise.all(this.#closing);
  }

  #opened(id: SegmentId): Promise<void> {
    const known = this.#opening.get(id);
    if (known) return known;
    const opening = this.#files
      .openForReading(id)
      .then((handle) => {
        this.#open.set(id, { id, handle, users: 0 });
      })
      .finally(() => this.#opening.delete(id));
    this.#opening.set(id, opening);
    return opening;
  }

  #release(open: Open): void {
    open.users--;
    if (open.users > 0) return;
    if (this.#open.get(open.id) !== open) return this.#close(open);
    this.#open.delete(open.id);
    this.#open.set(open.id, open);
    this.#closeIdle(maxIdle);
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#closeIdle(0);
    }, idleMs).unref();
  }

  /** All but so many of those that nobody reads. */
  #closeIdle(keep: number): void {
    const idle = [...this.#open.values()].filter(({ users }) => users === 0);
    for (const { id } of idle.slice(0, Math.max(0, idle.length - keep))) this.forget(id);
  }

  #close(open: Open): void {
    const closing = open.handle
      .close()
      .catch((fault: unknown) => this.#log.error('blobs.segment.unclosed', fault, { segment: open.id }))
      .finally(() => this.#closing.delete(closing));
    this.#closing.add(closing);
  }
}
