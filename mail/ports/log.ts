/**
 * Log: structured lines for the admin. An event's name is a stable, dotted word (`smtp.accepted`); its fields are
 * plain values. Secrets and message bodies are never among them.
 */
export type LogFields = Readonly<
  Record<string, string | number | boolean | null | undefined | readonly string[]>
>;

export interface Log {
  debug(event: string, fields?: LogFields): void;
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  /** `fault` is what was thrown: its stack goes into the line. */
  error(event: string, fault: unknown, fields?: LogFields): void;
  /** A log that adds `fields` to each line. */
  with(fields: LogFields): Log;
}
