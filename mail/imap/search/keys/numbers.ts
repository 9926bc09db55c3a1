/** Messages by their numbers: a sequence set stands for itself, UID before one of uids. */
import { resolveSequenceSet, sequenceSet, type NumberRange } from '../../syntax/sequence-set.ts';
import type { Scanner } from '../../syntax/scanner.ts';
import { byRecord, searchRfcs, type Criterion, type SearchKey, type SearchParsing } from '../search-key.ts';

export const uidKey: SearchKey = {
  name: 'UID',
  rfcs: searchRfcs,
  parse(args, { session }) {
    args.space();
    const set = sequenceSet(args);
    if (set === undefined) return undefined;
    const ranges = resolveSequenceSet(set, session.selected.told.lastUid);
    return byRecord(({ record }) => holds(ranges, record.uid));
  },
};

/** Numbers beyond the mailbox's end name nothing. */
export function sequenceKey(args: Scanner, { session }: SearchParsing): Criterion | undefined {
  const set = sequenceSet(args);
  if (set === undefined) return undefined;
  const ranges = resolveSequenceSet(set, session.selected.told.count);
  return byRecord(({ sequenceNumber }) => holds(ranges, sequenceNumber));
}

/** Whether one of the ranges, which rise and do not touch, holds the number. */
function holds(ranges: readonly NumberRange[], number: number): boolean {
  let low = 0;
  let high = ranges.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ranges[middle]?.to ?? 0) < number) low = middle + 1;
    else high = middle;
  }
  const range = ranges[low];
  return range !== undefined && range.from <= number;
}
