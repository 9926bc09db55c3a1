/** Metrics as lines of the log in CloudWatch's embedded metric format: no call is made, and the log is read by CloudWatch. */
import type { Clock } from '../../../mail/ports/clock.ts';
import type { Dimensions, Metrics } from '../../../mail/ports/metrics.ts';

export interface EmfMetricsOptions {
  /** Where a line goes; standard output. */
  readonly destination: { write(line: string): unknown };
  readonly clock: Pick<Clock, 'now'>;
  /** Of the metrics in CloudWatch. */
  readonly namespace: string;
  /** Which program this is: a field of each line. */
  readonly service: string;
  /** Names that become metrics, with the dimensions that count. */
  readonly published: Readonly<Record<string, readonly string[]>>;
}

/** Of one document. */
const maxMetrics = 100;
/** Of one metric in a document; what is more goes into another. */
const maxValues = 100;
/** More are not kept between two flushes: some dimension has too many values. */
const maxSeries = 5000;

interface Series {
  readonly name: string;
  readonly dimensions: Dimensions;
  readonly unit: 'Count' | 'Milliseconds' | 'None';
  values: number[];
}

export class EmfMetrics implements Metrics {
  readonly #options: EmfMetricsOptions;
  #series = new Map<string, Series>();

  constructor(options: EmfMetricsOptions) {
    this.#options = options;
  }

  count(name: string, dimensions: Dimensions = {}, by = 1): void {
    const series = this.#find({ name, dimensions, unit: 'Count' });
    if (series !== undefined) series.values = [(series.values[0] ?? 0) + by];
  }

  gauge(name: string, value: number, dimensions: Dimensions = {}): void {
    const series = this.#find({ name, dimensions, unit: 'None' });
    if (series !== undefined) series.values = [value];
  }

  timeMs(name: string, milliseconds: number, dimensions: Dimensions = {}): void {
    const series = this.#find({ name, dimensions, unit: 'Milliseconds' });
    if (series === undefined) return;
    if (series.values.length >= maxValues) series.values.shift();
    series.values.push(Math.round(milliseconds));
  }

  /** Writes what was measured since the last time, and begins anew. */
  flush(): void {
    const series = [...this.#series.values()];
    this.#series = new Map();
    const groups = Map.groupBy(series, ({ dimensions }) => JSON.stringify(dimensions));
    for (const group of groups.values())
      for (let at = 0; at < group.length; at += maxMetrics)
        this.#options.destination.write(
          `${JSON.stringify(this.#document(group.slice(at, at + maxMetrics)))}\n`,
        );
  }

  #document(series: readonly Series[]): object {
    const { clock, namespace, service, published } = this.#options;
    const nowMs = clock.now();
    const metrics = series.filter(({ name }) => Object.hasOwn(published, name));
    const described = [...Map.groupBy(metrics, ({ name }) => (published[name] ?? []).join())].map(
      ([names, group]) => ({
        Namespace: namespace,
        Dimensions: [names === '' ? [] : names.split(',')],
        Metrics: group.map(({ name, unit }) => ({ Name: name, Unit: unit })),
      }),
    );
    return {
      time: new Date(nowMs).toISOString(),
      level: 'info',
      event: 'metrics',
      service,
      ...series[0]?.dimensions,
      ...Object.fromEntries(
        series.map(({ name, values }) => [name, values.length === 1 ? values[0] : values]),
      ),
      ...(described.length === 0 ? {} : { _aws: { Timestamp: nowMs, CloudWatchMetrics: described } }),
    };
  }

  #find(wanted: Omit<Series, 'values'>): Series | undefined {
    const { name, dimensions } = wanted;
    const id = JSON.stringify([
      name,
      ...Object.keys(dimensions)
        .toSorted()
        .map((each) => [each, dimensions[each]]),
    ]);
    const known = this.#series.get(id);
    if (known !== undefined || this.#series.size >= maxSeries) return known;
    const made: Series = { ...wanted, values: [] };
    this.#series.set(id, made);
    return made;
  }
}
