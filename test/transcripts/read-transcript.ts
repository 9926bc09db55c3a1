/**
 * Transcripts: sessions as text files. The first line is `# ` and the test's name; then, line by line:
 *
 *     # a remark
 *     C: NOOP            the client sends this line and CRLF
 *     C+: NOOP           the same, in one write with the C line that follows: pipelining
 *     C\: a\x00\r\n      the client sends just these octets; the escapes are \r \n \t \\ and \xHH
 *     S: +OK             the server has sent just this line and CRLF
 *     S: /^\+OK \d+$/    a line that the expression matches: for ids and times
 *     S\: caf\xc3\xa9    the server has sent this line and CRLF, with escapes; for a line that begins with a slash too
 *     ! name argument    something else happens: `run-transcript.ts` says what
 *
 * `C2:` and `S2:` are of a second session with the same server, and so on to 9. A backslash begins an escape only
 * where it stands before the colon.
 */

/** What happens: the client's octets, or a directive. */
export type Event =
  | { readonly kind: 'send'; readonly session: number; readonly bytes: Buffer }
  | { readonly kind: 'directive'; readonly name: string; readonly argument: string };

/** A line that the server must send, without CRLF. */
export interface Expected {
  readonly session: number;
  /** In the file, from 1. */
  readonly line: number;
  /** As it is written in the file. */
  readonly written: string;
  readonly matches: (octets: Buffer) => boolean;
}

/** One event, and all that the server says after it: nothing missing and nothing more. */
export interface Step {
  readonly line: number;
  readonly event: Event;
  readonly expected: readonly Expected[];
}

export interface Transcript {
  /** For messages. */
  readonly file: string;
  readonly title: string;
  readonly steps: readonly Step[];
}

/** Throws, with file and line, what is no transcript. */
export function readTranscript(file: string, text: string): Transcript {
  const lines = text.trimEnd().split('\n');
  const title = /^# (.+)$/.exec(lines[0] ?? '')?.[1];
  if (title === undefined) throw new SyntaxError(`${file}:1: the first line must be # and the test's name`);
  const reading = new Reading(file);
  for (const [index, line] of lines.entries()) reading.take(line, index + 1);
  return { file, title, steps: reading.finish() };
}

class Reading {
  readonly #file: string;
  /** Sessions that some line has begun. */
  readonly #begun = new Set<number>();
  readonly #steps: (Step & { readonly expected: Expected[] })[] = [];
  /** What `C+:` has gathered. */
  #group: { readonly session: number; readonly line: number; readonly pieces: Buffer[] } | undefined;

  constructor(file: string) {
    this.#file = file;
  }

  take(text: string, line: number): void {
    if (text === '' || text.startsWith('#')) return;
    const [, name, argument = ''] = /^! ?(\S+)(?: (.*))?$/.exec(text) ?? [];
    if (name !== undefined) {
      if (this.#group !== undefined) throw this.#refuse(line, 'C+ must be followed by C of the same session');
      this.#steps.push({ line, event: { kind: 'directive', name, argument }, expected: [] });
      if (name === 'connect')
        this.#begun.add(Number(argument.split(' ').find((word) => /^[1-9]$/.test(word)) ?? '1'));
      return;
    }
    const match = /^([CS])([1-9])?(\+|\\)?:(?: (.*))?$/.exec(text);
    if (match === null) throw this.#refuse(line, `not a line of a transcript: ${text}`);
    const [, side, number = '1', mark, rest = ''] = match;
    const spoken = { session: Number(number), line, mark, text: rest };
    if (side === 'C') this.#client(spoken);
    else this.#server(spoken, text);
  }

  finish(): readonly Step[] {
    if (this.#group !== undefined) throw this.#refuse(this.#group.line, 'nothing follows C+');
    return this.#steps;
  }

  #begin(session: number, line: number): void {
    const event: Event = { kind: 'directive', name: 'connect', argument: String(session) };
    this.#steps.push({ line, event, expected: [] });
    this.#begun.add(session);
  }

  #client({ session, line, mark, text }: Spoken): void {
    const bytes = mark === '\\' ? this.#unescape(text, line) : Buffer.from(`${text}\r\n`);
    this.#begun.add(session);
    const group = this.#group ?? { session, line, pieces: [] };
    if (group.session !== session) throw this.#refuse(line, 'C+ must be followed by C of the same session');
    group.pieces.push(bytes);
    this.#group = mark === '+' ? group : undefined;
    if (mark === '+') return;
    const event: Event = { kind: 'send', session, bytes: Buffer.concat(group.pieces) };
    this.#steps.push({ line: group.line, event, expected: [] });
  }

  #server({ session, line, mark, text }: Spoken, written: string): void {
    if (this.#group !== undefined || mark === '+') throw this.#refuse(line, 'C+ must be followed by C');
    // A greeting follows nothing: a session begins by itself where a transcript does not say how.
    if (!this.#begun.has(session)) this.#begin(session, line);
    this.#steps.at(-1)?.expected.push({ session, line, written, matches: this.#matcher(text, mark, line) });
  }

  #matcher(text: string, mark: string | undefined, line: number): (octets: Buffer) => boolean {
    const pattern = mark === undefined ? /^\/(.*)\/$/.exec(text)?.[1] : undefined;
    if (pattern !== undefined) {
      const expression = new RegExp(pattern, 'u');
      return (octets) => expression.test(octets.toString());
    }
    const octets = mark === '\\' ? this.#unescape(text, line) : Buffer.from(text);
    return (said) => said.equals(octets);
  }

  #unescape(text: string, line: number): Buffer {
    try {
      return unescape(text);
    } catch (error) {
      throw this.#refuse(line, error instanceof Error ? error.message : String(error));
    }
  }

  #refuse(line: number, why: string): SyntaxError {
    return new SyntaxError(`${this.#file}:${line}: ${why}`);
  }
}

interface Spoken {
  readonly session: number;
  readonly line: number;
  readonly mark: string | undefined;
  readonly text: string;
}

const escapes: Readonly<Record<string, number>> = { '\\r': 13, '\\n': 10, '\\t': 9, '\\\\': 92 };

/** The octets that a text with escapes writes; throws where one is none. */
export function unescape(text: string): Buffer {
  const pieces = text.split(/(\\(?:x[0-9a-f]{2}|.|$))/i).map((piece) => {
    if (!piece.startsWith('\\')) return Buffer.from(piece);
    const octet = escapes[piece] ?? (/^\\x../i.test(piece) ? Number.parseInt(piece.slice(2), 16) : undefined);
    if (octet === undefined) throw new SyntaxError(`no such escape: ${piece}`);
    return Buffer.of(octet);
  });
  return Buffer.concat(pieces);
}
