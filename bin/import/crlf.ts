/** Line ends of imported messages: files of the local system end their lines in LF, mail in CRLF (RFC 5322 section 2.3). */

const carriageReturn = 0x0d;
const lineFeed = 0x0a;

/** The bytes with each bare LF made CRLF; what has CRLF already is left alone. */
export async function* withCrlf(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let last = 0;
  for await (const chunk of bytes) {
    const converted = convert(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength), last);
    last = chunk.at(-1) ?? last;
    yield converted;
  }
}

function convert(chunk: Buffer, before: number): Buffer {
  let at = chunk.indexOf(lineFeed);
  if (at < 0) return chunk;
  const pieces: Buffer[] = [];
  let from = 0;
  for (; at >= 0; at = chunk.indexOf(lineFeed, at + 1)) {
    if ((at === 0 ? before : chunk[at - 1]) === carriageReturn) continue;
    pieces.push(chunk.subarray(from, at), crlf);
    from = at + 1;
  }
  return pieces.length === 0 ? chunk : Buffer.concat([...pieces, chunk.subarray(from)]);
}

const crlf = Buffer.from('\r\n');

/** The way back, for a Maildir: CRLF made LF; a bare CR or LF is left alone. */
export async function* withLf(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let heldCr = false;
  for await (const chunk of bytes) {
    const text = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength).toString('latin1');
    const joined: string = (heldCr ? '\r' : '') + text;
    heldCr = joined.endsWith('\r');
    yield Buffer.from((heldCr ? joined.slice(0, -1) : joined).replaceAll('\r\n', '\n'), 'latin1');
  }
  if (heldCr) yield Buffer.from('\r');
}
