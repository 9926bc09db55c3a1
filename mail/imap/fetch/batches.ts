/** Going through many messages, so many at a time. */
import { setImmediate as turn } from 'node:timers/promises';
import type { NumberRange } from '../syntax/sequence-set.ts';

/** Messages of which only the records are looked at: some milliseconds of work. */
export const recordBatch = 4096;

/**
 * The numbers of the ranges, `size` at a time, or fewer where a batch is to end; between two batches other sessions have
 * their turn.
 */
export async function* batchesOf(
  ranges: readonly NumberRange[],
  size: number,
  endsBatch: (index: number) => boolean = () => false,
): AsyncGenerator<readonly number[]> {
  let batch: number[] = [];
  for (const { from, to } of ranges)
    for (let index = from; index <= to; index++) {
      batch.push(index);
      if (batch.length < size && !endsBatch(index)) continue;
      yield batch;
      batch = [];
      // A fast client is never waited for, and the embedded table answers at once.
      await turn();
    }
  if (batch.length > 0) yield batch;
}
