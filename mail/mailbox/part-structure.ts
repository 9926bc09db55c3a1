/**
 * BODYSTRUCTURE and the table of parts, packed: together they are a third of an index, and few of their octets tell one
 * message from another. One octet of version; how many numbers the table has, and the numbers; then BODYSTRUCTURE,
 * deflated (RFC 1951) with a preset dictionary, which belongs to the version.
 */
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { MessageIndex } from './message-index.ts';
import { DamagedItem } from './types.ts';
import { VarintReader, VarintWriter } from './varint.ts';

export type PartStructure = Pick<MessageIndex, 'bodyStructure' | 'parts'>;

const version = 1;

/** What most structures hold; the more frequent, the nearer to the end. */
const dictionary = Buffer.from(
  [
    '("MESSAGE" "DELIVERY-STATUS" NIL NIL NIL "7BIT" 400 NIL NIL NIL NIL) "REPORT" ("REPORT-TYPE" "delivery-status"',
    '("MESSAGE" "RFC822" NIL NIL NIL "8BIT" ("TEXT" "CALENDAR" ("CHARSET" "UTF-8" "METHOD" "REQUEST") NIL NIL "BASE64"',
    '("APPLICATION" "OCTET-STREAM" ("NAME" "("APPLICATION" "PKCS7-SIGNATURE" ("NAME" "smime.p7s") NIL NIL "BASE64"',
    '("APPLICATION" "VND.OPENXMLFORMATS-OFFICEDOCUMENT.WORDPROCESSINGML.DOCUMENT" ("NAME" ".docx") NIL NIL "BASE64"',
    '("IMAGE" "JPEG" ("NAME" "image001.jpg") "<image001.jpg@01D" "image001.jpg" "BASE64" 1000 NIL ("INLINE" ("FILENAME"',
    '("IMAGE" "PNG" ("NAME" "image001.png") "<image001.png@01D" "image001.png" "BASE64" 1000 NIL ("INLINE" ("FILENAME"',
    '"RELATED" ("BOUNDARY" "----=_NextPart_000_" "TYPE" "multipart/alternative") NIL NIL NIL)("APPLICATION" "PDF" ("NAME" "',
    '("TEXT" "PLAIN" ("CHARSET" "us-ascii") NIL NIL "7BIT" 1000 20 NIL NIL NIL NIL)',
    '("TEXT" "PLAIN" ("CHARSET" "utf-8" "FORMAT" "flowed") NIL NIL "8BIT" 1000 20 NIL NIL NIL NIL)',
    '("TEXT" "HTML" ("CHARSET" "utf-8") NIL NIL "BASE64" 1000 20 NIL NIL NIL NIL)',
    '((("TEXT" "PLAIN" ("CHARSET" "UTF-8") NIL NIL "QUOTED-PRINTABLE" 1000 20 NIL NIL NIL NIL)',
    '("TEXT" "HTML" ("CHARSET" "UTF-8") NIL NIL "QUOTED-PRINTABLE" 1000 20 NIL NIL NIL NIL)',
    ' "ALTERNATIVE" ("BOUNDARY" "----=_Part_") NIL NIL NIL)',
    ' NIL "BASE64" 1000 NIL ("ATTACHMENT" ("FILENAME" ".pdf")) NIL NIL) "MIXED" ("BOUNDARY" "") NIL NIL NIL)',
  ].join(''),
  'latin1',
);

/** Octets of the buffers that zlib fills: most structures are no longer, and a larger one costs more than the work. */
const chunkSize = 2048;

export function packStructure({ bodyStructure, parts }: PartStructure): Uint8Array {
  const numbers = new VarintWriter();
  for (const number of [parts.length, ...parts]) numbers.write(number);
  const deflated = deflateRawSync(Buffer.from(bodyStructure, 'latin1'), { dictionary, chunkSize });
  return Buffer.concat([Uint8Array.of(version), numbers.bytes(), deflated]);
}

/** The table of parts, which is there without inflating anything. Throws `DamagedItem`. */
export function unpackParts(packed: Uint8Array): readonly number[] {
  return readParts(packed).parts;
}

/** BODYSTRUCTURE. Throws `DamagedItem`. */
export function unpackBodyStructure(packed: Uint8Array): string {
  return inflated(readParts(packed).rest);
}

function readParts(packed: Uint8Array): { readonly parts: readonly number[]; readonly rest: Uint8Array } {
  if (packed[0] !== version) throw new DamagedItem('structure of parts');
  const numbers = new VarintReader(packed.subarray(1));
  const parts: number[] = [];
  for (let left = numbers.read(); left > 0; left--) parts.push(numbers.read());
  return { parts, rest: numbers.rest() };
}

function inflated(deflated: Uint8Array): string {
  try {
    return inflateRawSync(deflated, { dictionary, chunkSize }).toString('latin1');
  } catch {
    throw new DamagedItem('structure of parts');
  }
}
