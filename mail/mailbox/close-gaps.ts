/** Taking entries out of columns that lie side by side. */

type Column = Uint8Array | Uint32Array | Float64Array;

/** Below so many entries a loop is quicker than a call. */
const fewEntries = 32;

/**
 * Moves what lies behind the entries at `indexes` (rising, each once, below `count`) over them, in each of the columns
 * of `count` entries; answers with how many are left.
 */
export function closeGaps(columns: readonly Column[], count: number, indexes: readonly number[]): number {
  for (const column of columns) {
    let to = indexes[0] ?? count;
    for (let gap = 0; gap < indexes.length; gap++) {
      const from = (indexes[gap] ?? count) + 1;
      const end = indexes[gap + 1] ?? count;
      if (end - from < fewEntries)
        for (let at = from; at < end; at++) column[to + at - from] = column[at] ?? 0;
      else column.copyWithin(to, from, end);
      to += end - from;
    }
  }
  return count - indexes.length;
}
