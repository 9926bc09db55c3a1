/** How a time grows: the exponent of the power of the size that fits it best. */
import type { Growth } from './operations.ts';

export interface Sized {
  readonly size: number;
  readonly value: number;
}

/** The slope of the line through the points on logarithmic axes: 0 is flat, 1 linear. NaN for fewer than two. */
export function exponentOf(points: readonly Sized[]): number {
  const logs = points.map(({ size, value }) => [Math.log(size), Math.log(value)] as const);
  const mean = (at: 0 | 1) => logs.reduce((sum, each) => sum + each[at], 0) / logs.length;
  const [meanSize, meanValue] = [mean(0), mean(1)];
  let together = 0;
  let alone = 0;
  for (const [size, value] of logs) {
    together += (size - meanSize) * (value - meanValue);
    alone += (size - meanSize) ** 2;
  }
  return together / alone;
}

/**
 * The largest exponent that passes: a hundredfold size may take twice and a half as long where it should be flat or
 * logarithmic (a tree of 10,000 to 1,000,000 keys grows by half), and twice the hundredfold where it is linear.
 */
export const largestExponent: Readonly<Record<Growth, number>> = {
  flat: 0.2,
  logarithmic: 0.2,
  linear: 1.15,
};
