/** The log's lines in files, one for each day (UTC): `2026-11-24.jsonl`. Several processes may append to the same. */
import { mkdir, open, readdir, unlink, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Clock } from '../../mail/ports/clock.ts';
import type { LogDestination } from './log.ts';

export interface LogFilesOptions {
  /** Made where it is missing, in a folder that is there. */
  readonly directory: string;
  readonly clock: Pick<Clock, 'now'>;
  /** Lines are lost from now on, until a write succeeds. Whoever logs goes on. */
  readonly onFailure: (fault: unknown) => void;
}

interface Line {
  readonly timeMs: number;
  readonly text: string;
}

/** A server that takes thousands of messages a second logs more lines; each write opens the file anew. */
const gatherMs = 100;
/** Characters that wait for the disk; past them lines are lost. */
const maxWaiting = 8 * 1024 * 1024;
const dayMs = 24 * 60 * 60_000;
const lf = 0x0a;

/** What days' files are called; others in the folder are nobody's business. */
export const logFileName = /^(\d{4}-\d\d-\d\d)\.jsonl$/;

/** The day of a moment, as files are named by it. */
export function logDayOf(timeMs: number): string {
  return new Date(timeMs).toISOString().slice(0, 10);
}

export class LogFiles implements LogDestination, AsyncDisposable {
  readonly #options: LogFilesOptions;
  #waiting: Line[] = [];
  #waitingCharacters = 0;
  #started = false;
  #writing: Promise<void> | undefined;
  #failed = false;
  /** The file that is known to end with a whole line. */
  #whole: string | undefined;

  constructor(options: LogFilesOptions) {
    this.#options = options;
  }

  /** A line with its line end. It is written within `gatherMs`, in one write with what else is logged until then. */
  write(text: string): void {
    if (this.#waitingCharacters + text.length > maxWaiting) {
      this.#tell(new Error('the disk takes no lines for too long'));
      return;
    }
    this.#waiting.push({ timeMs: this.#options.clock.now(), text });
    this.#waitingCharacters += text.length;
    if (this.#started) this.#writing ??= this.#writeWaiting();
  }

  /** From now on lines are written, those first that came before: the folder can be made. */
  start(): void {
    this.#started = true;
    this.#writing ??= this.#writeWaiting();
  }

  /** Deletes the files of days that ended longer ago. */
  async deleteOlderThan(days: number): Promise<void> {
    const { directory, clock } = this.#options;
    const oldest = logDayOf(clock.now() - days * dayMs);
    for (const name of await namesIn(directory)) {
      const day = logFileName.exec(name)?.[1];
      if (day !== undefined && day < oldest) await unlink(join(directory, name));
    }
  }

  /** Resolves when everything is written that was logged since `start`, or lost. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#writing;
  }

  async #writeWaiting(): Promise<void> {
    await pause(gatherMs);
    while (this.#waiting.length > 0) {
      const lines = this.#waiting;
      this.#waiting = [];
      this.#waitingCharacters = 0;
      for (const [day, its] of Map.groupBy(lines, ({ timeMs }) => Math.floor(timeMs / dayMs)))
        await this.#append(logDayOf(day * dayMs), its.map(({ text }) => text).join(''));
    }
    this.#writing = undefined;
  }

  async #append(day: string, text: string): Promise<void> {
    const { directory } = this.#options;
    const path = join(directory, `${day}.jsonl`);
    try {
      await using file = await openIn(directory, path);
      const torn = path !== this.#whole && !(await endsWhole(file)) && !(await endsWholeSoon(file));
      this.#whole = undefined;
      await writeAll(file, Buffer.from(torn ? `\n${text}` : text));
      this.#whole = path;
      this.#failed = false;
    } catch (fault) {
      this.#tell(fault);
    }
  }

  /** Once, until it works again. */
  #tell(fault: unknown): void {
    if (this.#failed) return;
    this.#failed = true;
    this.#options.onFailure(fault);
  }
}

async function openIn(directory: string, path: string): Promise<FileHandle> {
  const open600 = () => open(path, 'a+', 0o600);
  try {
    return await open600();
  } catch (fault) {
    if (!hasCode(fault, 'ENOENT')) throw fault;
    await mkdir(directory, { mode: 0o700 }).catch(unlessThere);
    return open600();
  }
}

/** Another process was first. */
function unlessThere(fault: unknown): void {
  if (!hasCode(fault, 'EEXIST')) throw fault;
}

function hasCode(fault: unknown, code: string): boolean {
  return fault instanceof Error && 'code' in fault && fault.code === code;
}

async function namesIn(directory: string): Promise<readonly string[]> {
  try {
    return await readdir(directory);
  } catch (fault) {
    if (hasCode(fault, 'ENOENT')) return [];
    throw fault;
  }
}

/** Whether the file is empty or its last line has its end: a full disk or a power failure may have cut it. */
async function endsWhole(file: FileHandle): Promise<boolean> {
  const { size } = await file.stat();
  if (size === 0) return true;
  const { buffer } = await file.read(Buffer.alloc(1), 0, 1, size - 1);
  return buffer[0] === lf;
}

/** Another process may be in the midst of a write, whose first octets are seen before the last. */
async function endsWholeSoon(file: FileHandle): Promise<boolean> {
  await pause(gatherMs);
  return endsWhole(file);
}

/** In one write, which other processes' cannot come into; several only where the system takes less. */
async function writeAll(file: FileHandle, bytes: Buffer): Promise<void> {
  for (let at = 0; at < bytes.length;) at += (await file.write(bytes, at)).bytesWritten;
}
