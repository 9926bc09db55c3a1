/** HEADER.FIELDS and HEADER.FIELDS.NOT (RFC 3501 section 6.4.5): from the index's cache where that can tell. */
import type { MessageIndex } from '../../mailbox/message-index.ts';
import {
  cachedFields,
  decodeHeaderCache,
  selectFields,
  type FieldNames,
} from '../../message/header-cache.ts';
import { parseFields, type HeaderField } from '../../message/header.ts';
import { messageLimits } from '../../message/limits.ts';
import { sectionRange, type OctetRange } from '../../message/part-table.ts';
import type { Blobs } from '../../ports/blobs.ts';
import type { SectionSpec } from '../syntax/section.ts';

/**
 * The fields as they stand in the message, and the empty line; octets as Latin-1 characters. undefined where the message
 * has no such part. Rejects where its octets must be read and cannot be.
 */
export async function headerFields(
  index: MessageIndex,
  { section, fields, blobs }: HeaderFieldsOptions,
): Promise<string | undefined> {
  const range = sectionRange(index.parts, section);
  if (range === undefined) return undefined;
  const cached = section.numbers.length === 0 ? selectCached(index, fields) : undefined;
  const lines = cached ?? select(await readHeader(index.blobKey, { range, blobs }), fields);
  // Also where the message ends with its header and has no empty line: clients read up to it.
  return lines === '' || lines.endsWith('\n') ? `${lines}\r\n` : `${lines}\r\n\r\n`;
}

/** HEADER.FIELDS, or with `not` HEADER.FIELDS.NOT: all others. */
export interface WantedFields extends FieldNames {
  readonly not: boolean;
}

interface HeaderFieldsOptions {
  readonly section: SectionSpec;
  readonly fields: WantedFields;
  readonly blobs: Blobs;
}

interface Header {
  readonly bytes: Uint8Array;
  readonly fields: readonly HeaderField[];
}

/** Of the message itself; undefined where the cache is not there, or lacks what may be asked for. */
function selectCached({ headers, envelope }: MessageIndex, wanted: WantedFields): string | undefined {
  const cache = headers === undefined ? undefined : decodeHeaderCache(headers, envelope);
  if (cache === undefined) return undefined;
  if (!wanted.not) return cachedFields(cache, wanted);
  return cache.complete ? select(cache, wanted) : undefined;
}

function select(header: Header, { keys, not }: WantedFields): string {
  return selectFields(header, ({ key }) => keys.has(key) !== not);
}

/** As much of a header as is looked at anywhere. */
async function readHeader(
  blobKey: string,
  { range, blobs }: { readonly range: OctetRange; readonly blobs: Blobs },
): Promise<Header> {
  const end = Math.min(range.end, range.start + messageLimits.maxHeaderBytes);
  const chunks: Uint8Array[] = [];
  if (end > range.start)
    for await (const chunk of blobs.read(blobKey, { start: range.start, end })) chunks.push(chunk);
  const bytes = Buffer.concat(chunks);
  if (bytes.length < end - range.start)
    throw new Error(`${blobKey} ends within a header that its index tells of`);
  return { bytes, fields: parseFields(bytes, { goesOn: end < range.end }).fields };
}
