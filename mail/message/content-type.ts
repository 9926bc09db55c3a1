/**
 * The MIME fields of an entity as IMAP's BODYSTRUCTURE wants them: RFC 2045 (Content-Type and its kin), RFC 2183
 * (Content-Disposition), RFC 3282 (Content-Language). Octets as Latin-1 characters; RFC 2231's parameter parts
 * (`filename*0*`) stay as they are written, for the client to join.
 */
import { firstValue, type HeaderField } from './header.ts';
import { messageLimits } from './limits.ts';
import { tokenize, type Token } from './tokens.ts';

/** A parameter: its name in upper case, its value without quotes. */
export interface Parameter {
  readonly name: string;
  readonly value: string;
}

/** A media type; type and subtype are tokens in upper case, so that they can always be written. */
export interface ContentType {
  readonly type: string;
  readonly subtype: string;
  readonly parameters: readonly Parameter[];
}

export interface ContentDisposition {
  /** `ATTACHMENT`, `INLINE` … */
  readonly type: string;
  readonly parameters: readonly Parameter[];
}

/** RFC 2045 section 5.2: what an entity without Content-Type, or with a broken one, is. */
export const plainText: ContentType = {
  type: 'TEXT',
  subtype: 'PLAIN',
  parameters: [{ name: 'CHARSET', value: 'US-ASCII' }],
};

/** RFC 2046 section 5.1.5: what a part of a multipart/digest is, unless it says otherwise. */
export const digestPart: ContentType = { type: 'MESSAGE', subtype: 'RFC822', parameters: [] };

/** RFC 2046 section 4.5.1: what is not looked into. */
export const opaque: ContentType = { type: 'APPLICATION', subtype: 'OCTET-STREAM', parameters: [] };

/** RFC 2045 section 5.1 token; nothing in it needs care in a quoted string. */
const token = /^[\x21\x23-\x27\x2a\x2b\x2d.0-9A-Z^_`a-z{|}~]{1,127}$/;

/** The media type of a Content-Type value, unfolded; undefined where it is broken. */
export function parseContentType(value: string): ContentType | undefined {
  const [first, parameters] = readParameters(value);
  const [type = '', subtype = ''] = first.split('/', 2);
  if (!token.test(type) || !token.test(subtype)) return undefined;
  return { type: type.toUpperCase(), subtype: subtype.toUpperCase(), parameters };
}

/** The disposition of a Content-Disposition value, unfolded; undefined where it is broken. */
export function parseContentDisposition(value: string): ContentDisposition | undefined {
  const [type, parameters] = readParameters(value);
  return token.test(type) ? { type: type.toUpperCase(), parameters } : undefined;
}

/** The value of the first parameter of that name (given in upper case). */
export function parameter(parameters: readonly Parameter[], name: string): string | undefined {
  return parameters.find((candidate) => candidate.name === name)?.value;
}

/** A value without parameters, as most are: one atom, which needs no tokens. */
const plainValue = /^[^ \t\r\n()\\;="]*$/;

/** What stands before the first semicolon, without white space; and the parameters. */
function readParameters(value: string): readonly [string, readonly Parameter[]] {
  if (value.length <= messageLimits.maxStructureFieldBytes && plainValue.test(value)) return [value, []];
  const tokens = tokenize(value.slice(0, messageLimits.maxStructureFieldBytes), 'mime').filter(
    ({ kind }) => kind !== 'comment',
  );
  const pieces: Token[][] = [[]];
  for (const each of tokens) {
    if (each.kind === 'special' && each.text === ';') pieces.push([]);
    else pieces.at(-1)?.push(each);
  }
  const [first = [], ...rest] = pieces;
  const parameters = rest.slice(0, messageLimits.maxParameters).flatMap(readParameter);
  return [first.map(({ text }) => text).join(''), parameters];
}

/** `name = value`. A value that should have been quoted keeps its spaces and equals signs. */
function readParameter(tokens: readonly Token[]): readonly Parameter[] {
  const [name, equals, ...rest] = tokens;
  if (name?.kind !== 'atom' || equals?.text !== '=' || !token.test(name.text)) return [];
  const [first] = rest;
  const value = first?.kind === 'quoted' ? first.text : spaced(rest);
  return [{ name: name.text.toUpperCase(), value }];
}

function spaced(tokens: readonly Token[]): string {
  return tokens.map(({ text, spaced: apart }, index) => (apart && index > 0 ? ` ${text}` : text)).join('');
}

/** The MIME fields of an entity but its Content-Type; undefined where absent or broken. */
export interface ContentFields {
  readonly id?: string;
  readonly description?: string;
  /** Content-Transfer-Encoding, in upper case; `7BIT` where there is none (RFC 2045 section 6.1). */
  readonly encoding: string;
  readonly md5?: string;
  readonly disposition?: ContentDisposition;
  readonly languages?: readonly string[];
  readonly location?: string;
}

/** Reads them from an entity's header; a value longer than `maxStructureFieldBytes` is cut. */
export function contentFields(fields: readonly HeaderField[]): ContentFields {
  const content = fields.filter(({ key }) => key.startsWith('content-') && key !== 'content-type');
  if (content.length === 0) return { encoding: '7BIT' };
  const value = (key: string) => firstValue(content, key)?.slice(0, messageLimits.maxStructureFieldBytes);
  const disposition = parseContentDisposition(value('content-disposition') ?? '');
  const languages = languageTags(value('content-language') ?? '');
  return {
    ...present('id', value('content-id')),
    ...present('description', value('content-description')),
    encoding: encodingOf(value('content-transfer-encoding') ?? ''),
    ...present('md5', value('content-md5')),
    ...(disposition === undefined ? {} : { disposition }),
    ...(languages.length === 0 ? {} : { languages }),
    ...present('location', value('content-location')),
  };
}

function present<Name extends string>(name: Name, value: string | undefined) {
  return (value === undefined ? {} : { [name]: value }) as { readonly [key in Name]?: string };
}

/** What is not known is kept: RFC 2045 section 6.4 has such a body treated as opaque. */
function encodingOf(value: string): string {
  const [encoding] = readParameters(value);
  return encoding === '' ? '7BIT' : encoding.toUpperCase();
}

function languageTags(value: string): readonly string[] {
  if (value === '') return [];
  return tokenize(value, 'mime')
    .filter(({ kind }) => kind === 'atom')
    .flatMap(({ text }) => text.split(','))
    .filter((tag) => tag !== '');
}
