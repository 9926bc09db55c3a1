/**
 * Group commit: actions from any number of callers join one LMDB transaction, so one flush makes all of them durable.
 */
import type { RootDatabase } from 'lmdb';
import { commitFault, DataDirectoryFault, StoreClosed } from './data-directory-faults.ts';

/** When a write counts: seen by every reader, or on the disk. */
export type Until = 'visible' | 'flushed';

interface Waiting {
  /** Runs in the transaction. True: it did what it had to, and the commit decides; false: it has been refused. */
  readonly run: () => boolean;
  readonly until: Until;
  readonly resolve: () => void;
  readonly reject: (fault: unknown) => void;
}

/** A disk that takes longer is taken for broken; what waits for it is told so. */
const maxFlushMs = 120_000;

export class GroupCommit {
  readonly #root: RootDatabase<Uint8Array, Uint8Array>;
  readonly #directory: string;
  #waiting: Waiting[] = [];
  #underWay = new Set<Promise<void>>();
  #closed = false;

  constructor(root: RootDatabase<Uint8Array, Uint8Array>, directory: string) {
    this.#root = root;
    this.#directory = directory;
  }

  /**
   * Runs `action` inside a write transaction; it is alone with the data and must not wait for anything. It reads and
   * decides first and writes last: throwing after a write would leave that write in the transaction of the others.
   */
  run<Result>(action: () => Result, until: Until = 'flushed'): Promise<Result> {
    return new Promise<Result>((resolve, reject) => {
      this.refuseIfClosed();
      let result: Result;
      const run = () => {
        try {
          result = action();
          return true;
        } catch (fault) {
          reject(fault);
          return false;
        }
      };
      this.#waiting.push({ run, until, resolve: () => resolve(result), reject });
      if (this.#waiting.length === 1) this.#begin();
    });
  }

  refuseIfClosed(): void {
    if (this.#closed) throw new StoreClosed(this.#directory);
  }

  /** Lets no more in, and waits for what is under way. False when it was closed before. */
  async close(): Promise<boolean> {
    if (this.#closed) return false;
    this.#closed = true;
    while (this.#underWay.size > 0) await Promise.all(this.#underWay);
    return true;
  }

  #begin(): void {
    const batch = this.#commitBatch().finally(() => this.#underWay.delete(batch));
    this.#underWay.add(batch);
  }

  async #commitBatch(): Promise<void> {
    let batch: readonly Waiting[] = [];
    try {
      const committed = this.#root.transaction(() => {
        // Whoever came while the transaction before was being written joins this one.
        batch = this.#waiting;
        this.#waiting = [];
        batch = batch.filter(({ run }) => run());
      });
      // It is this transaction's now; later it would be that of a later one.
      const flushed = new Promise<boolean>((resolve, reject) => {
        this.#root.flushed.then(resolve, reject);
      });
      flushed.catch(() => undefined);
      await committed;
      for (const { until, resolve } of batch) if (until === 'visible') resolve();
      await this.#inTime(flushed);
      for (const { resolve } of batch) resolve();
    } catch (fault) {
      // Where it failed before the transaction began, those who wait are still in the list.
      const failed = batch.length > 0 ? batch : this.#waiting.splice(0);
      const explained = commitFault(this.#directory, await rootCause(fault));
      for (const { reject } of failed) reject(explained);
    }
  }

  async #inTime(flushed: Promise<unknown>): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      const reason = `the disk has not confirmed a flush for ${maxFlushMs / 1000} s`;
      timer = setTimeout(() => reject(new DataDirectoryFault(this.#directory, reason)), maxFlushMs);
    });
    try {
      await Promise.race([flushed, late]);
    } finally {
      clearTimeout(timer);
    }
  }
}

/** lmdb rejects with "see commitError", a promise that rejects with the reason. */
async function rootCause(fault: unknown): Promise<unknown> {
  if (!(fault instanceof Error) || !('commitError' in fault)) return fault;
  try {
    await fault.commitError;
    return fault;
  } catch (reason) {
    return reason;
  }
}
