/** A program's log, whose lines are also kept in the data directory, where `posta message trace` finds them. */
import { join } from 'node:path';
import { systemClock } from '../drivers/system/clock.ts';
import { LogFiles } from '../drivers/system/log-files.ts';
import { systemLog, type LogOptions } from '../drivers/system/log.ts';
import type { Log } from '../mail/ports/log.ts';
import type { Periodic } from './serve/periodic.ts';

/** How long lines are kept. */
const logDays = 30;

/** Where they are. */
export function logFolder(data: string): string {
  return join(data, 'log');
}

/** What housekeeping does with them. */
export function deleteOldLines(files: LogFiles): Periodic {
  return { name: 'logFiles', everyMs: 60 * 60_000, run: () => files.deleteOlderThan(logDays) };
}

export interface ProgramLog extends AsyncDisposable {
  readonly log: Log;
  /** To be started when the data directory is there. */
  readonly files: LogFiles;
}

/** Disposing waits until what was logged is written. */
export function openLog({
  data,
  ...shown
}: { readonly data: string } & Omit<LogOptions, 'kept'>): ProgramLog {
  const files = new LogFiles({
    directory: logFolder(data),
    clock: systemClock(),
    onFailure: (fault) => log.error('log.filesFailed', fault, { directory: logFolder(data) }),
  });
  const log = systemLog({ ...shown, kept: files });
  return { log, files, [Symbol.asyncDispose]: () => files[Symbol.asyncDispose]() };
}
