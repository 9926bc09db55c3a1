/** Content-Transfer-Encoding put on (RFC 2045 section 6) as the octets come, or mended where a body breaks its own. */

export interface TransferEncoder {
  /** What can be written by now. */
  write(bytes: Uint8Array): Uint8Array;
  /** The last of it. */
  end(): Uint8Array;
}

/** RFC 2045 sections 6.7 (5) and 6.8. */
const maxLineCharacters = 76;
/** RFC 5321 section 4.5.3.1.6 allows 998; the rest is for what a line still gets. */
const maxMendedCharacters = 990;

const tab = 0x09;
const lf = 0x0a;
const cr = 0x0d;
const space = 0x20;
const dash = 0x2d;
const dot = 0x2e;
const equals = 0x3d;
const tilde = 0x7e;

/** Quoted-printable (section 6.7). CRLF stays a line end; CR or LF alone is an octet like others. */
export class QuotedPrintableEncoder implements TransferEncoder {
  readonly #lines = new EncodedLines(maxLineCharacters);
  /** A blank or CR: what it becomes depends on what follows. */
  #held: number | undefined;

  write(bytes: Uint8Array): Uint8Array {
    this.#lines.begin(bytes.length);
    for (const octet of bytes) {
      const lineEnds = this.#held === cr && octet === lf;
      if (lineEnds) this.#lines.lineEnd();
      // Blanks at a line's end are taken off on the way (section 6.7 (3)).
      else if (this.#held !== undefined) this.#put(this.#held, this.#held === cr || octet === cr);
      const mayEndLine = octet === cr || octet === space || octet === tab;
      this.#held = mayEndLine ? octet : undefined;
      if (!mayEndLine && !lineEnds) this.#put(octet, octet < space || octet > tilde || octet === equals);
    }
    return this.#lines.written;
  }

  end(): Uint8Array {
    this.#lines.begin(0);
    if (this.#held !== undefined) this.#put(this.#held, true);
    this.#held = undefined;
    return this.#lines.written;
  }

  #put(octet: number, escaped: boolean): void {
    this.#lines.breakBefore(escaped ? 3 : 1);
    if (escaped) this.#lines.escaped(octet);
    else this.#lines.literal(octet);
  }
}

/**
 * For a body that is quoted-printable by its label and has octets above 127, or lines that are too long: those octets
 * are encoded, and lines broken where that decodes to nothing. All else stays as it is.
 */
export class QuotedPrintableMender implements TransferEncoder {
  readonly #lines = new EncodedLines(maxMendedCharacters);
  /** Octets since the last `=`, whose two belong to it. */
  #sinceEquals = 2;

  write(bytes: Uint8Array): Uint8Array {
    this.#lines.begin(bytes.length);
    for (const octet of bytes) {
      if (this.#sinceEquals >= 2 && octet !== cr && octet !== lf) this.#lines.breakBefore(3);
      if (octet > 0x7f) this.#lines.escaped(octet);
      else this.#lines.literal(octet);
      this.#sinceEquals = octet === equals ? 0 : octet === lf ? 2 : this.#sinceEquals + 1;
    }
    return this.#lines.written;
  }

  end(): Uint8Array {
    return new Uint8Array(0);
  }
}

const hexDigits = Buffer.from('0123456789ABCDEF');

/** Lines of quoted-printable as they grow. */
class EncodedLines {
  readonly #maxCharacters: number;
  #bytes = Buffer.alloc(0);
  #length = 0;
  /** Characters of the line so far. */
  #column = 0;

  constructor(maxCharacters: number) {
    this.#maxCharacters = maxCharacters;
  }

  /** Makes room for what so many octets can become: three characters each, soft line ends, and what was held. */
  begin(octets: number): void {
    this.#bytes = Buffer.allocUnsafe(octets * 4 + 16);
    this.#length = 0;
  }

  get written(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  /** A line end that decodes to nothing, where so many characters and its own `=` have no room. */
  breakBefore(characters: number): void {
    if (this.#column + characters < this.#maxCharacters) return;
    this.#put(equals);
    this.lineEnd();
  }

  lineEnd(): void {
    this.#put(cr);
    this.#put(lf);
  }

  /**
   * The octet itself; but where a line begins no dash, so that no line can be taken for a boundary that it was not, and
   * no dot, which bad servers take for the end (RFC 2049 section 3).
   */
  literal(octet: number): void {
    if (this.#column === 0 && (octet === dash || octet === dot)) this.escaped(octet);
    else this.#put(octet);
  }

  escaped(octet: number): void {
    this.#put(equals);
    this.#put(hexDigits[octet >> 4] ?? 0);
    this.#put(hexDigits[octet & 15] ?? 0);
  }

  #put(octet: number): void {
    this.#bytes[this.#length] = octet;
    this.#length += 1;
    this.#column = octet === lf ? 0 : this.#column + 1;
  }
}

/** Base64 (section 6.8), without a line end after the last line. */
export class Base64Encoder implements TransferEncoder {
  readonly #lines = new WrappedLines();
  /** Fewer than the three octets that four characters write. */
  #held: Uint8Array = new Uint8Array(0);

  write(bytes: Uint8Array): Uint8Array {
    const octets = Buffer.concat([this.#held, bytes]);
    const whole = octets.length - (octets.length % 3);
    this.#held = octets.subarray(whole);
    return this.#lines.wrap(octets.toString('base64', 0, whole));
  }

  end(): Uint8Array {
    const text = Buffer.from(this.#held).toString('base64');
    this.#held = new Uint8Array(0);
    return this.#lines.wrap(text);
  }
}

/** For a body that is base64 by its label and has anything else in it, or lines that are too long. */
export class Base64Mender implements TransferEncoder {
  readonly #lines = new WrappedLines();

  write(bytes: Uint8Array): Uint8Array {
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
    // Section 6.8: what is not of the alphabet is passed over by who decodes it.
    return this.#lines.wrap(text.replace(/[^A-Za-z0-9+/=]+/g, ''));
  }

  end(): Uint8Array {
    return new Uint8Array(0);
  }
}

/** Lines of 76 characters, with CRLF between them. */
class WrappedLines {
  #column = 0;

  wrap(text: string): Uint8Array {
    const pieces: string[] = [];
    for (let at = 0; at < text.length;) {
      if (this.#column === maxLineCharacters) {
        pieces.push('\r\n');
        this.#column = 0;
      }
      const line = text.slice(at, at + maxLineCharacters - this.#column);
      pieces.push(line);
      this.#column += line.length;
      at += line.length;
    }
    return Buffer.from(pieces.join(''), 'latin1');
  }
}
