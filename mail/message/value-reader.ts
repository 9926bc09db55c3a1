/**
 * Reads IMAP's parenthesized values (RFC 9051 section 9: nstring, list) back, as ENVELOPE and BODYSTRUCTURE are stored.
 * Octets stand as Latin-1 characters. Of a damaged text it reads something, and comes to its end.
 */

const quote = 0x22;
const open = 0x28;
const close = 0x29;
const blank = 0x20;
const brace = 0x7b;

const atom = /[^ ()]*/y;
const literal = /\{(\d{1,10})\}\r\n/y;

export class ValueReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** How far it has read. */
  get place(): number {
    return this.#at;
  }

  /** Whether the next value is a list. */
  get atList(): boolean {
    this.#skipBlanks();
    return this.#text.charCodeAt(this.#at) === open;
  }

  /** Whether there is another value before the list's end. */
  get more(): boolean {
    this.#skipBlanks();
    return this.#at < this.#text.length && this.#text.charCodeAt(this.#at) !== close;
  }

  /** Goes into a list. false where the next value is none: NIL or another one is passed over. */
  enter(): boolean {
    if (this.atList) {
      this.#at += 1;
      return true;
    }
    if (this.more) this.skip();
    return false;
  }

  /** Goes out of the list, past what is left of it. */
  leave(): void {
    while (this.more) this.skip();
    this.#at += 1;
  }

  /** A string; undefined for NIL, and where there is none. An atom is its text. */
  nstring(): string | undefined {
    if (this.atList || !this.more) return undefined;
    const first = this.#text.charCodeAt(this.#at);
    if (first === quote) return this.#quoted();
    if (first === brace) return this.#literal();
    const text = this.#atom();
    return text === 'NIL' ? undefined : text;
  }

  /** Passes over so many values. Lists are counted, not recursed into. */
  skip(count = 1): void {
    for (let left = count; left > 0 && this.more; left -= 1) {
      let depth = 0;
      do {
        if (this.atList) {
          depth += 1;
          this.#at += 1;
        } else if (this.more) this.nstring();
        else {
          depth -= 1;
          this.#at += 1;
        }
      } while (depth > 0 && this.#at < this.#text.length);
    }
  }

  #skipBlanks(): void {
    while (this.#text.charCodeAt(this.#at) === blank) this.#at += 1;
  }

  #quoted(): string {
    const start = this.#at + 1;
    let end = this.#text.indexOf('"', start);
    if (end < 0) end = this.#text.length;
    const plain = this.#text.slice(start, end);
    this.#at = end + 1;
    return plain.includes('\\') ? this.#escaped(start) : plain;
  }

  #escaped(start: number): string {
    let value = '';
    let at = start;
    for (; at < this.#text.length && this.#text.charCodeAt(at) !== quote; at += 1) {
      if (this.#text[at] === '\\') at += 1;
      value += this.#text.charAt(at);
    }
    this.#at = at + 1;
    return value;
  }

  #literal(): string {
    literal.lastIndex = this.#at;
    const match = literal.exec(this.#text);
    if (match === null) return this.#atom();
    const start = this.#at + match[0].length;
    this.#at = start + Number(match[1]);
    return this.#text.slice(start, this.#at);
  }

  /** One character at least, so that reading goes on. */
  #atom(): string {
    atom.lastIndex = this.#at;
    const text = atom.exec(this.#text)?.[0] ?? '';
    this.#at += Math.max(1, text.length);
    return text;
  }
}
