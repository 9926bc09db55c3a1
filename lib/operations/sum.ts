/** Several metrics as one. */
import type { Duration } from 'aws-cdk-lib';
import { MathExpression, type IMetric } from 'aws-cdk-lib/aws-cloudwatch';

/** One that says nothing is 0, not the end of the sum. `id` tells the sums of one graph apart: a lower-case word. */
export function sumOf(
  id: string,
  metrics: readonly IMetric[],
  {
    period,
    label,
    factor = 1,
  }: { readonly period: Duration; readonly label?: string; readonly factor?: number },
): MathExpression {
  const named = metrics.map((metric, at) => [`${id}${at}`, metric] as const);
  const sum = `SUM([${named.map(([name]) => `FILL(${name}, 0)`).join()}])`;
  return new MathExpression({
    expression: factor === 1 ? sum : `${factor} * ${sum}`,
    usingMetrics: Object.fromEntries(named),
    period,
    label,
  });
}
