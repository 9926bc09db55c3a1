/**
 * Content-Transfer-Encoding undone (RFC 2045 section 6), as the octets come. Any octets decode to something: what is not
 * of the encoding is passed over in base64, and stays as it is in quoted-printable.
 */

export interface TransferDecoder {
  /** The octets that are whole by now. */
  write(bytes: Uint8Array): Uint8Array;
  /** The last of them. */
  end(): Uint8Array;
}

/** `encoding` in upper case; of one that is not known, as of 7BIT, 8BIT and BINARY, the octets stay as they are. */
export function transferDecoder(encoding: string): TransferDecoder {
  switch (encoding) {
    case 'BASE64':
      return new Base64Decoder();
    case 'QUOTED-PRINTABLE':
      return new QuotedPrintableDecoder();
    default:
      return { write: (bytes) => bytes, end: () => new Uint8Array(0) };
  }
}

/** The same for octets that are at hand. */
export function decodeTransfer(bytes: Uint8Array, encoding: string): Uint8Array {
  const decoder = transferDecoder(encoding);
  return Buffer.concat([decoder.write(bytes), decoder.end()]);
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
}

class Base64Decoder implements TransferDecoder {
  /** Fewer characters than the four that three octets are written in. */
  #held = '';

  write(bytes: Uint8Array): Uint8Array {
    // Padding ends a text; behind it another one may begin, where two were joined.
    const texts = (this.#held + latin1(bytes).replace(/[^A-Za-z0-9+/=]+/g, '')).split(/=+/);
    const last = texts.pop() ?? '';
    const whole = last.length - (last.length % 4);
    this.#held = last.slice(whole);
    return Buffer.concat([...texts, last.slice(0, whole)].map((text) => Buffer.from(text, 'base64')));
  }

  end(): Uint8Array {
    const held = this.#held;
    this.#held = '';
    return Buffer.from(held, 'base64');
  }
}

/** An octet, or a line end that is none (section 6.7); blanks may have been put before it on the way. */
const escape = /=(?:([0-9A-Fa-f]{2})|[ \t]{0,76}\r?\n)/g;
/** The beginning of one, at the end of what has come. */
const begunEscape = /^=(?:[0-9A-Fa-f]?|[ \t]{0,76}\r?)$/;

class QuotedPrintableDecoder implements TransferDecoder {
  #held = '';

  write(bytes: Uint8Array): Uint8Array {
    const text = this.#held + latin1(bytes);
    const last = text.lastIndexOf('=');
    const end = last >= 0 && begunEscape.test(text.slice(last)) ? last : text.length;
    this.#held = text.slice(end);
    return decodeQuotedPrintable(text.slice(0, end));
  }

  end(): Uint8Array {
    const held = this.#held;
    this.#held = '';
    return decodeQuotedPrintable(held);
  }
}

function decodeQuotedPrintable(text: string): Uint8Array {
  return Buffer.from(text.replace(escape, unescaped), 'latin1');
}

function unescaped(_: string, code: string | undefined): string {
  return code === undefined ? '' : String.fromCharCode(Number.parseInt(code, 16));
}
