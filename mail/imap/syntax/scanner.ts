/**
 * Reads a command's arguments by the productions of RFC 3501 section 9. A production answers undefined where the text is
 * none of it; the first such failure stays, and all that is asked after it fails too. So a command reads all of its
 * arguments, and looks once at the end. Nothing is thrown. Octets stand as Latin-1 characters.
 */
import type { CommandText } from './command-text.ts';

const atomPattern = /[^\x00-\x20\x7f-\xff(){%*"\\\]]+/y;
const astringPattern = /[^\x00-\x20\x7f-\xff(){%*"\\]+/y;
const listMailboxPattern = /[^\x00-\x20\x7f-\xff(){"\\]+/y;
const quotedPattern = /"((?:[^\x00\r\n"\\]|\\["\\])*)"/y;
const numberPattern = /0*([0-9]{1,19})/y;
const wordPattern = /[A-Za-z0-9][A-Za-z0-9.-]*/y;

/** RFC 3501 section 9: 32 bits; RFC 7162 section 7: 63 bits. */
const maxNumber = 2 ** 32 - 1;
const maxModSequence = 2n ** 63n - 1n;

export class Scanner {
  readonly #command: CommandText;
  #piece = 0;
  #at: number;
  #failure: string | undefined;

  /** Reads from octet `from` of the first text on: behind the tag and the command's name. */
  constructor(command: CommandText, from = 0) {
    this.#command = command;
    this.#at = from;
  }

  /** What was expected and not there, once something was not. */
  get failure(): string | undefined {
    return this.#failure;
  }

  /** Whether all was read; also where the text ends for a literal that is announced and has not come. */
  get atEnd(): boolean {
    return this.#at === this.#text.length && this.#piece === this.#command.texts.length - 1;
  }

  /** Notes what was expected; always undefined, to be answered at once. */
  fail(expected: string): undefined {
    this.#failure ??= `expected ${expected}`;
    return undefined;
  }

  /** Another refusal than by what was expected: over a limit … */
  refuse(why: string): undefined {
    this.#failure ??= why;
    return undefined;
  }

  /** Nothing may follow. Whether all was read, and well. */
  end(): boolean {
    if (!this.atEnd) this.fail('the end of the command');
    return this.#failure === undefined;
  }

  /** Whether `token` comes next, in any case; nothing is taken. */
  looksAt(token: string): boolean {
    if (this.#failure !== undefined) return false;
    const next = this.#text.slice(this.#at, this.#at + token.length);
    return next.toUpperCase() === token.toUpperCase();
  }

  /** Takes `token` where it comes next, in any case. */
  accept(token: string): boolean {
    if (!this.looksAt(token)) return false;
    this.#at += token.length;
    return true;
  }

  /** Takes `token`, or fails. */
  expect(token: string, what = `"${token}"`): boolean {
    if (this.accept(token)) return true;
    this.fail(what);
    return false;
  }

  /** SP. */
  space(): boolean {
    return this.expect(' ', 'a space');
  }

  /** Takes what a sticky expression matches: its first group, else all of it. */
  take(pattern: RegExp, what: string): string | undefined {
    return this.#match(pattern) ?? this.fail(what);
  }

  atom(what = 'an atom'): string | undefined {
    return this.take(atomPattern, what);
  }

  /** A name of the protocol (`BODY.PEEK`, `CHANGEDSINCE`), in upper case. */
  word(what = 'a word'): string | undefined {
    return this.take(wordPattern, what)?.toUpperCase();
  }

  /** string: quoted, or a literal. */
  string(what = 'a string'): string | undefined {
    return this.#optionalString() ?? this.fail(what);
  }

  /** nstring: null for NIL. */
  nstring(what = 'a string or NIL'): string | null | undefined {
    const string = this.#optionalString();
    if (string !== undefined) return string;
    return this.accept('NIL') ? null : this.fail(what);
  }

  astring(what = 'an astring'): string | undefined {
    return this.#match(astringPattern) ?? this.#optionalString() ?? this.fail(what);
  }

  /** list-mailbox: as astring, with the wildcards `%` and `*`. */
  listMailbox(what = 'a mailbox pattern'): string | undefined {
    return this.#match(listMailboxPattern) ?? this.#optionalString() ?? this.fail(what);
  }

  /** number: 0 to 2^32 - 1. */
  number(what = 'a number'): number | undefined {
    const digits = this.take(numberPattern, what);
    if (digits === undefined) return undefined;
    const number = Number(digits);
    return number <= maxNumber ? number : this.fail(what);
  }

  /** nz-number: 1 to 2^32 - 1. */
  nzNumber(what = 'a number from 1'): number | undefined {
    const number = this.number(what);
    return number === 0 ? this.fail(what) : number;
  }

  /** mod-sequence-valzer: 0 to 2^63 - 1; the largest safe integer stands for what is above it, as no store reaches it. */
  modSequence(what = 'a mod-sequence'): number | undefined {
    const digits = this.take(numberPattern, what);
    if (digits === undefined) return undefined;
    if (BigInt(digits) > maxModSequence) return this.fail(what);
    return Math.min(Number(digits), Number.MAX_SAFE_INTEGER);
  }

  /** `(` item SP item … `)`, with one item at least unless `empty`. */
  list<Item>(
    item: () => Item | undefined,
    {
      empty = false,
      what = 'a list in parentheses',
    }: { readonly empty?: boolean; readonly what?: string } = {},
  ): readonly Item[] | undefined {
    if (!this.expect('(', what)) return undefined;
    if (empty && this.accept(')')) return [];
    const items: Item[] = [];
    do {
      const next = item();
      if (next === undefined) return this.fail(what);
      items.push(next);
    } while (this.accept(' '));
    return this.expect(')', '")"') ? items : undefined;
  }

  /** The place of a literal that the command has taken as it came. */
  streamedLiteral(what = 'a literal'): true | undefined {
    if (!this.#atLiteral() || this.#command.literals[this.#piece] !== undefined) return this.fail(what);
    this.#piece += 1;
    this.#at = 0;
    return true;
  }

  get #text(): string {
    return this.#command.texts[this.#piece] ?? '';
  }

  #atLiteral(): boolean {
    if (this.#failure !== undefined || this.#at !== this.#text.length) return false;
    return this.#piece < this.#command.literals.length;
  }

  #match(pattern: RegExp): string | undefined {
    if (this.#failure !== undefined) return undefined;
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text);
    if (match === null) return undefined;
    this.#at += match[0].length;
    return match[1] ?? match[0];
  }

  #optionalString(): string | undefined {
    const quoted = this.#match(quotedPattern);
    if (quoted !== undefined) return quoted.replace(/\\(.)/g, '$1');
    const octets = this.#atLiteral() ? this.#command.literals[this.#piece] : undefined;
    if (octets === undefined) return undefined;
    this.#piece += 1;
    this.#at = 0;
    return Buffer.from(octets.buffer, octets.byteOffset, octets.length).toString('latin1');
  }
}
