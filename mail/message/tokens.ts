/** The words of structured header fields (RFC 5322 section 3.2), from any input, in linear time. */

/**
 * - `atom`: a run of anything but specials and white space.
 * - `quoted`: a quoted-string, its content without quotes and backslashes.
 * - `literal`: a domain-literal, brackets included.
 * - `comment`: its content without the outer parentheses.
 * - `special`: one character that is none of these.
 */
export interface Token {
  readonly kind: 'atom' | 'quoted' | 'literal' | 'comment' | 'special';
  readonly text: string;
  /** Whether white space or a comment stood before it. */
  readonly spaced: boolean;
  /** false where the end of the field came before the closing quote, bracket or parenthesis. */
  readonly closed: boolean;
}

const blanks = /[ \t\r\n]+/y;
const rfc5322Atom = /[^ \t\r\n()<>[\]:;@\\,."]+/y;
/** Wider than RFC 2045 section 5.1 has it: values that ought to be quoted, such as `a[1].txt`, often are not. */
const mimeAtom = /[^ \t\r\n()\\;="]+/y;
/** The specials of an address field, or of a MIME field, where `;` and `=` divide and brackets mean nothing. */
export type Grammar = 'address' | 'mime';

/** Comments may nest without bound (RFC 5322 section 3.2.2): they are counted, not recursed into. */
export function tokenize(text: string, grammar: Grammar): readonly Token[] {
  const atom = grammar === 'address' ? rfc5322Atom : mimeAtom;
  const tokens: Token[] = [];
  let spaced = false;
  for (let at = 0; at < text.length;) {
    const run = match(blanks, text, at);
    if (run > at) {
      spaced = true;
      at = run;
      continue;
    }
    const token = nextToken(text, at, atom, grammar);
    tokens.push({ kind: token.kind, text: token.text, closed: token.closed, spaced });
    spaced = token.kind === 'comment';
    at = token.end;
  }
  return tokens;
}

type Found = Pick<Token, 'kind' | 'text' | 'closed'> & { readonly end: number };

function nextToken(text: string, at: number, atom: RegExp, grammar: Grammar): Found {
  const end = match(atom, text, at);
  if (end > at) return { kind: 'atom', text: text.slice(at, end), closed: true, end };
  const special = text.charAt(at);
  if (special === '"') return { kind: 'quoted', ...delimited(text, at, '"') };
  if (special === '(') return { kind: 'comment', ...delimited(text, at, ')') };
  if (special === '[' && grammar === 'address') {
    const literal = delimited(text, at, ']');
    return { kind: 'literal', ...literal, text: `[${literal.text}]` };
  }
  return { kind: 'special', text: special, closed: true, end: at + 1 };
}

function match(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : at;
}

/** From the opening character at `at` to its closing one; backslashes quote, parentheses nest. */
function delimited(text: string, at: number, close: string): Omit<Found, 'kind'> {
  const pieces: string[] = [];
  let depth = 1;
  let start = at + 1;
  for (let index = at + 1; index < text.length; index += 1) {
    const character = text[index];
    if (character === '\\' && index + 1 < text.length) {
      pieces.push(text.slice(start, index));
      index += 1;
      start = index;
    } else if (character === '(' && close === ')') depth += 1;
    else if (character === close) {
      depth -= 1;
      if (depth > 0) continue;
      return { text: pieces.join('') + text.slice(start, index), closed: true, end: index + 1 };
    }
  }
  return { text: pieces.join('') + text.slice(start), closed: false, end: text.length };
}
