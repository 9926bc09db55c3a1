/** What is found at one size: the times of each operation, and the memory of the process after it. */
import type { OperationId } from './operations.ts';

/** In bytes, after the garbage was collected. */
export interface Memory {
  /** Objects and array buffers. */
  readonly used: number;
  /** With the pages of the table's file that are mapped. */
  readonly resident: number;
}

export interface Timed {
  readonly operation: OperationId;
  readonly rounds: number;
  readonly medianMs: number;
  /** 95 of 100 took no longer; of few rounds the longest. */
  readonly p95Ms: number;
  readonly memory: Memory;
}

export type SeriesName = 'messages' | 'accounts';

/** One size of a series. */
export interface Point {
  readonly series: SeriesName;
  readonly size: number;
  /** Before anything was asked. */
  readonly idle: Memory;
  readonly timed: readonly Timed[];
  /** Of the store's folder, in bytes. */
  readonly disk: number;
  readonly fillSeconds: number;
}

export function memoryNow(): Memory {
  if (globalThis.gc === undefined) throw new Error('start with --expose-gc');
  globalThis.gc();
  globalThis.gc();
  const { heapUsed, arrayBuffers, rss } = process.memoryUsage();
  return { used: heapUsed + arrayBuffers, resident: rss };
}

export function timed(operation: OperationId, times: readonly number[], memory = memoryNow()): Timed {
  const sorted = times.toSorted((one, other) => one - other);
  const at = (part: number) => sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? NaN;
  return {
    operation,
    rounds: times.length,
    medianMs: at(0.5),
    p95Ms: at(0.95),
    memory,
  };
}
