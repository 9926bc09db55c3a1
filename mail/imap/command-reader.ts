/**
 * Octets in, commands out: lines, and the literals that they announce (RFC 3501 section 4.3, RFC 7888). Whether a
 * literal is gathered, taken as it comes, or dropped is decided by who reads.
 */
import { LineReader } from '../wire/line-reader.ts';
import type { CommandText } from './syntax/command-text.ts';

/**
 * - `line`: a line that is no command, where `readLine` asked for one.
 * - `literal`: one is announced; nothing is read before `gather`, `stream`, `drop` or `abandon`.
 * - `octets`: the next octets of a literal that streams.
 * - `command`: it is whole, and in `text` until the next `read`.
 * - `tooLong`: a line is over its limit. Its end is dropped, and with it perhaps the announcement of a literal: what
 *   follows must not be read.
 */
export type CommandRead =
  | { readonly kind: 'literal'; readonly octets: number; readonly synchronizing: boolean }
  | { readonly kind: 'octets'; readonly bytes: Buffer }
  | { readonly kind: 'command' }
  | { readonly kind: 'tooLong' };

export type LineOnly = { readonly kind: 'line'; readonly line: Buffer } | { readonly kind: 'tooLong' };

const announcement = /\{([0-9]{1,20})(\+?)\}$/;

/** Never throws, whatever comes; any split of the same bytes reads the same. */
export class CommandReader {
  readonly #lines: LineReader;
  #texts: string[] = [];
  #literals: (Uint8Array | undefined)[] = [];
  #gathered = 0;
  #mode: 'line' | 'announced' | 'gather' | 'stream' | 'drop' = 'line';
  /** Octets of the literal that have not come. */
  #left = 0;
  #pieces: Buffer[] = [];
  /** The command is whole: what is read next begins another. */
  #over = false;
  /** The command is refused already: nothing of it is kept. */
  #refused = false;

  constructor(maxLineBytes: number) {
    this.#lines = new LineReader({ maxOctets: maxLineBytes, lineEnd: 'lf' });
  }

  push(bytes: Uint8Array): void {
    this.#lines.push(bytes);
  }

  /** Forgets what came: before a TLS handshake. */
  clear(): void {
    this.#lines.clear();
    this.#begin();
  }

  /** What came of the command: whole after `command`, up to the literal after `literal`. */
  get text(): CommandText {
    return { texts: this.#texts, literals: this.#literals };
  }

  /** Octets of the command so far, its gathered literals among them. */
  get commandBytes(): number {
    return this.#gathered;
  }

  /** A line by itself: of AUTHENTICATE, or DONE. */
  readLine(): LineOnly | undefined {
    const read = this.#lines.read();
    if (read === undefined) return undefined;
    return read.kind === 'line' ? read : { kind: 'tooLong' };
  }

  read(): CommandRead | undefined {
    for (;;) {
      switch (this.#mode) {
        case 'announced':
          return undefined;
        case 'gather':
        case 'stream':
        case 'drop': {
          const octets = this.#lines.take(this.#left);
          this.#left -= octets.length;
          const mode = this.#mode;
          if (this.#left === 0) this.#endLiteral(octets);
          else if (octets.length === 0) return undefined;
          else if (mode === 'gather') this.#pieces.push(Buffer.from(octets));
          if (mode === 'stream' && octets.length > 0) return { kind: 'octets', bytes: octets };
          break;
        }
        case 'line':
          return this.#readText();
        default:
          return this.#mode satisfies never;
      }
    }
  }

  /** The literal belongs to the command's text. */
  gather(): void {
    this.#gathered += this.#left;
    this.#mode = 'gather';
  }

  /** The literal is read in `octets`. */
  stream(): void {
    this.#mode = 'stream';
  }

  /** The command is refused: what is left of the literal is dropped, and nothing of the command kept. */
  drop(): void {
    this.#refused = true;
    this.#texts = [];
    this.#literals = [];
    this.#pieces = [];
    this.#mode = 'drop';
  }

  /** The command was answered before its literal: none of it will come. */
  abandon(): void {
    this.#begin();
  }

  #readText(): CommandRead | undefined {
    if (this.#over) this.#begin();
    const read = this.#lines.read();
    if (read === undefined) return undefined;
    if (read.kind !== 'line') return { kind: 'tooLong' };
    this.#gathered += read.line.length;
    const text = read.line.toString('latin1');
    const match = announcement.exec(text);
    if (!this.#refused) this.#texts.push(match === null ? text : text.slice(0, match.index));
    if (match === null) {
      this.#over = true;
      return { kind: 'command' };
    }
    this.#left = Number(match[1]);
    this.#mode = 'announced';
    return { kind: 'literal', octets: this.#left, synchronizing: match[2] === '' };
  }

  #endLiteral(last: Buffer): void {
    if (this.#mode === 'gather') this.#literals.push(Buffer.concat([...this.#pieces, last]));
    else if (!this.#refused) this.#literals.push(undefined);
    this.#pieces = [];
    this.#mode = 'line';
  }

  #begin(): void {
    this.#texts = [];
    this.#literals = [];
    this.#pieces = [];
    this.#gathered = 0;
    this.#left = 0;
    this.#mode = 'line';
    this.#over = false;
    this.#refused = false;
  }
}
