/** An item that is octets of the message: BODY[…] and RFC822 in all their forms (RFC 3501 section 7.4.2). */
import { fieldNames } from '../../message/header-cache.ts';
import { sectionRange, type OctetRange } from '../../message/part-table.ts';
import type { FieldSelection, PartialRange, SectionSpec } from '../syntax/section.ts';
import type { IndexItem } from './data-item.ts';
import { headerFields } from './header-fields.ts';
import { sendOctets, sendText } from './send.ts';

export interface OctetsAsked {
  /** As the response has it: `BODY[TEXT]<0>`. */
  readonly name: string;
  readonly section: SectionSpec;
  readonly partial: PartialRange | undefined;
  readonly setsSeen: boolean;
}

/** Writes NIL where the message has no such section. */
export function octetsItem(asked: OctetsAsked): IndexItem {
  const { section, setsSeen } = asked;
  return {
    from: 'index',
    setsSeen,
    needs: isMessage(section) ? undefined : 'parts',
    sendsBody: section.of === 'whole' || section.of === 'TEXT',
    write: section.fields === undefined ? writeRange(asked) : writeFields(asked, section.fields),
  };
}

/** BODY[]: all of the message, whatever its parts. */
function isMessage({ numbers, of, fields }: SectionSpec): boolean {
  return numbers.length === 0 && of === 'whole' && fields === undefined;
}

function writeRange({ name, section, partial }: OctetsAsked): IndexItem['write'] {
  const whole = isMessage(section);
  return ({ index }, context) => {
    const { blobKey, size } = index;
    const range = whole ? { start: 0, end: size } : sectionRange(index.parts, section);
    if (range === undefined) return sendText(context.out, `${name} NIL`);
    return sendOctets(context, { name, blobKey, range: cut(range, partial) });
  };
}

/** Past the end there is nothing: an empty string (RFC 3501 section 6.4.5). */
function cut(range: OctetRange, partial: PartialRange | undefined): OctetRange {
  if (partial === undefined) return range;
  const start = Math.min(range.end, range.start + partial.origin);
  return { start, end: Math.min(range.end, start + partial.octets) };
}

function writeFields(
  { name, section, partial }: OctetsAsked,
  { names, not }: FieldSelection,
): IndexItem['write'] {
  const fields = { ...fieldNames(names), not };
  return async ({ index }, { out, blobs, unreadable }) => {
    const lines = await headerFields(index, { section, fields, blobs }).catch(unreadable);
    if (lines === undefined) return sendText(out, `${name} NIL`);
    const { origin, octets } = partial ?? { origin: 0, octets: lines.length };
    const wanted = lines.slice(origin, origin + octets);
    return sendText(out, wanted === '' ? `${name} ""` : `${name} {${wanted.length}}\r\n${wanted}`);
  };
}
