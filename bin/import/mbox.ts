/**
 * mbox (RFC 4155 and its kin): messages after `From ` lines, whose dates are kept; `>From ` is unquoted as in mboxrd.
 * Status, X-Status and X-Keywords fields become flags. A message is read from the file when it is its turn.
 */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { isKeyword, systemFlags, type Flags } from '../../mail/mailbox/flags.ts';
import type { Source, SourceMessage } from './source.ts';

const maxLineBytes = 1024 * 1024;

export async function openMbox(path: string, folder: string): Promise<Source> {
  const { size } = await stat(path);
  return {
    kind: 'an mbox',
    totalBytes: size,
    messages: () => messagesOf(path, folder),
  };
}

/** The line that begins a message: `From address Tue Nov 24 10:00:00 2026`; the date is UTC, as RFC 4155 says. */
const fromLine =
  /^From (?:\S+|.+@.+) +[A-Z][a-z]{2} +([A-Z][a-z]{2}) +(\d{1,2}) +(\d{1,2}):(\d\d)(?::(\d\d))?(?: +[A-Za-z0-9+-]+)? +(\d{4})(?: +[+-]\d{4})?\s*$/;
const months = 'JanFebMarAprMayJunJulAugSepOctNovDec';

/** The date of a `From ` line, or undefined when the line is none. */
export function parseFromLine(line: string): Date | undefined {
  const match = fromLine.exec(line);
  if (match === null) return undefined;
  const [, month = '', day, hour, minute, second = '0', year] = match;
  const index = months.indexOf(month) / 3;
  if (!Number.isInteger(index) || index < 0) return undefined;
  return new Date(Date.UTC(Number(year), index, Number(day), Number(hour), Number(minute), Number(second)));
}

interface Extent {
  readonly start: number;
  readonly end: number;
  readonly receivedAt: Date;
  readonly flags: Flags;
}

async function* messagesOf(path: string, folder: string): AsyncGenerator<SourceMessage> {
  let number = 0;
  for await (const { start, end, receivedAt, flags } of extents(path)) {
    number++;
    yield {
      name: `${path}, message ${number}`,
      folder,
      flags,
      receivedAt,
      sourceBytes: end - start,
      open: () => unquoted(createReadStream(path, { start, end: end - 1 })),
    };
  }
}

/** Where each message lies: after its `From ` line, up to the empty line before the next. */
async function* extents(path: string): AsyncGenerator<Extent> {
  let open: { start: number; receivedAt: Date; header: string[]; inHeader: boolean } | undefined;
  let previousWasEmpty = true;
  let previousStart = 0;
  const finish = (end: number): Extent[] => {
    if (open === undefined || end <= open.start) return [];
    const { start, receivedAt, header } = open;
    return [{ start, end, receivedAt, flags: statusFlags(header) }];
  };
  let offset = 0;
  for await (const line of lines(createReadStream(path))) {
    const receivedAt = previousWasEmpty ? parseFromLine(line.toString('latin1')) : undefined;
    if (receivedAt !== undefined) {
      yield* finish(previousStart);
      open = { start: offset + line.length, receivedAt, header: [], inHeader: true };
    } else if (open?.inHeader === true) {
      if (isEmpty(line)) open.inHeader = false;
      else if (/^(x-)?(status|keywords):/i.test(line.subarray(0, 12).toString('latin1')))
        open.header.push(line.subarray(0, 1000).toString('latin1').trim());
    }
    previousWasEmpty = isEmpty(line);
    if (receivedAt === undefined) previousStart = previousWasEmpty ? offset : offset + line.length;
    else previousStart = offset + line.length;
    offset += line.length;
  }
  yield* finish(previousStart);
}

const isEmpty = (line: Buffer) => line.length <= 2 && line.toString('latin1').trim() === '';

/** Status and X-Status as mutt, Dovecot and Thunderbird write them; R read, A answered, F flagged, T draft, D deleted. */
function statusFlags(header: readonly string[]): Flags {
  const value = (name: RegExp) => header.find((field) => name.test(field))?.replace(/^[^:]*:/, '') ?? '';
  const status = value(/^status:/i) + value(/^x-status:/i);
  let system = 0;
  if (status.includes('R')) system |= systemFlags.seen;
  if (status.includes('A')) system |= systemFlags.answered;
  if (status.includes('F')) system |= systemFlags.flagged;
  if (status.includes('T')) system |= systemFlags.draft;
  if (status.includes('D')) system |= systemFlags.deleted;
  return {
    system,
    keywords: value(/^x-keywords:/i)
      .split(/[\s,]+/)
      .filter(isKeyword),
  };
}

/** Lines with their line ends; a line over the limit comes in pieces, of which only the first can be a `From ` line. */
async function* lines(stream: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of stream) {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let from = 0;
    for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, from)) {
      yield bytes.subarray(from, at + 1);
      from = at + 1;
    }
    rest = bytes.subarray(from);
    if (rest.length > maxLineBytes) {
      yield rest;
      rest = Buffer.alloc(0);
    }
  }
  if (rest.length > 0) yield rest;
}

/** `>From `, `>>From ` …: one `>` less. */
async function* unquoted(stream: AsyncIterable<Buffer>): AsyncGenerator<Uint8Array> {
  for await (const line of lines(stream))
    yield /^>+From /.test(line.subarray(0, 100).toString('latin1')) ? line.subarray(1) : line;
}
