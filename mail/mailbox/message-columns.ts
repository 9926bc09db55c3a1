/** The records of a whole mailbox in memory, by columns: about 33 bytes a message, in the order of the uids. */
import { closeGaps } from './close-gaps.ts';
import { lowerBound } from './lower-bound.ts';
import type { MessageRecord, RecordReader } from './message-record.ts';
import { parseRev, parseUid, sound } from './types.ts';

/** Distinct sets of keywords; most messages have none, and few sets serve the rest. */
class KeywordSets {
  readonly #sets: (readonly string[])[] = [[]];
  readonly #numbers = new Map<string, number>([['', 0]]);

  numberOf(keywords: readonly string[]): number {
    if (keywords.length === 0) return 0;
    const name = keywords.join(' ');
    const known = this.#numbers.get(name);
    if (known !== undefined) return known;
    this.#numbers.set(name, this.#sets.length);
    return this.#sets.push(keywords) - 1;
  }

  at(number: number): readonly string[] {
    return this.#sets[number] ?? [];
  }

  get size(): number {
    return this.#sets.length;
  }
}

export class MessageColumns {
  #count = 0;
  #uids: Uint32Array;
  #modSeqs: Float64Array;
  #internalDates: Float64Array;
  #sizes: Uint32Array;
  #saveDates: Uint32Array;
  #keywordSets: Uint32Array;
  #systems: Uint8Array;
  #keywords = new KeywordSets();
  /** Where a uid was found last. */
  #found = -1;

  constructor(capacity = 64) {
    this.#uids = new Uint32Array(capacity);
    this.#modSeqs = new Float64Array(capacity);
    this.#internalDates = new Float64Array(capacity);
    this.#sizes = new Uint32Array(capacity);
    this.#saveDates = new Uint32Array(capacity);
    this.#keywordSets = new Uint32Array(capacity);
    this.#systems = new Uint8Array(capacity);
  }

  get count(): number {
    return this.#count;
  }

  uidAt(index: number): number {
    return this.#uids[index] ?? 0;
  }
  systemAt(index: number): number {
    return this.#systems[index] ?? 0;
  }
  modSeqAt(index: number): number {
    return this.#modSeqs[index] ?? 0;
  }
  sizeAt(index: number): number {
    return this.#sizes[index] ?? 0;
  }
  internalDateSecondsAt(index: number): number {
    return this.#internalDates[index] ?? 0;
  }
  saveDateSecondsAt(index: number): number {
    return this.#saveDates[index] ?? 0;
  }
  keywordsAt(index: number): readonly string[] {
    return this.#keywords.at(this.#keywordSets[index] ?? 0);
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

  /** All uids, rising; a copy. */
  uids(): Uint32Array {
    return this.#uids.slice(0, this.#count);
  }

  /** Where `uid` is, or where it would be put: the first index with a uid not below it. */
  lowerBound(uid: number): number {
    return lowerBound(this.#uids, this.#count, uid);
  }

  /** Where `uid` is, or -1. Most ask for one after the other: behind the last that was found it is looked for first. */
  indexOf(uid: number): number {
    const behind = this.#found + 1;
    const isNext = behind < this.#count && this.uidAt(behind) === uid;
    const at = isNext ? behind : this.lowerBound(uid);
    if (at >= this.#count || this.uidAt(at) !== uid) return -1;
    this.#found = at;
    return at;
  }

  /** Every keyword that some record has. */
  keywordsInUse(): Set<string> {
    this.#dropUnusedSets();
    const names = new Set<string>();
    for (let set = 0; set < this.#keywords.size; set++)
      for (const name of this.#keywords.at(set)) names.add(name);
    return names;
  }

  /** Puts all records of a block behind the others, without an object for each. */
  pushAll(reader: RecordReader): void {
    this.#reserve(this.#count + reader.count);
    for (let from = 0; from < reader.count; from++) {
      const at = this.#count++;
      this.#uids[at] = reader.uidAt(from);
      this.#systems[at] = reader.systemAt(from);
      this.#modSeqs[at] = reader.modSeqAt(from);
      this.#sizes[at] = reader.sizeAt(from);
      this.#internalDates[at] = reader.internalDateSecondsAt(from);
      this.#saveDates[at] = reader.saveDateSecondsAt(from);
      this.#keywordSets[at] =
        reader.lowMaskAt(from) === 0 && reader.highMaskAt(from) === 0
          ? 0
          : this.#keywords.numberOf(reader.keywordsAt(from));
    }
  }

  /** Puts the record in its place, over one with the same uid. */
  set(record: MessageRecord): void {
    const at = this.lowerBound(record.uid);
    if (at === this.#count || this.uidAt(at) !== record.uid) this.#open(at);
    this.#uids[at] = record.uid;
    this.#systems[at] = record.system;
    this.#modSeqs[at] = record.modSeq;
    this.#sizes[at] = record.size;
    this.#internalDates[at] = record.internalDateSeconds;
    this.#saveDates[at] = record.saveDateSeconds;
    this.#keywordSets[at] = this.#keywords.numberOf(record.keywords);
    // Each change may bring a set that was never seen before: they must not outgrow the mailbox.
    if (this.#keywords.size > 2 * this.#count + 1000) this.#dropUnusedSets();
  }

  #dropUnusedSets(): void {
    const used = new KeywordSets();
    for (let at = 0; at < this.#count; at++) this.#keywordSets[at] = used.numberOf(this.keywordsAt(at));
    this.#keywords = used;
  }

  /** Takes out the records of these uids, where they are. */
  removeAll(uids: readonly number[]): void {
    const indexes = uids.map((uid) => this.indexOf(uid)).filter((index) => index >= 0);
    const rising = [...new Set(indexes)].toSorted((one, other) => one - other);
    this.#count = closeGaps(this.#columns(), this.#count, rising);
  }

  #columns() {
    return [
      this.#uids,
      this.#modSeqs,
      this.#internalDates,
      this.#sizes,
      this.#saveDates,
      this.#keywordSets,
      this.#systems,
    ];
  }

  /** Makes room for one record at `at`. */
  #open(at: number): void {
    this.#reserve(this.#count + 1);
    if (at < this.#count) for (const column of this.#columns()) column.copyWithin(at + 1, at, this.#count);
    this.#count++;
  }

  #reserve(needed: number): void {
    if (needed <= this.#uids.length) return;
    const capacity = Math.max(needed, Math.ceil(this.#uids.length * 1.5));
    this.#uids = grown(this.#uids, new Uint32Array(capacity));
    this.#modSeqs = grown(this.#modSeqs, new Float64Array(capacity));
    this.#internalDates = grown(this.#internalDates, new Float64Array(capacity));
    this.#sizes = grown(this.#sizes, new Uint32Array(capacity));
    this.#saveDates = grown(this.#saveDates, new Uint32Array(capacity));
    this.#keywordSets = grown(this.#keywordSets, new Uint32Array(capacity));
    this.#systems = grown(this.#systems, new Uint8Array(capacity));
  }
}

function grown<Column extends Uint8Array | Uint32Array | Float64Array>(from: Column, into: Column): Column {
  into.set(from);
  return into;
}
