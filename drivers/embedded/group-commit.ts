/**
 * Group commit: actions from any number of callers join one LMDB transaction, so one flush makes all of them durable.
 */
import { ABORT } from 'lmdb';
import type { RootDatabase } from 'lmdb';
import { commitFault, DataDirectoryFault, isLmdbFault, StoreClosed } from './data-directory-faults.ts';

/** When a write counts: seen by every reader, or on the disk. */
export type Until = 'visible' | 'flushed';

interface Waiting {
  /** Runs in the transaction. */
  readonly run: () => void;
  readonly until: Until;
  readonly resolve: () => void;
  readonly reject: (fault: unknown) => void;
}

/** What became of a transaction: the actions in it, or the one that threw. */
interface Batch {
  readonly actions: readonly Waiting[];
  readonly thrower?: { readonly action: Waiting; readonly fault: unknown };
}

/** A disk that takes longer is taken for broken; what waits for it is told so. */
const maxFlushMs = 120_000;

/** The one way in which an environment is written to. */
export class GroupCommit {
  readonly #root: RootDatabase<Uint8Array, Uint8Array>;
  readonly #directory: string;
  readonly #lookForDeadMs: number;
  #lookedAt = -Infinity;
  #waiting: Waiting[] = [];
  #underWay = new Set<Promise<void>>();
  #closed = false;

  constructor(
    root: RootDatabase<Uint8Array, Uint8Array>,
    options: { readonly directory: string; readonly lookForDeadMs: number },
  ) {
    this.#root = root;
    this.#directory = options.directory;
    this.#lookForDeadMs = options.lookForDeadMs;
  }

  /**
   * Runs `action` inside a write transaction, alone with the data; it waits for nothing. When it throws, nothing that
   * it wrote stays, and the others in the transaction run again: an action keeps no state outside the data.
   */
  run<Result>(action: () => Result, until: Until = 'flushed'): Promise<Result> {
    return new Promise<Result>((resolve, reject) => {
      this.refuseIfClosed();
      let result: Result;
      const run = () => {
        result = action();
      };
      this.#add([{ run, until, resolve: () => resolve(result), reject }]);
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

  #add(actions: readonly Waiting[]): void {
    const begun = this.#waiting.length > 0;
    this.#waiting.push(...actions);
    if (begun || actions.length === 0) return;
    const batch = this.#commitBatch().finally(() => this.#underWay.delete(batch));
    this.#underWay.add(batch);
  }

  async #commitBatch(): Promise<void> {
    let batch: Batch | undefined;
    try {
      this.#forgetDeadReaders();
      const committed = this.#root.childTransaction(() => {
        batch = this.#runAll();
        return batch.thrower ? ABORT : undefined;
      });
      // It is this transaction's now; later it would be that of a later one.
      const flushed = new Promise<boolean>((resolve, reject) => {
        this.#root.flushed.then(resolve, reject);
      });
      flushed.catch(() => undefined);
      await this.#inTime(committed);
      if (batch) await this.#settle(batch, flushed);
    } catch (fault) {
      // Where it failed before the transaction began, those who wait are still in the list.
      const failed = batch?.actions ?? this.#waiting.splice(0);
      const explained = commitFault(this.#directory, await rootCause(fault));
      for (const { reject } of failed) reject(explained);
    }
  }

  /** What a killed process was reading would be kept from then on, and the file grow with each commit. */
  #forgetDeadReaders(): void {
    const now = performance.now();
    if (now - this.#lookedAt < this.#lookForDeadMs) return;
    this.#lookedAt = now;
    this.#root.readerCheck();
  }

  /** Whoever came while the transaction before was being written joins this one. */
  #runAll(): Batch {
    const actions = this.#waiting;
    this.#waiting = [];
    for (const action of actions)
      try {
        action.run();
      } catch (fault) {
        return { actions, thrower: { action, fault } };
      }
    return { actions };
  }

  async #settle({ actions, thrower }: Batch, flushed: Promise<unknown>): Promise<void> {
    if (thrower) {
      const { action, fault } = thrower;
      action.reject(isLmdbFault(fault) ? commitFault(this.#directory, fault) : fault);
      this.#add(actions.filter((other) => other !== action));
      return;
    }
    for (const { until, resolve } of actions) if (until === 'visible') resolve();
    await this.#inTime(flushed);
    for (const { resolve } of actions) resolve();
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
