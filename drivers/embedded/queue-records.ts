/**
 * How a queue stands in LMDB. All queues share one sub-database; each key begins with the queue's name, a NUL and the
 * kind of record. Everything here runs within a transaction.
 *
 * | kind | key | record |
 * | --- | --- | --- |
 * | `c` | | counts of the queue, and the next numbers |
 * | `j` | id | a job, but for its body |
 * | `b` | id | the body, written once |
 * | `r` | group, id | a job that is ready, in the order of sending |
 * | `g` | group | how many of the group are ready or held, and its turn |
 * | `t` | turn | the group whose turn it is then |
 * | `l` | time, id | a job that is ready later: hidden or delayed |
 * | `x` | id | a dead letter |
 */
import type { Value } from '../../mail/ports/table.ts';
import type { Environment, Records } from './environment.ts';

/** Counts of a queue, and what numbers it gives next. */
export interface QueueTotals {
  readonly waiting: number;
  readonly out: number;
  readonly dead: number;
  readonly nextId: number;
  readonly nextTurn: number;
}

/** `delayed` jobs wait for their time, `out` ones are hidden by a receipt. */
export type JobPlace = 'ready' | 'delayed' | 'out' | 'dead';

/** A job, but for its body. */
export interface JobRecord {
  /** Empty for none. */
  readonly group: string;
  readonly sentAt: number;
  /** Receipts since it was sent or sent again. */
  readonly attempt: number;
  /** Changes with each receipt, and never goes back: the receipt's name. */
  readonly receipts: number;
  readonly place: JobPlace;
  /** Of a delayed or an out job, in milliseconds since 1970. */
  readonly dueAt: number;
}

/** What decides whether a group may be received from. */
export interface GroupRecord {
  readonly ready: number;
  /** Jobs not done that hold the group up: those that are out or delayed, in a FIFO queue. */
  readonly holding: number;
  /** 0: it has none. */
  readonly turn: number;
}

const noTotals: QueueTotals = { waiting: 0, out: 0, dead: 0, nextId: 1, nextTurn: 1 };
const noGroup: GroupRecord = { ready: 0, holding: 0, turn: 0 };

type Kind = 'c' | 'j' | 'b' | 'r' | 'g' | 't' | 'l' | 'x';

/** The records of one queue. */
export class QueueRecords {
  readonly #environment: Environment;
  readonly #records: Records;
  readonly #name: string;

  constructor(environment: Environment, name: string) {
    this.#environment = environment;
    this.#records = environment.records('queues');
    this.#name = name;
  }

  totals(): QueueTotals {
    return (this.#read(this.#key('c')) as QueueTotals | undefined) ?? noTotals;
  }

  putTotals(totals: QueueTotals): void {
    this.#write(this.#key('c'), { ...totals });
  }

  job(id: number): JobRecord | undefined {
    return this.#read(this.#key('j', id)) as JobRecord | undefined;
  }

  /** The job that was sent first, of all that are not done. */
  oldestJob(): JobRecord | undefined {
    const [key] = this.#keys(this.#key('j'), 1);
    return key === undefined ? undefined : this.job(lastNumber(key));
  }

  putJob(id: number, job: JobRecord): void {
    this.#write(this.#key('j', id), { ...job });
  }

  body(id: number): string {
    const bytes = this.#records.get(this.#key('b', id));
    if (!bytes) throw new Error(`job ${id} of the queue ${this.#name} has no body: the table is damaged`);
    return Buffer.from(bytes).toString();
  }

  putBody(id: number, body: string): void {
    void this.#records.put(this.#key('b', id), Buffer.from(body));
  }

  removeJob(id: number): void {
    void this.#records.remove(this.#key('j', id));
    void this.#records.remove(this.#key('b', id));
  }

  group(group: string): GroupRecord {
    return (this.#read(this.#key('g', group)) as GroupRecord | undefined) ?? noGroup;
  }

  putGroup(group: string, record: GroupRecord): void {
    const key = this.#key('g', group);
    if (record.ready === 0 && record.holding === 0) void this.#records.remove(key);
    else this.#write(key, { ...record });
  }

  addReady(group: string, id: number): void {
    void this.#records.put(this.#key('r', `${group}\0`, id), Buffer.alloc(0));
  }

  removeReady(group: string, id: number): void {
    void this.#records.remove(this.#key('r', `${group}\0`, id));
  }

  /** The oldest of a group. */
  ready(group: string, limit: number): readonly number[] {
    return this.#keys(this.#key('r', `${group}\0`), limit).map(lastNumber);
  }

  addTurn(turn: number, group: string): void {
    void this.#records.put(this.#key('t', turn), Buffer.from(`${group}\0`));
  }

  removeTurn(turn: number): void {
    void this.#records.remove(this.#key('t', turn));
  }

  /** The groups whose turn is next. */
  turns(limit: number): readonly string[] {
    const start = this.#key('t');
    const range = { start, end: following(start), limit };
    return [...this.#records.getRange(range)].map(({ value }) => Buffer.from(value).toString().slice(0, -1));
  }

  addLater(dueAt: number, id: number): void {
    void this.#records.put(this.#key('l', dueAt, id), Buffer.alloc(0));
  }

  removeLater(dueAt: number, id: number): void {
    void this.#records.remove(this.#key('l', dueAt, id));
  }

  /** Ids of what is due up to `until`, in that order. */
  later(until: number, limit: number): readonly number[] {
    const keys = this.#keys(this.#key('l'), limit);
    return keys.filter((key) => key.readDoubleBE(key.length - 16) <= until).map(lastNumber);
  }

  addDead(id: number): void {
    void this.#records.put(this.#key('x', id), Buffer.alloc(0));
  }

  removeDead(id: number): void {
    void this.#records.remove(this.#key('x', id));
  }

  dead(limit: number): readonly number[] {
    return this.#keys(this.#key('x'), limit).map(lastNumber);
  }

  #keys(prefix: Buffer, limit: number): readonly Buffer[] {
    const range = { start: prefix, end: following(prefix), limit };
    return [...this.#records.getKeys(range)].map((key) => Buffer.from(key));
  }

  #key(kind: Kind, ...parts: readonly (string | number)[]): Buffer {
    const encoded = parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : numberKey(part)));
    return Buffer.concat([Buffer.from(`${this.#name}\0${kind}`), ...encoded]);
  }

  #read(key: Buffer): unknown {
    const bytes = this.#records.get(key);
    return bytes && this.#environment.codec.decode(bytes);
  }

  #write(key: Buffer, record: Readonly<Record<string, Value>>): void {
    void this.#records.put(key, this.#environment.codec.encode(record));
  }
}

/** Bytes whose order is that of the numbers, from 0. */
function numberKey(number: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleBE(number);
  return bytes;
}

function lastNumber(key: Buffer): number {
  return key.readDoubleBE(key.length - 8);
}

/** The first key past all that begin with `prefix`; its last byte is never 255. */
function following(prefix: Buffer): Buffer {
  const next = Buffer.from(prefix);
  next[next.length - 1] = (next.at(-1) ?? 0) + 1;
  return next;
}
