/**
 * KeptLog: what was logged in the last 30 days, to be searched. The files of the data directory on one machine.
 * Contract: test/contracts/kept-log.ts.
 */

/** A line of the log, as any process wrote it. */
export interface KeptLine {
  /** RFC 3339, UTC, to the millisecond. */
  readonly time: string;
  readonly level: string;
  readonly event: string;
  /** All else that stands in it; a fault as `fault`, with its type, message and stack. */
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Lines in one of whose `fields` stands `value`: as its text, or as one of a list. */
export interface KeptLogQuery {
  readonly fields: readonly string[];
  readonly value: string;
  /** Not before, and not after; in milliseconds since 1970. Default: all that is kept. */
  readonly fromMs?: number;
  readonly toMs?: number;
}

export interface KeptLog {
  /** In the order of time, roughly: two processes may be some lines apart. What cannot be read as a line is passed over. */
  find(query: KeptLogQuery): AsyncIterable<KeptLine>;
}
