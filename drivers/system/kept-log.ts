/** Searches the files of `LogFiles`. Memory is bounded by the longest line that is read. */
import { createReadStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { KeptLine, KeptLog, KeptLogQuery } from '../../mail/ports/kept-log.ts';
import { isAskedFor, lastMs, parseKeptLine } from '../kept-line.ts';
import { logDayOf, logFileName } from './log-files.ts';

const chunkBytes = 1024 * 1024;
/** A longer line is passed over. */
const maxLineBytes = 4 * 1024 * 1024;
const lf = 0x0a;

/** Of a folder that may not be there yet. */
export function keptLogFiles(directory: string): KeptLog {
  return { find: (query) => find(directory, query) };
}

async function* find(directory: string, query: KeptLogQuery): AsyncGenerator<KeptLine> {
  const { fromMs = 0, toMs = lastMs, value } = query;
  // As it stands in JSON, without the quotes around it.
  const needle = Buffer.from(JSON.stringify(value).slice(1, -1));
  for (const name of await namesOf(directory)) {
    const day = logFileName.exec(name)?.[1] ?? '';
    if (day < logDayOf(fromMs) || day > logDayOf(toMs)) continue;
    for await (const text of linesWith(join(directory, name), needle)) {
      const line = parseKeptLine(text);
      if (line !== undefined && isAskedFor(line, query)) yield line;
    }
  }
}

async function namesOf(directory: string): Promise<readonly string[]> {
  try {
    return (await readdir(directory)).filter((name) => logFileName.test(name)).toSorted();
  } catch (fault) {
    if (fault instanceof Error && 'code' in fault && fault.code === 'ENOENT') return [];
    throw fault;
  }
}

/** Whole lines that hold those bytes; others are not even made into text. */
async function* linesWith(path: string, needle: Buffer): AsyncGenerator<string> {
  let held: Buffer = Buffer.alloc(0);
  for await (const chunk of createReadStream(path, { highWaterMark: chunkBytes })) {
    const bytes: Buffer = held.length === 0 ? (chunk as Buffer) : Buffer.concat([held, chunk as Buffer]);
    const end = bytes.lastIndexOf(lf) + 1;
    for (let at = 0; at < end;) {
      const hit = bytes.indexOf(needle, at);
      if (hit < 0 || hit >= end) break;
      const lineEnd = bytes.indexOf(lf, hit);
      yield bytes.toString('utf8', bytes.lastIndexOf(lf, hit) + 1, lineEnd);
      at = lineEnd + 1;
    }
    held = bytes.length - end > maxLineBytes ? Buffer.alloc(0) : Buffer.from(bytes.subarray(end));
  }
}
