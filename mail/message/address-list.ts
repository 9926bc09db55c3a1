/**
 * Address lists (RFC 5322 sections 3.4 and 4.4) as IMAP's ENVELOPE shows them: from any input, and never a failure.
 * What may be relied on for a decision is `addressesOf` (strict-addresses.ts).
 */
import { messageLimits } from './limits.ts';
import { tokenize, type Token } from './tokens.ts';

/** One address structure of ENVELOPE (RFC 9051 section 7.5.2); octets as Latin-1 characters, encoded words left raw. */
export type ListedAddress =
  | {
      readonly kind: 'mailbox';
      /** The display name, else the comment that old mailers put the name in. */
      readonly name?: string;
      /** The source route, `@a,@b` (obsolete). */
      readonly adl?: string;
      /** The local part without quotes. */
      readonly mailbox: string;
      /** Empty where there is no `@`. */
      readonly host: string;
    }
  | { readonly kind: 'groupStart'; readonly name: string }
  | { readonly kind: 'groupEnd' };

/** The addresses of an unfolded value, groups well nested; at most `maxAddresses`. */
export function parseAddressList(value: string): readonly ListedAddress[] {
  const listed: ListedAddress[] = [];
  const tokens = tokenize(value, 'address');
  let inGroup = false;
  for (let at = 0; at < tokens.length && listed.length < messageLimits.maxAddresses;) {
    const entry = readEntry(tokens, at);
    at = entry.next;
    if (entry.end === ':') {
      // Groups do not nest: the name of one within another is dropped.
      if (!inGroup) listed.push({ kind: 'groupStart', name: phrase(entry.words) });
      inGroup = true;
      continue;
    }
    const mailbox = mailboxOf(entry);
    if (mailbox !== undefined) listed.push(mailbox);
    if (entry.end === ';' && inGroup) {
      inGroup = false;
      listed.push({ kind: 'groupEnd' });
    }
  }
  if (inGroup) listed.push({ kind: 'groupEnd' });
  return listed;
}

interface Entry {
  /** Outside of angle brackets, comments left out. */
  readonly words: readonly Token[];
  /** Within the first pair of angle brackets. */
  readonly angle?: readonly Token[];
  readonly comment?: string;
  readonly end: ',' | ';' | ':' | 'end';
  readonly next: number;
}

/** Everything up to the next separator. A colon separates only before an angle bracket, as the end of a group's name. */
function readEntry(tokens: readonly Token[], start: number): Entry {
  const words: Token[] = [];
  let angle: readonly Token[] | undefined;
  let comment: string | undefined;
  const entry = (end: Entry['end'], next: number): Entry => ({
    words,
    end,
    next,
    ...(angle === undefined ? {} : { angle }),
    ...(comment === undefined ? {} : { comment }),
  });
  for (let at = start; at < tokens.length; at += 1) {
    const token = tokens[at];
    if (token === undefined) break;
    if (token.kind === 'comment') comment = token.text;
    else if (token.kind !== 'special') {
      if (angle === undefined) words.push(token);
    } else if (token.text === ',' || token.text === ';') return entry(token.text, at + 1);
    else if (token.text === ':' && angle === undefined) return entry(':', at + 1);
    else if (token.text === '<' && angle === undefined) {
      const end = angleEnd(tokens, at + 1);
      angle = tokens.slice(at + 1, end);
      at = tokens[end]?.text === '>' ? end : end - 1;
    } else if (angle === undefined) words.push(token);
  }
  return entry('end', tokens.length);
}

/** The index of the `>`, or of what ends the address without one; the commas of a source route do not. */
function angleEnd(tokens: readonly Token[], start: number): number {
  let route = isSpecial(tokens[start], '@');
  for (let at = start; at < tokens.length; at += 1) {
    const token = tokens[at];
    if (isSpecial(token, '>') || isSpecial(token, ';')) return at;
    if (isSpecial(token, ':')) route = false;
    if (isSpecial(token, ',') && !route) return at;
  }
  return tokens.length;
}

const isSpecial = (token: Token | undefined, text: string) =>
  token?.kind === 'special' && token.text === text;

function mailboxOf({ words, angle, comment }: Entry): ListedAddress | undefined {
  if (angle === undefined) {
    if (words.length === 0) return undefined;
    return { kind: 'mailbox', ...addrSpec(words), ...named(comment) };
  }
  const inner = angle.filter((token) => token.kind !== 'comment');
  const colon = isSpecial(inner[0], '@') ? inner.findIndex((token) => isSpecial(token, ':')) : -1;
  const adl = colon > 0 ? { adl: joined(inner.slice(0, colon)) } : {};
  const name = words.length === 0 ? comment : phrase(words);
  return { kind: 'mailbox', ...named(name), ...adl, ...addrSpec(inner.slice(colon + 1)) };
}

const named = (name: string | undefined) => (name === undefined || name === '' ? {} : { name });

/** Split at the last `@`; without one the words are the mailbox, as a person wrote them. */
function addrSpec(tokens: readonly Token[]): { readonly mailbox: string; readonly host: string } {
  const at = tokens.findLastIndex((token) => isSpecial(token, '@'));
  if (at < 0) return { mailbox: phrase(tokens), host: '' };
  return { mailbox: joined(tokens.slice(0, at)), host: joined(tokens.slice(at + 1)) };
}

const joined = (tokens: readonly Token[]) => tokens.map((token) => token.text).join('');

function phrase(tokens: readonly Token[]): string {
  return tokens.map((token, index) => (token.spaced && index > 0 ? ` ${token.text}` : token.text)).join('');
}
