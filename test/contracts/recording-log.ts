/** A log that a test reads. */
import type { Log, LogFields } from '../../mail/ports/log.ts';

export interface LogLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly event: string;
  readonly fields: LogFields;
  readonly fault?: unknown;
}

export interface RecordingLog extends Log {
  readonly lines: readonly LogLine[];
}

export function recordingLog(lines: LogLine[] = [], common: LogFields = {}): RecordingLog {
  const add =
    (level: LogLine['level']) =>
    (event: string, fields: LogFields = {}) =>
      void lines.push({ level, event, fields: { ...common, ...fields } });
  return {
    lines,
    debug: add('debug'),
    info: add('info'),
    warn: add('warn'),
    error: (event, fault, fields = {}) =>
      void lines.push({ level: 'error', event, fields: { ...common, ...fields }, fault }),
    with: (fields) => recordingLog(lines, { ...common, ...fields }),
  };
}
