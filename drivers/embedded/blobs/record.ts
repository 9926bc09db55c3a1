/**
 * A record of a segment file: a header that describes it, the key, and the content. All of it is checked by CRC-32,
 * so that what is damaged or torn is recognised. The content is the blob's body, then its prefix where that became
 * known only when the body had long been written.
 */
import { crc32 } from 'node:zlib';

/** Fields of a header; sizes in bytes. */
export interface RecordHeader {
  readonly key: string;
  /** From the record's start to its content. */
  readonly contentAt: number;
  readonly bodyBytes: number;
  /** The first bytes of the blob, stored after its body. */
  readonly prefixBytes: number;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  /** CRC-32 of the content as stored. */
  readonly contentCrc: number;
}

const magic = Buffer.from('Pblb');
const version = 1;
const fixedBytes = 36;
const crcAt = 32;

/** Of a key, in UTF-8, as on S3. */
const maxKeyBytes = 1024;

/** A key has 1 to 1024 bytes of UTF-8, as on S3. */
export function assertKey(key: string): void {
  const bytes = Buffer.byteLength(key);
  if (bytes < 1 || bytes > maxKeyBytes || !key.isWellFormed())
    throw new RangeError(`a blob's key has 1 to ${maxKeyBytes} bytes of UTF-8`);
}

/** What a header with the longest key takes: where content begins in a file whose key is not known yet. */
export const reservedHeaderBytes = 4096;

/** A header and its key, padded to `contentAt`. */
export function encodeHeader(header: RecordHeader): Buffer {
  const key = Buffer.from(header.key);
  const bytes = Buffer.alloc(header.contentAt);
  magic.copy(bytes);
  bytes.writeUInt8(version, 4);
  bytes.writeUInt16BE(key.length, 6);
  bytes.writeUInt32BE(header.contentAt, 8);
  bytes.writeUIntBE(header.bodyBytes, 12, 6);
  bytes.writeUInt32BE(header.prefixBytes, 18);
  bytes.writeUIntBE(header.createdAt, 22, 6);
  bytes.writeUInt32BE(header.contentCrc, 28);
  key.copy(bytes, fixedBytes);
  bytes.writeUInt32BE(headerCrc(bytes, key.length), crcAt);
  return bytes;
}

/** How many bytes a header with that key takes without padding. */
export function headerBytes(key: string): number {
  return fixedBytes + Buffer.byteLength(key);
}

/** Undefined where these bytes do not begin with a whole, undamaged header. */
export function decodeHeader(bytes: Buffer): RecordHeader | undefined {
  if (bytes.length < fixedBytes || !bytes.subarray(0, 4).equals(magic) || bytes[4] !== version)
    return undefined;
  const keyBytes = bytes.readUInt16BE(6);
  const contentAt = bytes.readUInt32BE(8);
  if (contentAt < fixedBytes + keyBytes || bytes.length < fixedBytes + keyBytes) return undefined;
  if (bytes.readUInt32BE(crcAt) !== headerCrc(bytes, keyBytes)) return undefined;
  return {
    key: bytes.toString('utf8', fixedBytes, fixedBytes + keyBytes),
    contentAt,
    bodyBytes: bytes.readUIntBE(12, 6),
    prefixBytes: bytes.readUInt32BE(18),
    createdAt: bytes.readUIntBE(22, 6),
    contentCrc: bytes.readUInt32BE(28),
  };
}

/** Whether the bytes are one record, whole and undamaged. */
export function isWholeRecord(bytes: Buffer): boolean {
  const header = decodeHeader(bytes);
  if (!header) return false;
  const end = header.contentAt + header.bodyBytes + header.prefixBytes;
  return bytes.length === end && crc32(bytes.subarray(header.contentAt)) === header.contentCrc;
}

function headerCrc(bytes: Buffer, keyBytes: number): number {
  return crc32(bytes.subarray(fixedBytes, fixedBytes + keyBytes), crc32(bytes.subarray(0, crcAt)));
}
