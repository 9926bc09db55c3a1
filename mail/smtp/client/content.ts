/**
 * A message's lines as they may go out. CR and LF are sent only together (RFC 5321 section 2.3.8): servers that take
 * one of them alone for a line's end would read another message behind a dot, and BDAT, though it counts octets, only
 * moves that to the server after the next. What our listeners accept has neither; what was imported, or is composed from
 * such a message, may.
 */
import { LineEndCheck } from '../line-ends.ts';

const CR = 0x0d;
const LF = 0x0a;

/**
 * A bare LF becomes CRLF: whoever wrote it meant a line's end, and every reader takes it for one. A bare CR becomes a
 * space: it stands within lines, mostly before CRLF, where a line's end would split a field or end the header.
 */
export async function* withCleanLineEnds(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let heldCr = false;
  for await (const chunk of bytes) {
    if (chunk.length === 0) continue;
    const whole: Uint8Array = heldCr ? Buffer.concat([Buffer.of(CR), chunk]) : chunk;
    heldCr = whole.at(-1) === CR;
    if (heldCr && whole.length === 1) continue;
    yield clean(heldCr ? whole.subarray(0, -1) : whole);
  }
  if (heldCr) yield Buffer.from(' ');
}

function clean(bytes: Uint8Array): Uint8Array {
  const check = new LineEndCheck();
  if (check.clean(bytes) && check.whole) return bytes;
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  return Buffer.from(
    text.replace(/\r\n|[\r\n]/g, (end) => (end === '\r' ? ' ' : '\r\n')),
    'latin1',
  );
}

/** Whether the message's own header has octets above 127; reads no further than its end. */
export async function hasEightBitHeader(bytes: AsyncIterable<Uint8Array>): Promise<boolean> {
  let emptyLine = true;
  for await (const chunk of bytes)
    for (const octet of chunk) {
      if (octet > 0x7f) return true;
      if (octet === LF && emptyLine) return false;
      if (octet === LF) emptyLine = true;
      else if (octet !== CR) emptyLine = false;
    }
  return false;
}

/** The same octets in pieces of about `octets`, each told whether it is the last; one at least, perhaps empty. */
export async function* inChunks(
  bytes: AsyncIterable<Uint8Array>,
  octets: number,
): AsyncGenerator<{ readonly chunk: Buffer; readonly last: boolean }> {
  let waiting: Uint8Array[] = [];
  let waitingOctets = 0;
  for await (const piece of bytes) {
    if (waitingOctets + piece.length > octets && waitingOctets > 0) {
      yield { chunk: Buffer.concat(waiting), last: false };
      waiting = [];
      waitingOctets = 0;
    }
    waiting.push(piece);
    waitingOctets += piece.length;
  }
  yield { chunk: Buffer.concat(waiting), last: true };
}
