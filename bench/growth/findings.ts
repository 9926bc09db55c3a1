/** What was measured, by operation: its series, how each grows, and whether that is as it should be. */
import { exponentOf, largestExponent } from './fit.ts';
import type { Memory, Point, SeriesName, Timed } from './measured.ts';
import { operations, type Growth, type Operation } from './operations.ts';

/** An exponent is fitted to the sizes from here on: below, what does not grow is most of the time. */
const fittedFrom: Readonly<Record<SeriesName, number>> = { messages: 10_000, accounts: 1000 };

export interface Measure extends Timed {
  readonly size: number;
  readonly idle: Memory;
}

export interface Series {
  readonly name: SeriesName;
  readonly ideal: Growth;
  readonly measures: readonly Measure[];
  /** NaN where fewer than two sizes are large enough. */
  readonly exponent: number;
  readonly holds: boolean;
}

export interface Finding {
  readonly operation: Operation;
  readonly series: readonly Series[];
}

export function findingsOf(points: readonly Point[]): readonly Finding[] {
  return operations
    .map((operation: Operation): Finding => {
      const { byMessages, byAccounts } = operation;
      const series = [
        ...(byMessages === undefined
          ? []
          : [seriesOf(points, { operation, name: 'messages', ideal: byMessages })]),
        ...(byAccounts === undefined
          ? []
          : [seriesOf(points, { operation, name: 'accounts', ideal: byAccounts })]),
      ];
      return { operation, series: series.filter(({ measures }) => measures.length > 0) };
    })
    .filter(({ series }) => series.length > 0);
}

function seriesOf(
  points: readonly Point[],
  {
    operation,
    name,
    ideal,
  }: { readonly operation: Operation; readonly name: SeriesName; readonly ideal: Growth },
): Series {
  const measures = points
    .filter(({ series }) => series === name)
    .flatMap(({ size, idle, timed }) =>
      timed.filter((each) => each.operation === operation.id).map((each) => ({ ...each, size, idle })),
    );
  const fitted = measures.filter(({ size }) => size >= fittedFrom[name]);
  const exponent = exponentOf(fitted.map(({ size, medianMs }) => ({ size, value: medianMs })));
  return { name, ideal, measures, exponent, holds: !(exponent > largestExponent[ideal]) };
}
