/**
 * Header fields (RFC 5322 section 2.2) as the bytes have them: whatever a message holds is divided into fields without
 * a loss, line ends CRLF or LF. Octets stand as Latin-1 characters (`binary` strings), so that nothing is changed by
 * reading; `decodeText` makes text of them.
 */
import { messageLimits } from './limits.ts';

export interface HeaderField {
  /** As written, without the space that some put before the colon. */
  readonly name: string;
  /** The name in lower case, to compare. */
  readonly key: string;
  /** All after the colon, folds included, without the last line end; octets as Latin-1 characters. */
  readonly value: string;
  /** Where the field begins and ends (its last line end included), in octets from the header's first. */
  readonly start: number;
  readonly end: number;
}

/** Blanks before the colon are obsolete (section 4.5), a fold there never was allowed, but there are readers of both. */
const fieldName = /([\x21-\x39\x3b-\x7e]+)(?:[ \t]|\r?\n(?=[ \t]))*:/y;
const space = 0x20;
const tab = 0x09;

/** The fields of a header that is at hand, as `parseFields` finds them. */
export function parseHeader(bytes: Uint8Array): readonly HeaderField[] {
  return parseFields(bytes).fields;
}

/** What was found of a header. */
export interface HeaderFields {
  readonly fields: readonly HeaderField[];
  /** Whether there is more that was not looked at: octets after `bytes`, or fields past `maxFields`. */
  readonly cut: boolean;
}

export interface ParseFieldsOptions {
  /** Whether the header goes on after `bytes`: the last field is then not whole, and left out. Default false. */
  readonly goesOn?: boolean;
  /** Default `maxHeaderFields`. */
  readonly maxFields?: number;
}

/**
 * The fields of a header, to its empty line or the end of `bytes`. Lines that are no field, such as mbox's `From `, and
 * what is folded onto them are left out.
 */
export function parseFields(bytes: Uint8Array, options: ParseFieldsOptions = {}): HeaderFields {
  const { goesOn = false, maxFields = messageLimits.maxHeaderFields } = options;
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
  const fields: HeaderField[] = [];
  for (let start = 0; start < text.length;) {
    const end = fieldEnd(text, start);
    if (goesOn && end === text.length) break;
    const valueEnd = withoutLineEnd(text, start, end);
    if (valueEnd === start) break;
    if (fields.length === maxFields) return { fields, cut: true };
    fieldName.lastIndex = start;
    const name = fieldName.exec(text);
    if (name !== null && fieldName.lastIndex <= valueEnd) {
      const written = name[1] ?? '';
      const value = text.slice(fieldName.lastIndex, valueEnd);
      fields.push({ name: written, key: written.toLowerCase(), value, start, end });
    }
    start = end;
  }
  return { fields, cut: goesOn };
}

/** The end of the line at `start` and of all that is folded onto it. */
function fieldEnd(text: string, start: number): number {
  for (let at = start; ;) {
    const lineEnd = text.indexOf('\n', at);
    if (lineEnd < 0) return text.length;
    at = lineEnd + 1;
    const next = text.charCodeAt(at);
    if (next !== space && next !== tab) return at;
    if (withoutLineEnd(text, start, at) === start) return at;
  }
}

function withoutLineEnd(text: string, start: number, end: number): number {
  if (end === start || text[end - 1] !== '\n') return end;
  return end - 2 >= start && text[end - 2] === '\r' ? end - 2 : end - 1;
}

/** The value on one line (RFC 5322 section 2.2.3), white space around it removed. */
export function unfold(value: string): string {
  return trimBlanks(value.includes('\n') ? value.replace(/\r?\n(?=[ \t])/g, '') : value);
}

/** Without spaces and tabs at both ends. (`trim` would take the octet A0 away, which may end a UTF-8 character.) */
export function trimBlanks(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isBlank(text.charCodeAt(start))) start += 1;
  while (end > start && isBlank(text.charCodeAt(end - 1))) end -= 1;
  return text.slice(start, end);
}

const isBlank = (code: number) => code === space || code === tab;

/** The first field of that name (given in lower case), unfolded; undefined where there is none. */
export function firstValue(fields: readonly HeaderField[], key: string): string | undefined {
  const field = fields.find((candidate) => candidate.key === key);
  return field === undefined ? undefined : unfold(field.value);
}

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Octets as text: UTF-8 (RFC 6532); undefined where they are not. */
export function decodeText(binary: string): string | undefined {
  if (!/[\x80-\xff]/.test(binary)) return binary;
  try {
    return strictUtf8.decode(Buffer.from(binary, 'latin1'));
  } catch {
    return undefined;
  }
}

/** RFC 5322 section 2.1.1: what a line should not and must not exceed, without its CRLF. */
const preferredLineOctets = 78;
const maxLineOctets = 998;

/**
 * A field as Posta writes it: `Name: value` CRLF, folded at white space where a line would be longer than 78 octets,
 * and anywhere before it would be longer than 998. Control characters in the value become spaces.
 */
export function formatField(name: string, value: string): string {
  const words = value.split(/[\x00-\x20\x7f]+/).filter((word) => word !== '');
  const lines: string[] = [];
  let line = `${name}:`;
  let octets = line.length;
  for (const word of words.flatMap(splitLong)) {
    const more = 1 + Buffer.byteLength(word);
    // The first word stays on the field's line: a line of the name alone confuses some readers.
    const first = lines.length === 0 && line.length === name.length + 1;
    if (octets + more > (first ? maxLineOctets : preferredLineOctets)) {
      lines.push(line);
      line = '';
      octets = 0;
    }
    line += ` ${word}`;
    octets += more;
  }
  lines.push(line);
  return `${lines.join('\r\n')}\r\n`;
}

/** Cuts a word that no line can hold; 200 characters are at most 800 octets. */
function splitLong(word: string): readonly string[] {
  return Buffer.byteLength(word) < maxLineOctets - 100 ? [word] : (word.match(/.{1,200}/gsu) ?? []);
}
