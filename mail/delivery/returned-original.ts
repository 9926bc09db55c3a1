/** What comes back of a message with a notification: its header, or all of it, copied as it flows. */
import { isAscii } from 'node:buffer';
import { BlobMissing, type Blobs, type Upload } from '../ports/blobs.ts';
import type { Returned } from './notification.ts';

/** How much of a header goes back to its sender. */
export const maxReturnedHeaderBytes = 64 * 1024;

/**
 * A larger message does not go back whole (RFC 3461 section 6.2 leaves the length to the server): it came from where
 * it goes to, but the notification is larger than it, and a server that refuses that leaves its sender without a word.
 */
export const maxReturnedMessageBytes = 10 * 1024 * 1024;

/** The message that a notification is about. */
export interface Original {
  readonly blobKey: string;
  /** Octets that are not the sender's. */
  readonly returnPathBytes: number;
  /** All of it, where it is no larger than `maxMessageBytes`. */
  readonly whole: boolean;
  readonly maxMessageBytes: number;
}

/** Writes what comes back into the upload, in bounded memory; undefined where the message's bytes are gone. */
export async function copyOriginal(
  blobs: Blobs,
  original: Original,
  upload: Upload,
): Promise<Returned | undefined> {
  const header = await readHeader(blobs, original);
  if (header === undefined) return undefined;
  const { blobKey, returnPathBytes, maxMessageBytes } = original;
  const sizeBytes = ((await blobs.head(blobKey))?.size ?? 0) - returnPathBytes;
  const tooLarge = original.whole && sizeBytes > maxMessageBytes;
  const whole = original.whole && !tooLarge;
  const messageId = messageIdIn(header);
  const known = { tooLarge, utf8Header: !isAscii(header), ...(messageId === undefined ? {} : { messageId }) };
  if (!whole) {
    await upload.write(header);
    return { ...known, part: 'header', eightBit: known.utf8Header };
  }
  let eightBit = false;
  const range = { start: returnPathBytes, end: returnPathBytes + sizeBytes };
  for await (const chunk of blobs.read(blobKey, range)) {
    eightBit ||= !isAscii(chunk);
    await upload.write(chunk);
  }
  return { ...known, part: 'message', eightBit };
}

/**
 * The header of a stored message with its closing empty line, at most `maxReturnedHeaderBytes`, cut at a line's end;
 * undefined where the bytes are gone: that may be why the message failed.
 */
async function readHeader(
  blobs: Blobs,
  { blobKey, returnPathBytes: start }: Original,
): Promise<Buffer | undefined> {
  const chunks: Uint8Array[] = [];
  try {
    const range = { start, end: start + maxReturnedHeaderBytes };
    for await (const chunk of blobs.read(blobKey, range)) chunks.push(chunk);
  } catch (fault) {
    if (fault instanceof BlobMissing) return undefined;
    throw fault;
  }
  const bytes = Buffer.concat(chunks);
  const end = bytes.indexOf('\r\n\r\n');
  if (end >= 0) return bytes.subarray(0, end + 4);
  const lastLine = bytes.lastIndexOf('\r\n');
  return Buffer.concat([bytes.subarray(0, Math.max(0, lastLine)), Buffer.from('\r\n\r\n')]);
}

/** The Message-ID, where it can stand in In-Reply-To and References. */
function messageIdIn(header: Buffer): string | undefined {
  const field = /^message-id:[ \t]*(?:\r?\n[ \t]+)?(<[\x21-\x3b\x3d\x3f-\x7e]{1,250}>)/im;
  return field.exec(header.toString('latin1'))?.[1];
}
