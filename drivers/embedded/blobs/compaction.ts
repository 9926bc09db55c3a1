/**
 * Compaction: what lives in a segment that is mostly dead is copied to the end of this process's own, flushed, and
 * only then do the catalog's entries that still lie at the old place go to the new one; then the old file goes. So a
 * delete or a replacement meanwhile wins, and a reader that has the old file open finishes in peace.
 */
import type { Clock } from '../../../mail/ports/clock.ts';
import type { Log } from '../../../mail/ports/log.ts';
import { isRunning } from '../process-identity.ts';
import type { ProcessIdentity } from '../process-identity.ts';
import type { Appender } from './appender.ts';
import { recordBytes } from './catalog-change.ts';
import type { Catalog, Reference, Segment } from './catalog.ts';
import type { Handles, Lease } from './handles.ts';
import { isWholeRecord } from './record.ts';
import type { SegmentFiles, SegmentId } from './segment-files.ts';

/** What a compaction has done; sizes in bytes. */
export interface Compaction {
  readonly removedSegments: number;
  readonly removedBytes: number;
  readonly movedBytes: number;
}

export interface CompactorOptions {
  readonly catalog: Catalog;
  readonly files: SegmentFiles;
  readonly handles: Handles;
  readonly appender: Appender;
  readonly owner: ProcessIdentity;
  readonly instance: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly remove: (ids: readonly SegmentId[]) => Promise<void>;
}

/** A compactor that has not shown itself for so long has lost its turn. */
const leaseMs = 60_000;
/** Every process leaves a segment; so many small ones are put together, living or not. */
const smallSegmentBytes = 1024 * 1024;
const maxSmallSegments = 16;
/** In memory at a time while records are copied: each has at most 1.3 MB. */
const recordsAtOnce = 16;

const nothing: Compaction = { removedSegments: 0, removedBytes: 0, movedBytes: 0 };

/** Does nothing while another process compacts. */
export async function compact(options: CompactorOptions): Promise<Compaction> {
  if (!(await takeTurn(options))) return nothing;
  try {
    await removeUnknownFiles(options);
    await leaveOwnSegment(options);
    await sealTheDead(options);
    return await compactAll(options);
  } finally {
    await giveTurn(options);
  }
}

async function compactAll(options: CompactorOptions): Promise<Compaction> {
  let { removedSegments, removedBytes, movedBytes } = nothing;
  for (const segment of await worthIt(options)) {
    if (!(await takeTurn(options))) break;
    const bytes = (await options.files.bytes(segment.id)) ?? 0;
    try {
      movedBytes += await moveRecords(options, segment);
      if (options.catalog.segment(segment.id)) continue;
      removedSegments++;
      removedBytes += bytes;
    } catch (fault) {
      // It stays as it is; the others are none the worse.
      options.log.error('blobs.compaction.failed', fault, { segment: segment.id });
    }
  }
  return { removedSegments, removedBytes, movedBytes };
}

/** A file whose number the catalog does not know: its process died while the file went. */
async function removeUnknownFiles({ catalog, files, remove }: CompactorOptions): Promise<void> {
  // The files first: a segment is in the catalog before its file is there.
  const ids = await files.list();
  const known = new Set(catalog.segments().map(({ id }) => id));
  await remove(ids.filter((id) => !known.has(id)));
}

async function leaveOwnSegment({ appender, catalog, files }: CompactorOptions): Promise<void> {
  const segment = appender.segment === undefined ? undefined : catalog.segment(appender.segment);
  if (!segment) return;
  const bytes = (await files.bytes(segment.id)) ?? 0;
  if (bytes > smallSegmentBytes && segment.liveBytes < bytes / 2) await appender.roll();
}

async function sealTheDead({ catalog, remove }: CompactorOptions): Promise<void> {
  const left = catalog.segments().filter(({ sealed, owner }) => !sealed && !isRunning(owner));
  if (left.length === 0) return;
  const emptied = await catalog.commit((change) => {
    for (const { id } of left) change.seal(id);
    return change.emptied;
  });
  await remove(emptied);
}

async function worthIt({ catalog, files }: CompactorOptions): Promise<readonly Segment[]> {
  const done = catalog.segments().filter(({ sealed, kind }) => sealed && kind === 'shared');
  const sized = await Promise.all(
    done.map(async (segment) => ({ segment, bytes: (await files.bytes(segment.id)) ?? 0 })),
  );
  const small = sized.filter(({ bytes }) => bytes < smallSegmentBytes).length >= maxSmallSegments;
  return sized
    .filter(({ segment, bytes }) => segment.liveBytes < bytes / 2 || (small && bytes < smallSegmentBytes))
    .map(({ segment }) => segment);
}

/** The bytes moved. When the last record has moved, the segment and its file go with the same transaction. */
async function moveRecords(options: CompactorOptions, segment: Segment): Promise<number> {
  const { catalog, handles } = options;
  let movedBytes = 0;
  let offset = 0;
  for (;;) {
    const records = catalog.records({ segment: segment.id, offset, limit: recordsAtOnce });
    const last = records.at(-1);
    if (!last) return movedBytes;
    const lease = await handles.acquire(segment.id);
    try {
      await Promise.all(records.map((record) => moveRecord(options, { record, lease })));
    } finally {
      lease.release();
    }
    movedBytes += records.reduce((sum, { entry }) => sum + recordBytes(entry), 0);
    offset = last.entry.offset + 1;
    await takeTurn(options);
  }
}

async function moveRecord(
  { appender, log }: CompactorOptions,
  { record, lease }: { readonly record: Reference; readonly lease: Lease },
): Promise<void> {
  const { key, entry } = record;
  const bytes = Buffer.allocUnsafeSlow(recordBytes(entry));
  const { bytesRead } = await lease.handle.read(bytes, 0, bytes.length, entry.offset);
  if (bytesRead < bytes.length) throw new Error(`the blob ${key} is cut short on the disk`);
  // It is moved all the same: what can be read of a message is better than nothing.
  if (!isWholeRecord(bytes)) log.error('blobs.damaged', new Error('a checksum is wrong'), { key });
  await appender.append({ parts: [bytes], publish: (change, place) => change.move(entry, place) });
}

/** Whether it is this process's turn, for another while. */
function takeTurn({ catalog, owner, instance, clock }: CompactorOptions): Promise<boolean> {
  const now = clock.now();
  return catalog.commit((change) => {
    const lease = change.lease();
    const theirs = lease && lease.instance !== instance && lease.until > now;
    if (theirs && isRunning(lease.owner)) return false;
    change.putLease({ owner, instance, until: now + leaseMs });
    return true;
  }, 'visible');
}

async function giveTurn({ catalog, instance }: CompactorOptions): Promise<void> {
  await catalog.commit((change) => {
    if (change.lease()?.instance === instance) change.putLease(undefined);
  }, 'visible');
}
