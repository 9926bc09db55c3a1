/** Metrics: counts and measurements by name, with a few dimensions of few values each. */
export type Dimensions = Readonly<Record<string, string>>;

export interface Metrics {
  count(name: string, dimensions?: Dimensions, by?: number): void;
  /** A level, such as open sessions. */
  gauge(name: string, value: number, dimensions?: Dimensions): void;
  timeMs(name: string, milliseconds: number, dimensions?: Dimensions): void;
}
