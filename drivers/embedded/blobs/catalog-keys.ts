/**
 * The catalog's keys and values. A key is one letter for the kind, then numbers of six bytes, so that their order is the order wanted:
 *   k<blob key>                       -> where the blob is
 *   x<segment><offset><blob key>      -> this blob lies there; several after a copy
 *   s<segment>                        -> the segment
 *   n, c                              -> the next segment's number; who compacts
 * A value is JSON.
 */
import type { Records } from '../environment.ts';
import type { SegmentId } from './segment-files.ts';

/** Where a record starts. */
export interface Place {
  readonly segment: SegmentId;
  readonly offset: number;
}

export const nextSegmentKey = Buffer.from('n');
export const compactorKey = Buffer.from('c');

const numberBytes = 6;

export function blobKey(key: string): Buffer {
  return Buffer.from(`k${key}`);
}

/** The blob's key of one that `blobKey` made. */
export function blobKeyOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('utf8', 1);
}

export function segmentKey(id: SegmentId): Buffer {
  const bytes = Buffer.alloc(1 + numberBytes, 's');
  bytes.writeUIntBE(id, 1, numberBytes);
  return bytes;
}

/** Without a blob's key it begins all references to that place; without a place, to the segment. */
export function referenceKey(segment: SegmentId, offset?: number, key = ''): Buffer {
  const numbers = Buffer.alloc(1 + (offset === undefined ? 1 : 2) * numberBytes, 'x');
  numbers.writeUIntBE(segment, 1, numberBytes);
  if (offset === undefined) return numbers;
  numbers.writeUIntBE(offset, 1 + numberBytes, numberBytes);
  return Buffer.concat([numbers, Buffer.from(key)]);
}

/** What `referenceKey` was given. */
export function referenceOf(key: Uint8Array): { readonly place: Place; readonly key: string } {
  const bytes = Buffer.from(key);
  const place = {
    segment: bytes.readUIntBE(1, numberBytes),
    offset: bytes.readUIntBE(1 + numberBytes, numberBytes),
  };
  return { place, key: bytes.toString('utf8', 1 + 2 * numberBytes) };
}

/** The first key after all that begin with these bytes. */
export function endOf(prefix: Buffer): Buffer {
  const end = Buffer.from(prefix);
  for (let at = end.length - 1; at >= 0; at--) {
    const byte = end[at] ?? 0;
    if (byte < 0xff) {
      end[at] = byte + 1;
      return end.subarray(0, at + 1);
    }
  }
  throw new RangeError('nothing comes after these bytes');
}

/** A value as it is kept. */
export function encodeValue(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}

/** What `encodeValue` was given. */
export function decodeValue(bytes: Uint8Array): unknown {
  return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString());
}

/** The value under a key; undefined where there is none. */
export function readValue(records: Records, key: Buffer): unknown {
  // In lmdb's own buffer, which the next read overwrites.
  const bytes = records.getBinaryFast(key);
  return bytes && decodeValue(bytes);
}
