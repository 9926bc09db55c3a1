/**
 * IMAP's BODY, made of its BODYSTRUCTURE: the same without extension data (RFC 9051 section 7.5.2), so that only one of
 * them has to be stored.
 */

const quote = 0x22;
const backslash = 0x5c;
const open = 0x28;
const close = 0x29;
const brace = 0x7b;
const blank = 0x20;
const lf = 0x0a;

/** The BODY form of a BODYSTRUCTURE that `MessageScanner` made. */
export function bodyOf(bodyStructure: Uint8Array): Uint8Array {
  const reader = new StructureReader(bodyStructure);
  reader.body();
  return Buffer.concat(reader.kept);
}

/** Reads the structure once and keeps the ranges that BODY has too. Its depth is bounded as the structure's is. */
class StructureReader {
  readonly kept: Uint8Array[] = [];
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** body = "(" (body-type-1part / body-type-mpart) ")" */
  body(): void {
    this.#keep(() => this.#step());
    if (this.#bytes[this.#at] === open) {
      while (this.#bytes[this.#at] === open) this.body();
      this.#keep(() => this.#skipValues(1));
    } else this.#onePart();
    this.#skipToClose();
    this.#keep(() => this.#step());
  }

  /** The seven basic fields, and what text and messages have beside them. */
  #onePart(): void {
    const start = this.#at;
    this.#keep(() => this.#skipValues(2));
    const [, type, , subtype] = Buffer.from(this.#bytes.subarray(start, this.#at))
      .toString('latin1')
      .split('"');
    this.#keep(() => this.#skipValues(5));
    const message = type === 'MESSAGE' && (subtype === 'RFC822' || subtype === 'GLOBAL');
    if (message) {
      this.#keep(() => this.#skipValues(1));
      this.#keep(() => this.#step());
      this.body();
    }
    if (message || type === 'TEXT') this.#keep(() => this.#skipValues(1));
  }

  #keep(read: () => void): void {
    const start = this.#at;
    read();
    this.kept.push(this.#bytes.subarray(start, this.#at));
  }

  #step(): void {
    this.#at += 1;
  }

  /** So many values, with the spaces before them. */
  #skipValues(count: number): void {
    for (let index = 0; index < count; index += 1) {
      if (this.#bytes[this.#at] === blank) this.#step();
      this.#skipValue();
    }
  }

  #skipToClose(): void {
    while (this.#at < this.#bytes.length && this.#bytes[this.#at] !== close) this.#skipValues(1);
  }

  /** A list, string, literal, number or NIL; lists are counted, not recursed into. */
  #skipValue(): void {
    let depth = 0;
    do {
      const octet = this.#bytes[this.#at];
      if (octet === quote) this.#skipQuoted();
      else if (octet === brace) this.#skipLiteral();
      else if (octet === open || octet === close) {
        depth += octet === open ? 1 : -1;
        this.#step();
      } else if (octet === blank) this.#step();
      else this.#skipAtom();
    } while (depth > 0 && this.#at < this.#bytes.length);
  }

  #skipQuoted(): void {
    for (this.#step(); this.#at < this.#bytes.length && this.#bytes[this.#at] !== quote; this.#step())
      if (this.#bytes[this.#at] === backslash) this.#step();
    this.#step();
  }

  #skipLiteral(): void {
    const lineEnd = this.#bytes.indexOf(lf, this.#at);
    const head = Buffer.from(this.#bytes.subarray(this.#at + 1, lineEnd)).toString('latin1');
    this.#at = lineEnd + 1 + Number.parseInt(head, 10);
  }

  #skipAtom(): void {
    const start = this.#at;
    while (this.#at < this.#bytes.length && !isDelimiter(this.#bytes[this.#at])) this.#step();
    if (this.#at === start) this.#step();
  }
}

const isDelimiter = (octet: number | undefined) => octet === blank || octet === open || octet === close;
