/** A strict reader of all that an IMAP server says (RFC 3501 sections 7 and 9, RFC 7162 section 7): for tests. */
import assert from 'node:assert/strict';

/** A string that was quoted or a literal; octets as Latin-1 characters. */
export interface Octets {
  readonly octets: string;
}

/** An atom or a number as it is written, a string, NIL, or a list. */
export type Value = string | Octets | null | readonly Value[];

export type Response =
  | {
      readonly kind: 'tagged';
      readonly tag: string;
      readonly status: 'OK' | 'NO' | 'BAD';
      readonly code: string | undefined;
      readonly text: string;
    }
  | {
      readonly kind: 'status';
      readonly status: 'OK' | 'NO' | 'BAD' | 'BYE';
      readonly code: string | undefined;
      readonly text: string;
    }
  | { readonly kind: 'continue'; readonly text: string }
  | { readonly kind: 'count'; readonly name: 'EXISTS' | 'RECENT' | 'EXPUNGE'; readonly number: number }
  | { readonly kind: 'fetch'; readonly number: number; readonly items: ReadonlyMap<string, Value> }
  | { readonly kind: 'data'; readonly name: string; readonly values: readonly Value[] };

/** The responses that `bytes` are, whole to the last octet; throws where they are none. */
export function readResponses(bytes: Uint8Array): readonly Response[] {
  const reader = new Reader(Buffer.from(bytes).toString('latin1'));
  const responses: Response[] = [];
  while (!reader.atEnd) responses.push(reader.response());
  return responses;
}

/** Flags in a FETCH response, or in FLAGS. */
export function flagsIn(value: Value | undefined): readonly string[] {
  assert.ok(Array.isArray(value), 'flags are a list');
  const flags = value.map((flag: Value) => {
    assert.ok(typeof flag === 'string');
    return flag;
  });
  const folded = new Set(flags.map((flag) => flag.toLowerCase()));
  assert.equal(folded.size, flags.length, `a flag twice: ${flags.join(' ')}`);
  return flags;
}

const maxNumber = 2 ** 32 - 1;
/** `BODY[HEADER.FIELDS ("a b" C)]<0>` … */
const itemPattern = /([A-Z0-9.]+(?:\[(?:"(?:[^"\\\r\n]|\\.)*"|[^\]"\r\n])*\](?:<[0-9]+>)?)?) /y;

class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get atEnd(): boolean {
    return this.#at === this.#text.length;
  }

  response(): Response {
    if (this.#accept('+ ')) return { kind: 'continue', text: this.#line() };
    if (!this.#accept('* ')) return this.#tagged();
    const status = this.#match(/(OK|NO|BAD|BYE) /y);
    if (status !== undefined) return { kind: 'status', status: status as 'OK', ...this.#respText() };
    const number = this.#match(/(0|[1-9][0-9]*) /y);
    return number === undefined ? this.#data() : this.#message(Number(number));
  }

  #tagged(): Response {
    const tag = this.#match(/([^\x00-\x20\x7f-\xff(){%*"\\+]+) (?=OK |NO |BAD )/y);
    const status = this.#match(/(OK|NO|BAD) /y);
    if (tag === undefined || status === undefined) throw this.#broken('no response');
    return { kind: 'tagged', tag, status: status as 'OK', ...this.#respText() };
  }

  /** resp-text, and its end. */
  #respText() {
    const code = this.#match(/\[([A-Z][A-Z0-9-]*(?: [^\]\r\n]+)?)\] /y);
    const text = this.#line();
    if (!/^[\x20-\x7e]+$/.test(text) || text.startsWith('[')) throw this.#broken('no text');
    return { code, text };
  }

  #message(number: number): Response {
    assert.ok(number <= maxNumber);
    const name = this.#match(/(EXISTS|RECENT|EXPUNGE)\r\n/y);
    if (name !== undefined) {
      if (name === 'EXPUNGE' && number === 0) throw this.#broken('EXPUNGE of nothing');
      return { kind: 'count', name: name as 'EXISTS', number };
    }
    if (number === 0 || !this.#accept('FETCH (')) throw this.#broken('no message data');
    const items = new Map<string, Value>();
    do {
      const item = this.#match(itemPattern);
      if (item === undefined) throw this.#broken('no message data item');
      assert.ok(!items.has(item), `${item} twice`);
      items.set(item, this.#value());
      checkItem(item, items.get(item));
    } while (this.#accept(' '));
    if (!this.#accept(')\r\n')) throw this.#broken('a FETCH response without end');
    return { kind: 'fetch', number, items };
  }

  #data(): Response {
    const name = this.#match(/([A-Z]+)(?=[ \r])/y);
    if (name === undefined) throw this.#broken('no untagged response');
    const values: Value[] = [];
    while (this.#accept(' ')) values.push(this.#value());
    if (!this.#accept('\r\n')) throw this.#broken(`${name} without end`);
    checkData(name, values);
    return { kind: 'data', name, values };
  }

  #value(): Value {
    if (this.#accept('(')) return this.#list();
    const quoted = this.#match(/"((?:[^\x00\r\n"\\\x80-\xff]|\\["\\])*)"/y);
    if (quoted !== undefined) return { octets: quoted.replace(/\\(.)/g, '$1') };
    const literal = this.#match(/\{(0|[1-9][0-9]*)\}\r\n/y);
    if (literal !== undefined) return this.#literal(Number(literal));
    const atom = this.#match(/(\\?[^\x00-\x20\x7f-\xff(){%*"\\]+)/y);
    if (atom === undefined) throw this.#broken('no value');
    return atom === 'NIL' ? null : atom;
  }

  #literal(size: number): Octets {
    const octets = this.#text.slice(this.#at, this.#at + size);
    if (octets.length < size) throw this.#broken('a literal without end');
    this.#at += size;
    return { octets };
  }

  /** Single spaces between the values; none between lists (of addresses, of body parts). */
  #list(): readonly Value[] {
    const values: Value[] = [];
    if (this.#accept(')')) return values;
    for (;;) {
      values.push(this.#value());
      if (this.#accept(')')) return values;
      const joined = Array.isArray(values.at(-1)) && this.#text[this.#at] === '(';
      if (!joined && !this.#accept(' ')) throw this.#broken('a list without end');
    }
  }

  #line(): string {
    const line = this.#match(/([^\r\n]*)\r\n/y);
    if (line === undefined) throw this.#broken('a line without end');
    return line;
  }

  #accept(token: string): boolean {
    if (!this.#text.startsWith(token, this.#at)) return false;
    this.#at += token.length;
    return true;
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text);
    if (match === null) return undefined;
    this.#at += match[0].length;
    return match[1];
  }

  #broken(why: string): Error {
    const near = this.#text.slice(Math.max(0, this.#at - 200), this.#at + 100);
    return new assert.AssertionError({ message: `${why} at ${this.#at}: …${JSON.stringify(near)}…` });
  }
}

function numberIn(value: Value | undefined, { least = 0, most = maxNumber } = {}): number {
  assert.ok(typeof value === 'string');
  assert.match(value, /^(?:0|[1-9][0-9]*)$/);
  const number = Number(value);
  assert.ok(number >= least && number <= most, `${number} is out of range`);
  return number;
}

function isString(value: Value | undefined): value is Octets {
  return typeof value === 'object' && value !== null && 'octets' in value;
}

const dateTimePattern =
  /^[ 0-3][0-9]-(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)-[0-9]{4} [0-2][0-9](?::[0-5][0-9]){2} [+-][0-9]{4}$/;

function checkItem(item: string, value: Value | undefined): void {
  switch (item) {
    case 'FLAGS':
      for (const flag of flagsIn(value))
        assert.match(flag, /^(?:\\(?:Answered|Flagged|Deleted|Seen|Draft|Recent)|[^\\\]]+)$/);
      return;
    case 'UID':
      return void numberIn(value, { least: 1 });
    case 'RFC822.SIZE':
      return void numberIn(value);
    case 'MODSEQ':
      assert.ok(Array.isArray(value) && value.length === 1);
      return void numberIn(value[0], { least: 1, most: Number.MAX_SAFE_INTEGER });
    case 'INTERNALDATE':
      assert.ok(isString(value));
      return assert.match(value.octets, dateTimePattern);
    case 'ENVELOPE':
      return assert.ok(Array.isArray(value) && value.length === 10);
    case 'BODY':
    case 'BODYSTRUCTURE':
      return assert.ok(Array.isArray(value) && value.length >= 2);
    default:
      assert.match(item, /^(?:BODY\[.*\](?:<[0-9]+>)?|RFC822(?:\.HEADER|\.TEXT)?)$/);
      assert.ok(value === null || isString(value), `${item} is no nstring`);
  }
}

function checkData(name: string, values: readonly Value[]): void {
  const atoms = () => values.map((value) => assert.ok(typeof value === 'string'));
  switch (name) {
    case 'CAPABILITY':
      atoms();
      return assert.equal(values[0], 'IMAP4rev1');
    case 'ENABLED':
      return void atoms();
    case 'FLAGS':
      assert.equal(values.length, 1);
      return void flagsIn(values[0]);
    case 'ID':
      return assert.ok(values.length === 1 && (values[0] === null || Array.isArray(values[0])));
    case 'LIST':
    case 'LSUB':
      assert.ok(values.length >= 3 && Array.isArray(values[0]));
      return assert.ok(values[1] === null || isString(values[1]));
    case 'STATUS':
      return assert.ok(values.length === 2 && Array.isArray(values[1]));
    case 'NAMESPACE':
      return assert.equal(values.length, 3);
    case 'SEARCH':
      for (const value of values) if (!Array.isArray(value)) numberIn(value, { least: 1 });
      return;
    case 'ESEARCH':
      return;
    default:
      assert.fail(`${name} is not known`);
  }
}
