/** Transparency: how a message that may hold any line is sent between CRLF.CRLF (RFC 5321 section 4.5.2). */

const CR = 0x0d;
const LF = 0x0a;
const DOT = 0x2e;
const nothing = Buffer.alloc(0);
const oneCr = Buffer.of(CR);
const oneDot = Buffer.of(DOT);
/** A line's end and a dot that begins the next. */
const dotLine = Buffer.of(CR, LF, DOT);
const nearOctets = 256;
const lastLine = Buffer.of(DOT, CR, LF);
const lineEndAndLastLine = Buffer.of(CR, LF, DOT, CR, LF);

/** What one piece of input gave. */
export interface Unstuffed {
  /** The message's next octets, perhaps none; often a view of the input. */
  readonly data: Buffer;
  /** How many octets of the input belong to the message and its end: all, unless `ended`. */
  readonly consumed: number;
  /** Whether CRLF.CRLF came. The CRLF before the dot is part of the message, the dot and what follows is not. */
  readonly ended: boolean;
}

/**
 * Takes stuffed data apart. Only CRLF.CRLF ends it (or .CRLF at its very start), and only a dot that follows CRLF is
 * taken away: a bare CR or LF is never a line's end, so nothing can be smuggled behind a message. Never throws; any
 * split of the same bytes gives the same message.
 */
export class DotUnstuffer {
  /**
   * Where the input stands: after CRLF, after a dot that followed one, after that dot and CR (the CR not yet given
   * out), within a line, or there after a CR.
   */
  #state: 'lineStart' | 'dot' | 'dotCr' | 'line' | 'cr' = 'lineStart';

  /** The next bytes. After the end it must not be called again. */
  decode(input: Uint8Array): Unstuffed {
    const bytes = Buffer.from(input.buffer, input.byteOffset, input.byteLength);
    const pieces: Buffer[] = [];
    let at = 0;
    while (at < bytes.length) {
      switch (this.#state) {
        case 'lineStart':
          this.#state = bytes[at] === DOT ? 'dot' : 'line';
          if (this.#state === 'dot') at += 1;
          break;
        case 'dot':
          this.#state = bytes[at] === CR ? 'dotCr' : 'line';
          if (this.#state === 'dotCr') at += 1;
          break;
        case 'dotCr':
          if (bytes[at] === LF) return { data: joined(pieces), consumed: at + 1, ended: true };
          // That CR was no line's end but content, and not yet given out.
          pieces.push(oneCr);
          this.#state = 'line';
          break;
        case 'line':
        case 'cr': {
          const end = this.#lines(bytes, at);
          pieces.push(bytes.subarray(at, end));
          at = end;
        }
      }
    }
    return { data: joined(pieces), consumed: bytes.length, ended: false };
  }

  /** Goes on from within a line to the next dot that follows CRLF, or to the end; where that is. */
  #lines(bytes: Buffer, from: number): number {
    let at = from;
    if (this.#state === 'cr') {
      this.#state = 'line';
      if (bytes[at] === LF && this.#atLineStart(bytes, (at += 1))) return at;
    }
    const dot = dotLineAfter(bytes, at);
    if (dot !== -1) {
      this.#state = 'lineStart';
      return dot;
    }
    const last = bytes.length - 1;
    if (bytes[last] === CR) this.#state = 'cr';
    else if (last > at && bytes[last] === LF && bytes[last - 1] === CR) this.#state = 'lineStart';
    return bytes.length;
  }

  /** After CRLF: whether `#lines` must stop here, for a dot or for want of more. */
  #atLineStart(bytes: Buffer, at: number): boolean {
    if (at < bytes.length && bytes[at] !== DOT) return false;
    this.#state = 'lineStart';
    return true;
  }
}

/**
 * Stuffs a message that is read in chunks, for RETR and TOP (RFC 1939 section 3) and for DATA as a client.
 *
 * A dot that begins a line is doubled: after CRLF, and after a bare LF as well. A stored message may hold bare LFs (one
 * that was imported), and many clients end lines at LF alone: for them an undoubled dot there would end the message
 * early, and its rest would be read as replies. A client that ends lines at CRLF only sees one dot more there.
 *
 * A message that does not end with CRLF gets one, because the last line must stand before the dot; an empty message
 * has no line and gets none.
 */
export class DotStuffer {
  /** The last two octets given in; an empty message stands after CRLF. */
  #beforeLast = CR;
  #last = LF;

  /** The chunk as it goes over the wire: the same array when there is nothing to double. */
  encode(chunk: Uint8Array): Uint8Array {
    if (chunk.length === 0) return chunk;
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    const pieces: Buffer[] = [];
    if (this.#last === LF && bytes[0] === DOT) pieces.push(oneDot);
    let from = 0;
    for (let lf = bytes.indexOf('\n.'); lf !== -1; lf = bytes.indexOf('\n.', lf + 2)) {
      pieces.push(bytes.subarray(from, lf + 1), oneDot);
      from = lf + 1;
    }
    this.#beforeLast = bytes.at(-2) ?? this.#last;
    this.#last = bytes.at(-1) ?? this.#last;
    if (pieces.length === 0) return chunk;
    pieces.push(bytes.subarray(from));
    return Buffer.concat(pieces);
  }

  /** What follows the message: its last line's end where that is missing, and the line with the dot. */
  finish(): Uint8Array {
    return this.#beforeLast === CR && this.#last === LF ? lastLine : lineEndAndLastLine;
  }
}

/**
 * Where the next dot stands that follows CRLF; -1: nowhere. Octet by octet at first: a search for each dot wins five
 * times on mail as it is, and loses as much on a message that is nothing but dots, which anyone may send.
 */
function dotLineAfter(bytes: Buffer, from: number): number {
  const near = Math.min(from + nearOctets, bytes.length);
  for (let at = from; at < near; at += 1)
    if (bytes[at] === CR && bytes[at + 1] === LF && bytes[at + 2] === DOT) return at + 2;
  const found = bytes.indexOf(dotLine, near);
  return found === -1 ? -1 : found + 2;
}

function joined(pieces: readonly Buffer[]): Buffer {
  return pieces.length > 1 ? Buffer.concat(pieces) : (pieces[0] ?? nothing);
}
