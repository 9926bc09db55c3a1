/** Reading a blob by range, in chunks, from wherever it lies at that moment. */
import { readSync } from 'node:fs';
import { BlobMissing } from '../../../mail/ports/blobs.ts';
import type { ByteRange } from '../../../mail/ports/blobs.ts';
import type { Catalog, Entry } from './catalog.ts';
import type { ChunkMemory } from './chunk-memory.ts';
import type { Handles, Lease } from './handles.ts';
import { assertKey } from './record.ts';
import { isMissing } from './segment-files.ts';

/** Of one chunk. */
const maxChunkBytes = 64 * 1024;

/** A compaction may move the blob between the look into the catalog and the opening; not this often in a row. */
const maxLooks = 20;

export interface Reading {
  readonly catalog: Catalog;
  readonly handles: Handles;
  readonly memory: ChunkMemory;
  readonly key: string;
  readonly range: ByteRange;
}

/** The blob's segment stays readable until the consumer stops, whatever becomes of the blob. */
export async function* readBlob(reading: Reading): AsyncGenerator<Uint8Array, void, undefined> {
  assertKey(reading.key);
  const { entry, lease } = await find(reading);
  try {
    for (const { from, to } of extents(entry, reading.range))
      for (let at = from; at < to; at += maxChunkBytes) {
        const chunk = reading.memory.take(Math.min(maxChunkBytes, to - at));
        fill(chunk, { lease, at, key: reading.key });
        yield chunk;
      }
  } finally {
    lease.release();
  }
}

async function find({ catalog, handles, key }: Reading): Promise<{ entry: Entry; lease: Lease }> {
  for (let look = 1; ; look++) {
    const entry = catalog.entry(key);
    if (!entry) throw new BlobMissing(key);
    try {
      return { entry, lease: await handles.acquire(entry.segment) };
    } catch (fault) {
      if (!isMissing(fault) || look === maxLooks) throw fault;
    }
  }
}

/** Where in the file the range lies: at most in the prefix, stored last, and in the body, stored first. */
function extents(entry: Entry, range: ByteRange): readonly { readonly from: number; readonly to: number }[] {
  const { prefixBytes, bodyBytes } = entry;
  const start = Math.max(0, range.start);
  const end = Math.min(range.end, prefixBytes + bodyBytes);
  const body = entry.offset + entry.contentAt;
  const prefix = body + bodyBytes;
  return [
    { from: prefix + start, to: prefix + Math.min(end, prefixBytes) },
    { from: body + Math.max(0, start - prefixBytes), to: body + end - prefixBytes },
  ].filter(({ from, to }) => from < to);
}

/** On the spot: what is in the system's memory is there sooner than another thread would be woken. */
function fill(
  chunk: Buffer,
  { lease, at, key }: { readonly lease: Lease; readonly at: number; readonly key: string },
): void {
  for (let done = 0; done < chunk.length;) {
    const bytesRead = readSync(lease.handle.fd, chunk, done, chunk.length - done, at + done);
    if (bytesRead === 0) throw new Error(`the blob ${key} is cut short on the disk`);
    done += bytesRead;
  }
}
