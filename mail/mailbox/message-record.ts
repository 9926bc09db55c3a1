/**
 * What changes of a message, in 24 to 32 bytes: the records of the log, and of `s#` blocks once they are unpacked.
 * Big-endian:
 *
 *     0 uid 4 | 4 system flags 1 | 5 internal date 5 (signed) | 10 modSeq 6 | 16 size 4 | 20 save date 4 | 24 keywords 0, 4 or 8
 *
 * The keywords are a mask over the names that stand beside the records; without names there is no mask.
 */
import type { Flags } from './flags.ts';
import { DamagedItem, parseRev, parseUid, sound } from './types.ts';
import type { ModSeq, Uid } from './types.ts';

/** A message in a mailbox, as far as it changes. */
export interface MessageRecord extends Flags {
  readonly uid: Uid;
  readonly modSeq: ModSeq;
  /** In octets. */
  readonly size: number;
  /** INTERNALDATE; seconds since 1970. */
  readonly internalDateSeconds: number;
  /** SAVEDATE (RFC 8514): when it came into this mailbox; seconds since 1970. */
  readonly saveDateSeconds: number;
}

/** Records of one kind with the keywords that they use. */
export interface PackedRecords {
  /** At most 64 names. */
  readonly keywords: readonly string[];
  readonly records: Uint8Array;
}

const fixedWidth = 24;
const twoTo32 = 2 ** 32;

function widthWith(keywords: number): number {
  return keywords === 0 ? fixedWidth : keywords <= 32 ? fixedWidth + 4 : fixedWidth + 8;
}

/** At most 64 keywords in all; more are the caller's mistake. */
export function packRecords(records: readonly MessageRecord[]): PackedRecords {
  const names = new KeywordNames(records);
  const writer = new RecordWriter(records.length, names.keywords);
  for (const record of records) writer.add(record, names.maskOf(record));
  return writer.packed;
}

/** The keywords of a record, as bits over the names beside the records: 0 to 31, and 32 to 63. */
export interface KeywordMask {
  readonly low: number;
  readonly high: number;
}

const noKeyword: KeywordMask = { low: 0, high: 0 };

/** The names that stand beside some records. */
export class KeywordNames {
  readonly #bits = new Map<string, number>();

  /** Throws a `RangeError` where they are more than 64. */
  constructor(records: readonly MessageRecord[]) {
    for (const { keywords } of records)
      for (const keyword of keywords) if (!this.#bits.has(keyword)) this.#bits.set(keyword, this.#bits.size);
    if (this.#bits.size > 64) throw new RangeError('more than 64 keywords in one block or log entry');
  }

  get keywords(): readonly string[] {
    return [...this.#bits.keys()];
  }

  maskOf({ keywords }: MessageRecord): KeywordMask {
    if (keywords.length === 0) return noKeyword;
    let low = 0;
    let high = 0;
    for (const keyword of keywords) {
      const bit = this.#bits.get(keyword) ?? 0;
      if (bit < 32) low |= 1 << bit;
      else high |= 1 << (bit - 32);
    }
    return { low: low >>> 0, high: high >>> 0 };
  }
}

/** A record whose numbers have not been looked at, without its keywords. */
export type UnreadRecord = { readonly [name in keyof Omit<MessageRecord, 'keywords'>]: number };

/** Packs records, one after the other. */
export class RecordWriter {
  readonly #keywords: readonly string[];
  readonly #records: Uint8Array;
  readonly #view: DataView;
  readonly #width: number;
  #at = 0;

  /** For `most` at most. */
  constructor(most: number, keywords: readonly string[]) {
    this.#width = widthWith(keywords.length);
    this.#keywords = keywords;
    this.#records = new Uint8Array(most * this.#width);
    this.#view = new DataView(this.#records.buffer);
  }

  /** Those that were added. */
  get packed(): PackedRecords {
    return { keywords: this.#keywords, records: this.#records.subarray(0, this.#at) };
  }

  add(record: UnreadRecord, { low, high }: KeywordMask): void {
    const view = this.#view;
    const at = this.#at;
    view.setUint32(at, record.uid);
    view.setUint8(at + 4, record.system);
    view.setInt8(at + 5, Math.floor(record.internalDateSeconds / twoTo32));
    view.setUint32(at + 6, record.internalDateSeconds >>> 0);
    view.setUint16(at + 10, Math.floor(record.modSeq / twoTo32));
    view.setUint32(at + 12, record.modSeq >>> 0);
    view.setUint32(at + 16, record.size);
    view.setUint32(at + 20, record.saveDateSeconds);
    if (this.#width > fixedWidth) view.setUint32(at + fixedWidth, low);
    if (this.#width > fixedWidth + 4) view.setUint32(at + fixedWidth + 4, high);
    this.#at += this.#width;
  }
}

/** Reads packed records in place, without an object for each. */
export class RecordReader {
  /** How many records there are. */
  readonly count: number;
  readonly keywords: readonly string[];
  readonly #view: DataView;
  readonly #width: number;

  /** Throws `DamagedItem` where the bytes are no whole number of records. */
  constructor(packed: PackedRecords) {
    const { keywords, records } = packed;
    this.#width = widthWith(keywords.length);
    this.keywords = keywords;
    this.count = records.byteLength / this.#width;
    if (!Number.isInteger(this.count) || keywords.length > 64) throw new DamagedItem('block of records');
    this.#view = new DataView(records.buffer, records.byteOffset, records.byteLength);
  }

  uidAt(index: number): number {
    return this.#view.getUint32(index * this.#width);
  }
  systemAt(index: number): number {
    return this.#view.getUint8(index * this.#width + 4);
  }
  internalDateSecondsAt(index: number): number {
    const at = index * this.#width;
    return this.#view.getInt8(at + 5) * twoTo32 + this.#view.getUint32(at + 6);
  }
  modSeqAt(index: number): number {
    const at = index * this.#width;
    return this.#view.getUint16(at + 10) * twoTo32 + this.#view.getUint32(at + 12);
  }
  sizeAt(index: number): number {
    return this.#view.getUint32(index * this.#width + 16);
  }
  saveDateSecondsAt(index: number): number {
    return this.#view.getUint32(index * this.#width + 20);
  }
  /** Keywords 0 to 31, as bits over `keywords`. */
  lowMaskAt(index: number): number {
    return this.keywords.length === 0 ? 0 : this.#view.getUint32(index * this.#width + fixedWidth);
  }
  /** Keywords 32 to 63. */
  highMaskAt(index: number): number {
    return this.keywords.length <= 32 ? 0 : this.#view.getUint32(index * this.#width + fixedWidth + 4);
  }

  /** The names of a record's keywords, in the order that they were given. */
  keywordsAt(index: number): readonly string[] {
    return maskedKeywords(this.keywords, { low: this.lowMaskAt(index), high: this.highMaskAt(index) });
  }

  recordAt(index: number): MessageRecord {
    return {
      uid: sound(parseUid(this.uidAt(index)), 'uid'),
      system: this.systemAt(index),
      keywords: this.keywordsAt(index),
      modSeq: sound(parseRev(this.modSeqAt(index)), 'modSeq'),
      size: this.sizeAt(index),
      internalDateSeconds: this.internalDateSecondsAt(index),
      saveDateSeconds: this.saveDateSecondsAt(index),
    };
  }
}

const noKeywords: readonly string[] = [];

/** In the order that they are kept in. */
export function maskedKeywords(names: readonly string[], { low, high }: KeywordMask): readonly string[] {
  if (low === 0 && high === 0) return noKeywords;
  const present = names.filter((_, bit) =>
    bit < 32 ? ((low >>> bit) & 1) === 1 : ((high >>> (bit - 32)) & 1) === 1,
  );
  return present.toSorted((one, other) => (one < other ? -1 : 1));
}

/** All records, as objects. */
export function unpackRecords(packed: PackedRecords): readonly MessageRecord[] {
  const reader = new RecordReader(packed);
  return Array.from({ length: reader.count }, (_, index) => reader.recordAt(index));
}
