/**
 * What happens to jobs, each step within one transaction: sent, received, done, given back, dead, sent again. A job
 * stands in exactly one place, and a group that may be received from has exactly one turn.
 */
import type { GroupRecord, JobRecord, QueueRecords, QueueTotals } from './queue-records.ts';

/** As on SQS: `fifo` keeps the order in a group, `standard` lets groups take turns. */
export type QueueKind = 'standard' | 'fifo';

/** A job with its number. */
export interface NumberedJob {
  readonly id: number;
  readonly job: JobRecord;
  readonly body: string;
}

/** What is received at once ends with the job that passes it. */
const maxBatchBytes = 4 * 2 ** 20;
/** Groups that share one batch. */
const maxGroupsAtOnce = 256;
/** Jobs whose time has come that one transaction moves. */
const maxDueAtOnce = 1000;

/** The moves of one transaction. */
export class QueueMoves {
  readonly #records: QueueRecords;
  readonly #kind: QueueKind;
  readonly #maxAttempts: number;
  #totals: QueueTotals;
  /** Groups that changed and are not written yet. */
  #groups = new Map<string, GroupRecord>();

  /** For one transaction: `finish` writes what is left. */
  constructor(options: {
    readonly records: QueueRecords;
    readonly kind: QueueKind;
    readonly maxAttempts: number;
  }) {
    this.#records = options.records;
    this.#kind = options.kind;
    this.#maxAttempts = options.maxAttempts;
    this.#totals = options.records.totals();
  }

  /** The last step of the transaction. */
  finish(): void {
    this.#settleGroups();
    this.#records.putTotals(this.#totals);
  }

  send(options: {
    readonly group: string;
    readonly body: string;
    readonly now: number;
    readonly delayMs: number;
  }): void {
    const { group, body, now, delayMs } = options;
    const id = this.#totals.nextId;
    this.#count({ nextId: 1 });
    this.#records.putBody(id, body);
    const job: JobRecord = { group, sentAt: now, attempt: 0, receipts: 0, place: 'ready', dueAt: 0 };
    if (delayMs > 0) this.#putLater(id, { ...job, place: 'delayed', dueAt: now + delayMs });
    else this.#putReady(id, job);
  }

  /** Moves what is due: hidden and delayed jobs become ready, or dead letters. True when there may be more. */
  moveDue(now: number): boolean {
    const due = this.#records.later(now, maxDueAtOnce);
    for (const id of due) this.#giveBack(id, this.#records.job(id));
    return due.length === maxDueAtOnce;
  }

  /** Jobs to work on now, hidden until `hiddenUntil`. */
  take(max: number, hiddenUntil: number): readonly NumberedJob[] {
    this.#settleGroups();
    const taken: NumberedJob[] = [];
    let room = maxBatchBytes;
    let open = this.#records.turns(this.#kind === 'fifo' ? 1 : Math.min(max, maxGroupsAtOnce));
    while (open.length > 0 && taken.length < max && room > 0) {
      const share = Math.ceil((max - taken.length) / open.length);
      const more: string[] = [];
      for (const group of open) {
        const wanted = Math.min(share, max - taken.length);
        if (wanted === 0 || room <= 0) break;
        const ids = this.#records.ready(group, wanted);
        for (const id of ids) {
          if (room <= 0) break;
          const job = this.#hide(id, hiddenUntil);
          room -= job.body.length;
          taken.push(job);
        }
        this.#endTurn(group);
        if (ids.length === wanted) more.push(group);
      }
      open = more;
    }
    return taken;
  }

  /** The job has been worked on; dead letters go likewise. A receipt that is not the latest changes nothing. */
  done(id: number, receipts: number): void {
    const job = this.#records.job(id);
    if (!job || job.receipts !== receipts) return;
    this.#leave(id, job);
    this.#records.removeJob(id);
  }

  /** Gives a job back, to be ready at `dueAt`, or at once when that has passed. */
  release(options: {
    readonly id: number;
    readonly receipts: number;
    readonly now: number;
    readonly dueAt: number;
  }): void {
    const { id, receipts, now, dueAt } = options;
    const job = this.#records.job(id);
    if (!job || job.receipts !== receipts || job.place !== 'out') return;
    if (dueAt <= now || job.attempt >= this.#maxAttempts) return this.#giveBack(id, job);
    this.#leave(id, job);
    this.#putLater(id, { ...job, place: 'delayed', dueAt });
  }

  /** Ends the hiding of all jobs that are out: nobody works on them any more. */
  recover(): void {
    for (const id of this.#records.later(Infinity, Infinity)) {
      const job = this.#records.job(id);
      if (job?.place === 'out') this.#giveBack(id, job);
    }
  }

  /** Sends dead letters again; how many. */
  redrive(limit: number): number {
    const ids = this.#records.dead(limit);
    for (const id of ids) {
      const job = this.#records.job(id);
      if (!job) continue;
      this.#leave(id, job);
      this.#putReady(id, { ...job, attempt: 0 });
    }
    return ids.length;
  }

  #hide(id: number, hiddenUntil: number): NumberedJob {
    const ready = this.#records.job(id);
    if (!ready) throw new Error(`job ${id} is ready and has no record: the table is damaged`);
    this.#leave(id, ready);
    const { attempt, receipts } = ready;
    const job: JobRecord = {
      ...ready,
      attempt: attempt + 1,
      receipts: receipts + 1,
      place: 'out',
      dueAt: hiddenUntil,
    };
    this.#putLater(id, job);
    return { id, job, body: this.#records.body(id) };
  }

  /** From hidden or delayed to ready, or to the dead letters. */
  #giveBack(id: number, job: JobRecord | undefined): void {
    if (!job) return;
    this.#leave(id, job);
    if (job.place === 'out' && job.attempt >= this.#maxAttempts) this.#putDead(id, job);
    else this.#putReady(id, job);
  }

  #putReady(id: number, job: JobRecord): void {
    this.#records.putJob(id, { ...job, place: 'ready', dueAt: 0 });
    this.#records.addReady(job.group, id);
    this.#count({ waiting: 1 });
    this.#changeGroup(job.group, { ready: 1 });
  }

  #putLater(id: number, job: JobRecord): void {
    this.#records.putJob(id, job);
    this.#records.addLater(job.dueAt, id);
    this.#count(job.place === 'out' ? { out: 1 } : { waiting: 1 });
    if (this.#kind === 'fifo') this.#changeGroup(job.group, { holding: 1 });
  }

  #putDead(id: number, job: JobRecord): void {
    // A new receipt: what the last worker still does with its own counts no more.
    this.#records.putJob(id, { ...job, place: 'dead', dueAt: 0, receipts: job.receipts + 1 });
    this.#records.addDead(id);
    this.#count({ dead: 1 });
  }

  /** Takes a job out of the place where it stands. */
  #leave(id: number, { place, group, dueAt }: JobRecord): void {
    switch (place) {
      case 'ready':
        this.#records.removeReady(group, id);
        this.#count({ waiting: -1 });
        this.#changeGroup(group, { ready: -1 });
        break;
      case 'out':
      case 'delayed':
        this.#records.removeLater(dueAt, id);
        this.#count(place === 'out' ? { out: -1 } : { waiting: -1 });
        if (this.#kind === 'fifo') this.#changeGroup(group, { holding: -1 });
        break;
      case 'dead':
        this.#records.removeDead(id);
        this.#count({ dead: -1 });
        break;
    }
  }

  #group(group: string): GroupRecord {
    return this.#groups.get(group) ?? this.#records.group(group);
  }

  #changeGroup(group: string, change: Partial<Pick<GroupRecord, 'ready' | 'holding'>>): void {
    const { ready, holding, turn } = this.#group(group);
    const changed = { ready: ready + (change.ready ?? 0), holding: holding + (change.holding ?? 0), turn };
    this.#groups.set(group, changed);
  }

  /** After it was received from, a group goes to the end of the row. */
  #endTurn(group: string): void {
    const record = this.#group(group);
    if (record.turn !== 0) this.#records.removeTurn(record.turn);
    this.#groups.set(group, { ...record, turn: 0 });
  }

  /** A group has a turn exactly while it may be received from. */
  #settleGroups(): void {
    for (const [group, record] of this.#groups) {
      const open = record.ready > 0 && record.holding === 0;
      if (!open && record.turn !== 0) this.#records.removeTurn(record.turn);
      const turn = open ? record.turn || this.#newTurn(group) : 0;
      this.#records.putGroup(group, { ...record, turn });
    }
    this.#groups.clear();
  }

  #newTurn(group: string): number {
    const turn = this.#totals.nextTurn;
    this.#count({ nextTurn: 1 });
    this.#records.addTurn(turn, group);
    return turn;
  }

  #count(change: Partial<QueueTotals>): void {
    const { waiting, out, dead, nextId, nextTurn } = this.#totals;
    this.#totals = {
      waiting: waiting + (change.waiting ?? 0),
      out: out + (change.out ?? 0),
      dead: dead + (change.dead ?? 0),
      nextId: nextId + (change.nextId ?? 0),
      nextTurn: nextTurn + (change.nextTurn ?? 0),
    };
  }
}
