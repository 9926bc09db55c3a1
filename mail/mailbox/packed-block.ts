/**
 * The records of a block in about 11 octets each, so that 64 of them are less than the 1 KB that one write unit takes.
 * One octet of version, then of each record, as differences to the one before it:
 *
 *     uid, system flags (as they are), internal date, save date less internal date, modSeq, size (as it is), keywords
 *
 * Keywords are none, one or two masks of 32 bits, by how many names stand beside the records.
 */
import { RecordReader, RecordWriter, packRecords } from './message-record.ts';
import type { MessageRecord, PackedRecords } from './message-record.ts';
import { DamagedItem } from './types.ts';
import { VarintReader, VarintWriter } from './varint.ts';

const version = 1;

export interface PackedBlock {
  /** At most 64 names. */
  readonly keywords: readonly string[];
  readonly packed: Uint8Array;
}

/** Rising uids are the shortest. At most 64 keywords in all; more are the caller's mistake. */
export function packBlock(records: readonly MessageRecord[]): PackedBlock {
  const reader = new RecordReader(packRecords(records));
  const { keywords } = reader;
  const numbers = new VarintWriter();
  let before = nothing;
  for (let at = 0; at < reader.count; at++) {
    const internalDateSeconds = reader.internalDateSecondsAt(at);
    const now = {
      uid: reader.uidAt(at),
      internalDateSeconds,
      delaySeconds: reader.saveDateSecondsAt(at) - internalDateSeconds,
      modSeq: reader.modSeqAt(at),
    };
    numbers.write(now.uid - before.uid);
    numbers.write(reader.systemAt(at));
    numbers.write(now.internalDateSeconds - before.internalDateSeconds);
    numbers.write(now.delaySeconds - before.delaySeconds);
    numbers.write(now.modSeq - before.modSeq);
    numbers.write(reader.sizeAt(at));
    if (keywords.length > 0) numbers.write(reader.lowMaskAt(at));
    if (keywords.length > 32) numbers.write(reader.highMaskAt(at));
    before = now;
  }
  return { keywords, packed: Buffer.concat([Uint8Array.of(version), numbers.bytes()]) };
}

/** Throws `DamagedItem`. */
export function unpackBlock({ keywords, packed }: PackedBlock): PackedRecords {
  if (packed[0] !== version) throw new DamagedItem('block of records');
  const numbers = new VarintReader(packed.subarray(1));
  const read = () => numbers.read();
  const records: (typeof nothing & { system: number; size: number; low: number; high: number })[] = [];
  let before = nothing;
  while (!numbers.atEnd) {
    const uid = before.uid + read();
    const system = read();
    const internalDateSeconds = before.internalDateSeconds + read();
    const delaySeconds = before.delaySeconds + read();
    const modSeq = before.modSeq + read();
    const size = read();
    const low = keywords.length > 0 ? read() : 0;
    const high = keywords.length > 32 ? read() : 0;
    before = { uid, internalDateSeconds, delaySeconds, modSeq };
    records.push({ ...before, system, size, low, high });
  }
  const writer = new RecordWriter(records.length, keywords);
  for (const record of records) {
    const saveDateSeconds = record.internalDateSeconds + record.delaySeconds;
    writer.add({ ...record, saveDateSeconds }, record);
  }
  return writer.packed;
}

/** What is before the first record. */
const nothing = { uid: 0, internalDateSeconds: 0, delaySeconds: 0, modSeq: 0 };
