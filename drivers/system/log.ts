/** The log of a program: a JSON object a line, or a readable line on a terminal. */
import { multistream, pino, stdSerializers } from 'pino';
import type { Logger } from 'pino';
import type { Log, LogFields } from '../../mail/ports/log.ts';
import { readableLine } from './readable-log-line.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** Where lines go; a stream of Node is one. */
export interface LogDestination {
  write(line: string): unknown;
}

export interface LogOptions {
  /** What is below it is not written. Default `info`. */
  readonly level?: LogLevel;
  readonly destination: LogDestination;
  /** For people at a terminal. Default false: JSON. */
  readonly readable?: boolean;
  /** Where lines go as well, always as JSON, and from `info` on whatever `level` is. */
  readonly kept?: LogDestination;
}

/**
 * Lines have `time` (RFC 3339), `level`, `event` and the fields; an error's `fault` has type, message and stack. A
 * field of one of those names is written as `field.time` and so on.
 */
export function systemLog({ level = 'info', destination, readable = false, kept }: LogOptions): Log {
  const keptLevel = level === 'debug' ? 'debug' : 'info';
  const shown = readable ? { write: (line: string) => destination.write(readableLine(line)) } : destination;
  const logger = pino(
    {
      level: kept === undefined ? level : keptLevel,
      base: null,
      messageKey: 'event',
      timestamp: timestamps(),
      formatters: { level: (label) => ({ level: label }) },
      serializers: { fault: stdSerializers.err },
    },
    kept === undefined
      ? shown
      : multistream([
          { level, stream: shown },
          { level: keptLevel, stream: kept },
        ]),
  );
  return new PinoLog(logger, {});
}

const ownNames = new Set(['time', 'level', 'event', 'fault']);

/** Of many lines in a millisecond the time is formatted once. */
function timestamps(): () => string {
  let lastMs = NaN;
  let text = '';
  return () => {
    const now = Date.now();
    if (now !== lastMs) text = `,"time":"${new Date(now).toISOString()}"`;
    lastMs = now;
    return text;
  };
}

/** Each session has one: so it is small, where a child of pino's takes a kilobyte. */
class PinoLog implements Log {
  readonly #logger: Logger;
  readonly #fields: LogFields;

  constructor(logger: Logger, fields: LogFields) {
    this.#logger = logger;
    this.#fields = fields;
  }

  debug(event: string, fields?: LogFields): void {
    this.#logger.debug(this.#all(fields), event);
  }

  info(event: string, fields?: LogFields): void {
    this.#logger.info(this.#all(fields), event);
  }

  warn(event: string, fields?: LogFields): void {
    this.#logger.warn(this.#all(fields), event);
  }

  error(event: string, fault: unknown, fields?: LogFields): void {
    const error = fault instanceof Error ? fault : new Error(String(fault));
    this.#logger.error({ ...this.#all(fields), fault: error }, event);
  }

  with(fields: LogFields): Log {
    return new PinoLog(this.#logger, this.#all(fields));
  }

  #all(fields: LogFields | undefined): LogFields {
    return fields === undefined ? this.#fields : { ...this.#fields, ...plain(fields) };
  }
}

function plain(fields: LogFields): LogFields {
  const names = Object.keys(fields);
  if (!names.some((name) => ownNames.has(name))) return fields;
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [ownNames.has(name) ? `field.${name}` : name, value]),
  );
}
