/** What there is to measure of a deployment: its own metrics, and those that AWS keeps of its parts. */
import type { Duration } from 'aws-cdk-lib';
import { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import type { ITableV2 } from 'aws-cdk-lib/aws-dynamodb';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { metricsNamespace, publishedMetrics } from '../../drivers/aws/metrics/published-metrics.ts';
import type { WorkQueue } from '../constructs/work-queue.ts';

export interface WatchedQueue {
  readonly name: string;
  readonly queue: WorkQueue;
  /** More is late. */
  readonly waitsAtMostSeconds?: number;
}

export interface MeasurementsProps {
  readonly stage: string;
  readonly queues: readonly WatchedQueue[];
  readonly table: ITableV2;
  /** Of the way of a message. */
  readonly functions: readonly IFunction[];
  /** Of the table's stream. */
  readonly follower: IFunction;
  /** Programs that listen, each a service. */
  readonly listeners: readonly string[];
}

export class Measurements {
  readonly queues: readonly WatchedQueue[];
  readonly table: ITableV2;
  readonly functions: readonly IFunction[];
  readonly follower: IFunction;
  readonly listeners: readonly string[];
  readonly #namespace: string;

  constructor({ stage, queues, table, functions, follower, listeners }: MeasurementsProps) {
    this.queues = queues;
    this.table = table;
    this.functions = functions;
    this.follower = follower;
    this.listeners = listeners;
    this.#namespace = metricsNamespace(stage);
  }

  /** One that the programs publish. A name that they do not publish would be an empty graph and an alarm that never rings. */
  own(
    metricName: string,
    {
      statistic,
      period,
      label,
      dimensions = {},
    }: {
      readonly statistic: string;
      readonly period: Duration;
      readonly label?: string;
      readonly dimensions?: Readonly<Record<string, string>>;
    },
  ): Metric {
    const published = publishedMetrics[metricName];
    if (published?.join() !== Object.keys(dimensions).join())
      throw new Error(`${metricName} is not published with these dimensions`);
    return new Metric({
      namespace: this.#namespace,
      metricName,
      statistic,
      period,
      label,
      dimensionsMap: { ...dimensions },
    });
  }
}
