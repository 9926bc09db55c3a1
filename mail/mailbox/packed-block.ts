/**
 * The records of a block in about 11 octets each, so that 64 of them are less than the 1 KB that one write unit takes.
 * One octet of version, then of each record, as differences to the one before it:
 *
 *     uid, system flags (as they are), internal date, save date less internal date, modSeq, size (as it is), keywords
 *
 * Keywords are none, one or two masks of 32 bits, by how many names stand beside the records.
 */
import { KeywordNames, maskedKeywords, RecordWriter } from './message-record.ts';
import type { KeywordMask, MessageRecord, PackedRecords, UnreadRecord } from './message-record.ts';
import { DamagedItem, parseRev, parseUid, sound } from './types.ts';
import { VarintReader, VarintWriter } from './varint.ts';

const version = 1;

export interface PackedBlock {
  /** At most 64 names. */
  readonly keywords: readonly string[];
  readonly packed: Uint8Array;
}

/** Rising uids are the shortest. At most 64 keywords in all; more are the caller's mistake. */
export function packBlock(records: readonly MessageRecord[]): PackedBlock {
  const names = new KeywordNames(records);
  const { keywords } = names;
  const numbers = new VarintWriter([version]);
  let before = nothing;
  for (const record of records) {
    const { uid, internalDateSeconds, modSeq } = record;
    const now = {
      uid,
      internalDateSeconds,
      delaySeconds: record.saveDateSeconds - internalDateSeconds,
      modSeq,
    };
    numbers.write(now.uid - before.uid);
    numbers.write(record.system);
    numbers.write(now.internalDateSeconds - before.internalDateSeconds);
    numbers.write(now.delaySeconds - before.delaySeconds);
    numbers.write(now.modSeq - before.modSeq);
    numbers.write(record.size);
    const mask = names.maskOf(record);
    if (keywords.length > 0) numbers.write(mask.low);
    if (keywords.length > 32) numbers.write(mask.high);
    before = now;
  }
  return { keywords, packed: numbers.bytes() };
}

/** Throws `DamagedItem`. */
export function unpackBlock(block: PackedBlock): PackedRecords {
  const writer = new RecordWriter(mostRecords(block), block.keywords);
  eachRecord(block, (record, mask) => writer.add(record, mask));
  return writer.packed;
}

/** The same as objects. Throws `DamagedItem`. */
export function unpackBlockRecords(block: PackedBlock): readonly MessageRecord[] {
  const records: MessageRecord[] = [];
  eachRecord(block, (record, mask) =>
    records.push({
      ...record,
      uid: sound(parseUid(record.uid), 'uid'),
      keywords: maskedKeywords(block.keywords, mask),
      modSeq: sound(parseRev(record.modSeq), 'modSeq'),
    }),
  );
  return records;
}

function eachRecord(
  { keywords, packed }: PackedBlock,
  take: (record: UnreadRecord, mask: KeywordMask) => void,
): void {
  if (packed[0] !== version || keywords.length > maxNames) throw new DamagedItem('block of records');
  const numbers = new VarintReader(packed.subarray(1));
  let { uid, internalDateSeconds, delaySeconds, modSeq } = nothing;
  while (!numbers.atEnd) {
    uid += numbers.read();
    const system = numbers.read();
    internalDateSeconds += numbers.read();
    delaySeconds += numbers.read();
    modSeq += numbers.read();
    const size = numbers.read();
    const low = keywords.length > 0 ? numbers.read() : 0;
    const high = keywords.length > 32 ? numbers.read() : 0;
    const saveDateSeconds = internalDateSeconds + delaySeconds;
    take({ uid, system, modSeq, size, internalDateSeconds, saveDateSeconds }, { low, high });
  }
}

/** Each number takes an octet at least. */
function mostRecords({ packed }: PackedBlock): number {
  return Math.floor(packed.length / numbersOfRecord);
}

/** What is before the first record. */
const nothing = { uid: 0, internalDateSeconds: 0, delaySeconds: 0, modSeq: 0 };
/** Without keywords. */
const numbersOfRecord = 6;
/** Two masks of 32 bits. */
const maxNames = 64;
