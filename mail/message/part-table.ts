/**
 * Where the parts of a message are: a flat array of numbers, six for each entity, the message itself first and each
 * entity before what is in it. Offsets are octets from the message's first; ends are exclusive.
 */

/** How many numbers describe an entity. */
export const partStride = 6;

/** What an entity is: a leaf; a multipart, with parts; or a message/rfc822 (or global), whose one part is that message. */
export const partKinds = ['leaf', 'multipart', 'message'] as const;
export type PartKind = (typeof partKinds)[number];

/** One entity of the table. */
export interface Part {
  /** The entity it is in; -1 for the message itself. */
  readonly parent: number;
  readonly kind: PartKind;
  readonly headerStart: number;
  /** The header's empty line is before it, the boundary's line end (RFC 2046 section 5.1.1) after `bodyEnd`. */
  readonly bodyStart: number;
  readonly bodyEnd: number;
  /** Line ends in the body. */
  readonly lines: number;
}

/** The entity of that index; undefined past the table's end. */
export function partAt(table: readonly number[], index: number): Part | undefined {
  const at = index * partStride;
  const [parent, kind, headerStart, bodyStart, bodyEnd, lines] = table.slice(at, at + partStride);
  if (parent === undefined || kind === undefined || headerStart === undefined) return undefined;
  if (bodyStart === undefined || bodyEnd === undefined || lines === undefined) return undefined;
  return { parent, kind: partKinds[kind] ?? 'leaf', headerStart, bodyStart, bodyEnd, lines };
}

/** The entities directly in another one, in order. */
export function childrenOf(table: readonly number[], index: number): readonly number[] {
  const children: number[] = [];
  for (let child = index + 1; ; child += 1) {
    const parent = table[child * partStride];
    if (parent === undefined || parent < index) return children;
    if (parent === index) children.push(child);
  }
}

/**
 * What BODY[section] asks for (RFC 9051 section 6.4.5.1): `numbers` is the part specifier, `of` what of that part:
 * - `whole`: a part's body (`BODY[1.2]`), or without numbers the message (`BODY[]`);
 * - `MIME`: the part's own header (only with numbers);
 * - `HEADER`, `TEXT`: of the message, or of the message/rfc822 that the part is.
 */
export interface Section {
  readonly numbers: readonly number[];
  readonly of: 'whole' | 'MIME' | 'HEADER' | 'TEXT';
}

/** Octets `start` to `end` of the message, to be read from its blob. */
export interface OctetRange {
  readonly start: number;
  readonly end: number;
}

/** Where a section is; undefined where the message has none such (IMAP then answers NIL). */
export function sectionRange(table: readonly number[], { numbers, of }: Section): OctetRange | undefined {
  const index = findPart(table, numbers);
  const part = index === undefined ? undefined : partAt(table, index);
  if (index === undefined || part === undefined) return undefined;
  if (of === 'whole')
    return { start: numbers.length === 0 ? part.headerStart : part.bodyStart, end: part.bodyEnd };
  if (of === 'MIME')
    return numbers.length === 0 ? undefined : { start: part.headerStart, end: part.bodyStart };
  const message = numbers.length === 0 ? part : partAt(table, part.kind === 'message' ? index + 1 : -1);
  if (message === undefined) return undefined;
  return of === 'HEADER'
    ? { start: message.headerStart, end: message.bodyStart }
    : { start: message.bodyStart, end: message.bodyEnd };
}

/**
 * The entity that a part specifier names. RFC 9051 section 6.4.5.1: the parts of a multipart are numbered from 1; a
 * message that is no multipart has one part, its body; the parts of a message/rfc822 are those of the message in it.
 */
export function findPart(table: readonly number[], numbers: readonly number[]): number | undefined {
  let index = 0;
  let holder = 0;
  for (const [level, number] of numbers.entries()) {
    const current = partAt(table, index);
    if (level > 0 && current?.kind === 'leaf') return undefined;
    holder = level > 0 && current?.kind === 'message' ? index + 1 : index;
    const found =
      partAt(table, holder)?.kind === 'multipart'
        ? childrenOf(table, holder)[number - 1]
        : number === 1
          ? holder
          : undefined;
    if (found === undefined) return undefined;
    index = found;
  }
  return index;
}
