/** section and partial (RFC 3501 sections 6.4.5, 9): which octets of a message BODY[…] asks for, read and written. */
import { formatString } from '../../message/imap-string.ts';
import type { Section } from '../../message/part-table.ts';
import type { Scanner } from './scanner.ts';

/** A section; HEADER.FIELDS is a HEADER of which only some fields are wanted. */
export interface SectionSpec extends Section {
  readonly fields?: FieldSelection;
}

export interface FieldSelection {
  /** As the client wrote them. */
  readonly names: readonly string[];
  /** HEADER.FIELDS.NOT: all fields but these. */
  readonly not: boolean;
}

/** `<origin.octets>`: some of a section's octets. Past its end there are none. */
export interface PartialRange {
  readonly origin: number;
  readonly octets: number;
}

const what = 'a section like [1.2.HEADER]';

/** `[]`, `[1.2]`, `[HEADER.FIELDS (From To)]`, `[4.1.MIME]`. */
export function section(args: Scanner): SectionSpec | undefined {
  args.expect('[', what);
  const numbers: number[] = [];
  if (args.accept(']')) return { numbers, of: 'whole' };
  for (;;) {
    const text = sectionText(args, numbers);
    if (text !== undefined) return args.expect(']', what) ? text : undefined;
    const number = args.nzNumber(what);
    if (number === undefined) return undefined;
    numbers.push(number);
    if (args.accept(']')) return { numbers, of: 'whole' };
    if (!args.expect('.', what)) return undefined;
  }
}

/** section-text; undefined where the next is none, or broken. A part has MIME, the message itself has not. */
function sectionText(args: Scanner, numbers: readonly number[]): SectionSpec | undefined {
  if (args.accept('HEADER.FIELDS.NOT')) return headerFields(args, { numbers, not: true });
  if (args.accept('HEADER.FIELDS')) return headerFields(args, { numbers, not: false });
  if (args.accept('HEADER')) return { numbers, of: 'HEADER' };
  if (args.accept('TEXT')) return { numbers, of: 'TEXT' };
  return numbers.length > 0 && args.accept('MIME') ? { numbers, of: 'MIME' } : undefined;
}

function headerFields(
  args: Scanner,
  { numbers, not }: { readonly numbers: readonly number[]; readonly not: boolean },
): SectionSpec | undefined {
  args.space();
  const names = args.list(() => args.astring('the name of a header field'));
  return names === undefined ? undefined : { numbers, of: 'HEADER', fields: { names, not } };
}

/** `<0.100>`. */
export function partial(args: Scanner): PartialRange | undefined {
  args.expect('<');
  const origin = args.number('the first octet');
  args.expect('.');
  const octets = args.nzNumber('a number of octets from 1');
  return args.expect('>') && origin !== undefined && octets !== undefined ? { origin, octets } : undefined;
}

/** The section as a response repeats it: names of fields as they came, where they can stand so. */
export function formatSection({ numbers, of, fields }: SectionSpec): string {
  const text = fields === undefined ? of : formatFields(fields);
  return `[${[...numbers, ...(text === 'whole' ? [] : [text])].join('.')}]`;
}

function formatFields({ names, not }: FieldSelection): string {
  return `HEADER.FIELDS${not ? '.NOT' : ''} (${names.map(formatAstring).join(' ')})`;
}

const atom = /^[^\x00-\x20\x7f-\xff(){%*"\\\]]+$/;

function formatAstring(text: string): string {
  return atom.test(text) ? text : formatString(text);
}
