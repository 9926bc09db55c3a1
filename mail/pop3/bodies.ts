/** The bodies of multi-line replies: lists of lines, a message from its first chunk on, and the top of one. */

/** Lines are joined into chunks of about this. */
const chunkOctets = 8_192;

/** Lines without their CRLF as chunks with it: however many there are, one chunk waits at a time. */
export function* listing(lines: Iterable<string>): Generator<Uint8Array> {
  let chunk = '';
  for (const line of lines) {
    chunk += `${line}\r\n`;
    if (chunk.length < chunkOctets) continue;
    yield Buffer.from(chunk);
    chunk = '';
  }
  if (chunk !== '') yield Buffer.from(chunk);
}

/** Reads the first chunk, so that bytes that cannot be read are known before `+OK`; then goes on as it is asked. */
export async function begun(bytes: AsyncIterable<Uint8Array>): Promise<AsyncIterable<Uint8Array>> {
  const iterator = bytes[Symbol.asyncIterator]();
  const first = await iterator.next();
  return (async function* rest() {
    try {
      for (let next = first; next.done !== true; next = await iterator.next()) yield next.value;
    } finally {
      await iterator.return?.();
    }
  })();
}

const LF = 0x0a;
const CR = 0x0d;

/**
 * TOP (RFC 1939 section 7): the header, the empty line behind it, and `lines` lines of the body; all of the message
 * where it has no more. A bare LF ends a line as CRLF does: an imported message may hold it. Stops reading there.
 */
export async function* top(bytes: AsyncIterable<Uint8Array>, lines: number): AsyncGenerator<Uint8Array> {
  let inHeader = true;
  let left = lines;
  /** Of the line under way: how many octets, and whether they are but one CR. */
  let length = 0;
  let onlyCr = false;
  for await (const chunk of bytes) {
    let at = 0;
    for (let lf = chunk.indexOf(LF); lf !== -1; lf = chunk.indexOf(LF, at)) {
      const octets = length + lf - at;
      const empty = octets === 0 || (octets === 1 && (length === 1 ? onlyCr : chunk[at] === CR));
      if (!inHeader) left -= 1;
      else if (empty) inHeader = false;
      at = lf + 1;
      length = 0;
      if (inHeader || left > 0) continue;
      yield chunk.subarray(0, at);
      return;
    }
    if (at < chunk.length) {
      onlyCr = length === 0 && chunk.length - at === 1 && chunk[at] === CR;
      length += chunk.length - at;
    }
    yield chunk;
  }
}
