/**
 * Bytes in, lines out, under a limit: what SMTP, POP3 and IMAP engines read commands with. Between two lines an
 * engine may take raw octets instead (BDAT chunks, IMAP literals, dot-stuffed data).
 */
import { ChunkBuffer } from './chunk-buffer.ts';

/**
 * How lines end. `crlf`: with CRLF only, and any other CR or LF is reported (RFC 5321 section 2.3.8, 4.1.1.4).
 * `lf`: a bare LF ends a line too, and a bare CR is an octet like others (what POP3 and IMAP servers put up with).
 */
export type LineEnd = 'crlf' | 'lf';

/**
 * - `line`: a line without its end.
 * - `tooLong`: the line has more octets than the limit.
 * - `bareCrOrLf`: the line has a CR or LF that is not part of CRLF; only where lines end with `crlf`.
 *
 * The last two are told as soon as they are seen, once for a line; the rest of it, up to its end, is dropped, so that
 * bytes of a refused line never become commands.
 */
export type LineRead =
  | { readonly kind: 'line'; readonly line: Buffer }
  | { readonly kind: 'tooLong' }
  | { readonly kind: 'bareCrOrLf' };

export interface LineReaderOptions {
  /** The most octets of a line, its end included as RFC 5321 section 4.5.3.1.4 and RFC 2449 section 4 count them. */
  readonly maxOctets: number;
  readonly lineEnd: LineEnd;
}

const CR = 0x0d;
const LF = 0x0a;

/** Never throws, whatever comes; any split of the same bytes gives the same lines. */
export class LineReader {
  readonly #lineEnd: LineEnd;
  readonly #buffer = new ChunkBuffer();
  #maxOctets: number;
  /** Octets at the front in which no line end begins. */
  #scanned = 0;
  #dropping = false;

  constructor({ maxOctets, lineEnd }: LineReaderOptions) {
    this.#maxOctets = maxOctets;
    this.#lineEnd = lineEnd;
  }

  /** Octets that came and are not read. */
  get buffered(): number {
    return this.#buffer.length;
  }

  /** The limit from the next line on: AUTH responses may be longer than commands (RFC 4954 section 4). */
  setMaxOctets(octets: number): void {
    this.#maxOctets = octets;
  }

  /** The next bytes; the array is the reader's to keep. */
  push(bytes: Uint8Array): void {
    this.#buffer.push(bytes);
  }

  /** The next line, or undefined when more bytes are needed. */
  read(): LineRead | undefined {
    if (this.#dropping && !this.#drop()) return undefined;
    return this.#lineEnd === 'crlf' ? this.#readStrict() : this.#readTolerant();
  }

  /** Takes up to `octets` raw octets: what there is, perhaps none. The rest of a refused line is dropped first. */
  take(octets: number): Buffer {
    if (this.#dropping && !this.#drop()) return Buffer.alloc(0);
    this.#scanned = 0;
    return this.#buffer.take(octets);
  }

  /** All that waits, without taking it: for a decoder that says how much of it was its own, and then `take`. */
  peek(): Buffer {
    if (this.#dropping && !this.#drop()) return Buffer.alloc(0);
    return this.#buffer.peek();
  }

  /** Forgets what came: before a TLS handshake (RFC 3207 section 4.2). */
  clear(): void {
    this.#buffer.clear();
    this.#scanned = 0;
    this.#dropping = false;
  }

  #readTolerant(): LineRead | undefined {
    const bytes = this.#buffer.peek();
    const end = bytes.indexOf(LF, this.#scanned);
    if (end === -1 || end >= this.#maxOctets) return this.#unfinished(bytes.length);
    const line = bytes.subarray(0, end > 0 && bytes[end - 1] === CR ? end - 1 : end);
    this.#skip(end + 1);
    return { kind: 'line', line };
  }

  #readStrict(): LineRead | undefined {
    const bytes = this.#buffer.peek();
    // The first CR and the first LF must be neighbours, wherever they are.
    const lf = bytes.indexOf(LF, this.#scanned);
    const before = lf === -1 ? bytes.subarray(this.#scanned) : bytes.subarray(this.#scanned, lf);
    const at = before.indexOf(CR);
    const cr = at === -1 ? -1 : this.#scanned + at;
    const first = cr === -1 ? lf : cr;
    // A CR may be the last octet that came, so it is looked at again with the one that follows.
    if (first === -1 || first >= this.#maxOctets - 1) {
      if (first !== -1 && first === lf && first < this.#maxOctets) return this.#refuse('bareCrOrLf');
      return this.#unfinished(cr === -1 ? bytes.length : cr);
    }
    if (first === cr && cr + 1 === bytes.length) return this.#unfinished(cr);
    if (first !== cr || lf !== cr + 1) return this.#refuse('bareCrOrLf');
    this.#skip(lf + 1);
    return { kind: 'line', line: bytes.subarray(0, cr) };
  }

  /** No line end among the octets up to `scanned`. */
  #unfinished(scanned: number): LineRead | undefined {
    if (this.#buffer.length >= this.#maxOctets) return this.#refuse('tooLong');
    this.#scanned = scanned;
    return undefined;
  }

  #refuse(kind: 'tooLong' | 'bareCrOrLf'): LineRead {
    this.#dropping = true;
    this.#scanned = 0;
    return { kind };
  }

  /** Drops up to the end of the refused line; whether that end has come. */
  #drop(): boolean {
    const bytes = this.#buffer.peek();
    const end = this.#lineEnd === 'crlf' ? bytes.indexOf('\r\n') + 1 : bytes.indexOf(LF);
    const found = this.#lineEnd === 'crlf' ? end > 0 : end !== -1;
    if (found) {
      this.#dropping = false;
      this.#skip(end + 1);
      return true;
    }
    // A CR at the end may be the first half of the line end.
    const keep = this.#lineEnd === 'crlf' && bytes.at(-1) === CR ? 1 : 0;
    this.#buffer.skip(bytes.length - keep);
    return false;
  }

  #skip(octets: number): void {
    this.#buffer.skip(octets);
    this.#scanned = 0;
  }
}
