/** Reading an object: one GET, and from where it broke off another one for the rest of the same object. */
import { Readable } from 'node:stream';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import { BlobMissing } from '../../../mail/ports/blobs.ts';
import type { ByteRange } from '../../../mail/ports/blobs.ts';
import { BodyReader } from './body-reader.ts';
import type { Chunk } from './body-reader.ts';
import { BucketFault, pauseBefore } from './bucket.ts';
import type { Bucket } from './bucket.ts';
import { headObject } from './object-info.ts';

const maxChunkBytes = 64 * 1024;

/** Answers that break one after the other without a byte. */
const maxBreaks = 3;

interface Part extends ByteRange {
  /** Of the object whose rest it is. */
  readonly etag: string | undefined;
}

interface OpenPart {
  readonly body: Readable;
  readonly etag: string | undefined;
  /** Of the range, cut at the object's end. */
  readonly end: number;
}

export async function* readObject(
  bucket: Bucket,
  key: string,
  { start, end }: ByteRange,
): AsyncGenerator<Uint8Array, void, undefined> {
  // No header can ask for nothing.
  if (start >= end) await assertThere(bucket, key);
  let etag: string | undefined;
  for (let at = start, breaks = 0; at < end;) {
    const opened = await openPart(bucket, key, { start: at, end, etag });
    if (opened === undefined) return;
    etag = opened.etag;
    const reader = new BodyReader(opened.body, bucket.patienceMs);
    try {
      let chunk = await reader.next();
      for (; chunk.kind === 'bytes'; chunk = await reader.next()) {
        breaks = 0;
        at += chunk.bytes.length;
        yield* pieces(chunk.bytes);
      }
      if (chunk.kind === 'end' && at === opened.end) return;
      if (chunk.kind === 'left') continue;
      breaks += 1;
      // The last bytes have been told already where their checksum is wrong.
      if (breaks > maxBreaks || at >= opened.end) throw brokenOff(key, at, chunk);
    } finally {
      reader.close();
    }
    await pauseBefore(breaks);
  }
}

/** Undefined where the object ends before. */
async function openPart(bucket: Bucket, key: string, part: Part): Promise<OpenPart | undefined> {
  const range = rangeHeader(part);
  try {
    const answer = await bucket.ask(`give ${key}`, (client, options) =>
      client.send(
        new GetObjectCommand({ Bucket: bucket.name, Key: key, Range: range, IfMatch: part.etag }),
        options,
      ),
    );
    const { Body: body, ContentLength: length, ETag: etag } = answer;
    if (!(body instanceof Readable) || length === undefined)
      throw new Error(`S3 gave ${key} without a body or its length`);
    if ((range === undefined) !== (answer.ContentRange === undefined))
      throw new Error(`S3 gave another part of ${key} than it was asked for`);
    return { body, etag, end: part.start + length };
  } catch (fault) {
    if (!(fault instanceof BucketFault)) throw fault;
    if (fault.isMissing) throw new BlobMissing(key);
    if (fault.code === 'InvalidRange') return undefined;
    if (fault.code === 'PreconditionFailed')
      throw new Error(`${key} was replaced while it was read`, { cause: fault });
    throw fault;
  }
}

/** None for the whole object: then S3 gives its checksum too, and the client verifies it. */
function rangeHeader({ start, end }: ByteRange): string | undefined {
  if (end !== Infinity) return `bytes=${start}-${end - 1}`;
  return start === 0 ? undefined : `bytes=${start}-`;
}

function* pieces(bytes: Uint8Array): Generator<Uint8Array, void, undefined> {
  for (let at = 0; at < bytes.length; at += maxChunkBytes) yield bytes.subarray(at, at + maxChunkBytes);
}

async function assertThere(bucket: Bucket, key: string): Promise<void> {
  if ((await headObject(bucket, key)) === undefined) throw new BlobMissing(key);
}

function brokenOff(key: string, at: number, chunk: Chunk): Error {
  const cause = chunk.kind === 'broken' ? chunk.fault : undefined;
  const why = cause instanceof Error ? `: ${cause.message}` : '';
  return new Error(`S3 broke off ${key} after ${at} bytes${why}`, { cause });
}
