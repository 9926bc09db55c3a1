/** Metrics kept in memory: a test reads them, and the log has them each minute in which something changed. */
import type { Clock } from '../../mail/ports/clock.ts';
import type { Log, LogFields } from '../../mail/ports/log.ts';
import type { Dimensions, Metrics } from '../../mail/ports/metrics.ts';

/** Measurements of one name and dimensions. */
export type Series =
  | { readonly kind: 'count'; readonly total: number }
  | { readonly kind: 'gauge'; readonly value: number }
  | {
      readonly kind: 'time';
      readonly count: number;
      readonly totalMs: number;
      readonly maxMs: number;
    };

export interface MetricsReading {
  readonly name: string;
  readonly dimensions: Dimensions;
  readonly series: Series;
}

/** More are not kept: some dimension has too many values. */
const maxSeries = 10_000;

export class MemoryMetrics implements Metrics {
  readonly #readings = new Map<string, MetricsReading>();
  #changed = new Set<string>();
  #dropped = 0;

  count(name: string, dimensions: Dimensions = {}, by = 1): void {
    this.#update(name, dimensions, (old) => ({
      kind: 'count',
      total: (old?.kind === 'count' ? old.total : 0) + by,
    }));
  }

  gauge(name: string, value: number, dimensions: Dimensions = {}): void {
    this.#update(name, dimensions, () => ({ kind: 'gauge', value }));
  }

  timeMs(name: string, milliseconds: number, dimensions: Dimensions = {}): void {
    this.#update(name, dimensions, (old) => {
      const { count, totalMs, maxMs } = old?.kind === 'time' ? old : { count: 0, totalMs: 0, maxMs: 0 };
      return {
        kind: 'time',
        count: count + 1,
        totalMs: totalMs + milliseconds,
        maxMs: Math.max(maxMs, milliseconds),
      };
    });
  }

  /** What a count has come to with these dimensions; 0 where it never was. */
  total(name: string, dimensions: Dimensions = {}): number {
    const series = this.#readings.get(idOf(name, dimensions))?.series;
    return series?.kind === 'count' ? series.total : 0;
  }

  /** Everything, since the start. */
  readings(): readonly MetricsReading[] {
    return [...this.#readings.values()];
  }

  /** Series not kept because there were too many. */
  get dropped(): number {
    return this.#dropped;
  }

  /** What changed since it was last asked. */
  takeChanged(): readonly MetricsReading[] {
    const changed = this.#changed;
    this.#changed = new Set();
    return [...changed].flatMap((id) => this.#readings.get(id) ?? []);
  }

  #update(name: string, dimensions: Dimensions, next: (old: Series | undefined) => Series): void {
    const id = idOf(name, dimensions);
    const old = this.#readings.get(id);
    if (!old && this.#readings.size >= maxSeries) {
      this.#dropped++;
      return;
    }
    this.#readings.set(id, { name, dimensions, series: next(old?.series) });
    this.#changed.add(id);
  }
}

/** Logs `metrics` with what changed, each minute, until it is disposed (and once then). */
export function logMetrics(options: {
  readonly metrics: MemoryMetrics;
  readonly clock: Clock;
  readonly log: Log;
  /** Default a minute. */
  readonly everyMs?: number;
}): AsyncDisposable {
  const { metrics, clock, log, everyMs = 60_000 } = options;
  const stop = new AbortController();
  const run = async () => {
    while (!stop.signal.aborted) {
      await clock.sleep(everyMs, stop.signal);
      logChanged(metrics, log);
    }
  };
  const running = run();
  return {
    [Symbol.asyncDispose]: () => {
      stop.abort();
      return running;
    },
  };
}

function logChanged(metrics: MemoryMetrics, log: Log): void {
  for (const { name, dimensions, series } of metrics.takeChanged())
    log.info('metrics', { metric: name, ...dimensions, ...fieldsOf(series) });
  if (metrics.dropped > 0) log.warn('metrics.dropped', { dropped: metrics.dropped });
}

function fieldsOf(series: Series): LogFields {
  switch (series.kind) {
    case 'count':
      return { total: series.total };
    case 'gauge':
      return { value: series.value };
    case 'time':
      return { count: series.count, meanMs: series.totalMs / series.count, maxMs: series.maxMs };
    default:
      return series satisfies never;
  }
}

function idOf(name: string, dimensions: Dimensions): string {
  let id = name;
  for (const each of Object.keys(dimensions).toSorted()) id += `\0${each}\0${dimensions[each]}`;
  return id;
}
