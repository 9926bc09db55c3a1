/**
 * sequence-set (RFC 3501 section 9): numbers or uids, as the client wrote them. `*` is the largest in use, known only
 * when the set is resolved.
 */
import type { Scanner } from './scanner.ts';

/** Both ends belong to it, in either order; `*` for the largest. */
export interface SequenceRange {
  readonly first: number | '*';
  readonly last: number | '*';
}

export type SequenceSet = readonly SequenceRange[];

/** Numbers `from` to `to`, both included, `from` not above `to`. */
export interface NumberRange {
  readonly from: number;
  readonly to: number;
}

/** `2,4:7,9,12:*`. */
export function sequenceSet(args: Scanner): SequenceSet | undefined {
  const ranges: SequenceRange[] = [];
  do {
    const first = sequenceNumber(args);
    if (first === undefined) return undefined;
    const last = args.accept(':') ? sequenceNumber(args) : first;
    if (last === undefined) return undefined;
    ranges.push({ first, last });
  } while (args.accept(','));
  return ranges;
}

function sequenceNumber(args: Scanner): number | '*' | undefined {
  return args.accept('*') ? '*' : args.nzNumber('a sequence set');
}

/** The set as ranges that rise and do not touch; `largest` stands for `*`. */
export function resolveSequenceSet(set: SequenceSet, largest: number): readonly NumberRange[] {
  const ranges = set
    .map(({ first, last }) => {
      const one = first === '*' ? largest : first;
      const other = last === '*' ? largest : last;
      return { from: Math.min(one, other), to: Math.max(one, other) };
    })
    .toSorted((one, other) => one.from - other.from);
  const joined: NumberRange[] = [];
  for (const range of ranges) {
    const before = joined.at(-1);
    if (before !== undefined && range.from <= before.to + 1)
      joined[joined.length - 1] = { from: before.from, to: Math.max(before.to, range.to) };
    else joined.push(range);
  }
  return joined;
}

/** Rising numbers as a sequence set, for COPYUID and MODIFIED: `1:3,7`. */
export function formatSequenceSet(numbers: Iterable<number>): string {
  return [...formatRanges(numbers)].join(',');
}

/** Its ranges one by one, for an answer that may be long: `1:3`, `7`. */
export function* formatRanges(numbers: Iterable<number>): Generator<string> {
  let from = 0;
  let to = 0;
  const range = () => (from === to ? String(from) : `${from}:${to}`);
  for (const number of numbers) {
    if (from > 0 && number === to + 1) to = number;
    else {
      if (from > 0) yield range();
      from = to = number;
    }
  }
  if (from > 0) yield range();
}
