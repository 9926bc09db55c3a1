/**
 * One account's changes in one process, one commit after the other. What waits while a commit is under way joins the
 * next: each change is planned on what those before it leave; one that is refused drops out without harm to the others.
 */
import type { Log } from '../ports/log.ts';
import type { CommitOptions, Key } from '../ports/table.ts';
import type { Wake } from '../ports/wake.ts';
import { CommitFailed, pause, sendCommit } from './commit.ts';
import type { CommitPorts } from './commit.ts';
import { openDraft } from './draft.ts';
import type { Draft } from './draft.ts';
import { maxCommitBytes, maxCommitWrites, maxRedos, maxWaitingChanges } from './limits.ts';
import type { Gone } from './outcome.ts';
import { newId } from './types.ts';
import type { AccountId, Rev } from './types.ts';

/** A change of an account: reads and writes the draft only, and may be planned many times. */
export interface Change<Result> {
  /** What it waits for: `flushed` (survives a power failure), or `visible` to every reader. */
  readonly until: NonNullable<CommitOptions['until']>;
  plan(draft: Draft): Promise<Planned<Result>>;
}

/** `refused` takes back what the plan wrote. */
export interface Planned<Result> {
  readonly kind: 'accepted' | 'refused';
  readonly result: Result;
}

/** The change goes into the commit. */
export function accepted<Result>(result: Result): Planned<Result> {
  return { kind: 'accepted', result };
}

/** The change does nothing. */
export function refused<Result>(result: Result): Planned<Result> {
  return { kind: 'refused', result };
}

/** The change alone is more than a transaction takes: its caller must cut it. */
export class ChangeTooLarge extends Error {
  constructor() {
    super('a change is larger than one transaction of the table');
    this.name = 'ChangeTooLarge';
  }
}

/** What writers share. */
export interface WriterPorts extends CommitPorts {
  readonly wake: Wake;
  readonly log: Log;
  readonly epoch: number;
}

interface Waiting {
  readonly change: Change<unknown>;
  readonly resolve: (result: unknown) => void;
  readonly reject: (fault: unknown) => void;
}

/** A change that has its place in the draft. */
interface Included {
  readonly waiting: Waiting;
  readonly result: unknown;
}

export class AccountWriter {
  readonly account: AccountId;
  /** What one transaction may hold: the table's limits, or ours where they are narrower. */
  readonly limits: { readonly maxWrites: number; readonly maxBytes: number };
  readonly #ports: WriterPorts;
  #waiting: Waiting[] = [];
  #running: Promise<void> | undefined;
  #likelyReads: readonly Key[] = [];

  constructor(account: AccountId, ports: WriterPorts) {
    this.account = account;
    this.#ports = ports;
    this.limits = {
      maxWrites: Math.min(ports.table.limits.maxWrites, maxCommitWrites),
      maxBytes: Math.min(ports.table.limits.maxBytes, maxCommitBytes),
    };
  }

  get idle(): boolean {
    return this.#running === undefined;
  }

  /** Resolves when nothing is under way. */
  async settled(): Promise<void> {
    while (this.#running !== undefined) await this.#running;
  }

  /** Resolves with the change's result when it is committed, or refused, as things then stood. */
  submit<Result>(change: Change<Result>): Promise<Result | Gone> {
    if (this.#waiting.length >= maxWaitingChanges)
      return Promise.reject(new CommitFailed(this.account, 'too many changes are waiting'));
    return new Promise<Result | Gone>((resolve, reject) => {
      this.#waiting.push({ change, resolve: resolve as (result: unknown) => void, reject });
      this.#running ??= this.#run();
    });
  }

  async #run(): Promise<void> {
    // A turn later, so that changes submitted together join the first commit.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const taken = this.#waiting;
      this.#waiting = [];
      const left = await this.#commitSome(taken);
      this.#waiting = left.length === 0 ? this.#waiting : [...left, ...this.#waiting];
    }
    this.#running = undefined;
  }

  /** Commits as many of the changes as fit; answers with the rest. Never throws. */
  async #commitSome(taken: readonly Waiting[]): Promise<readonly Waiting[]> {
    let current: readonly Waiting[] = taken;
    try {
      for (let redo = 0; redo < maxRedos; redo++) {
        const draft = await openDraft({
          ...this.#ports,
          account: this.account,
          nowMs: this.#ports.clock.now(),
        });
        if (draft === undefined) {
          for (const { resolve } of current) resolve({ kind: 'gone' });
          return [];
        }
        // Read together what would be read one after the other: each is a round trip on DynamoDB.
        await draft.prefetch(this.#likelyReads);
        const { included, failed, left } = await this.#plan(draft, current);
        this.#likelyReads = draft.likelyReads();
        if (included.length === 0 || (await this.#end(draft, included))) {
          for (const { waiting, result } of included) waiting.resolve(result);
          return left;
        }
        current = failed.size === 0 ? current : current.filter((each) => !failed.has(each));
        await pause(this.#ports, Math.min(redo, 5));
      }
      throw new CommitFailed(this.account, `${maxRedos} times another writer was first`);
    } catch (fault) {
      for (const { reject } of current) reject(fault);
      return [];
    }
  }

  /** Plans the changes in their order until the draft is full. Those that throw are rejected: they are `failed`. */
  async #plan(draft: Draft, changes: readonly Waiting[]) {
    const included: Included[] = [];
    const failed = new Set<Waiting>();
    for (const [at, waiting] of changes.entries()) {
      const savepoint = draft.savepoint();
      try {
        const planned = await waiting.change.plan(draft);
        if (planned.kind === 'refused') draft.rollback(savepoint);
        else if (!draft.fits(this.limits)) {
          draft.rollback(savepoint);
          if (draft.dirty) return { included, failed, left: changes.slice(at) };
          throw new ChangeTooLarge();
        }
        included.push({ waiting, result: planned.result });
      } catch (fault) {
        draft.rollback(savepoint);
        failed.add(waiting);
        waiting.reject(fault);
      }
    }
    return { included, failed, left: [] };
  }

  /** Whether the draft took place; false: plan anew. */
  async #end(draft: Draft, included: readonly Included[]): Promise<boolean> {
    const { table } = this.#ports;
    if (!draft.dirty) {
      const now = await openDraft({ ...this.#ports, account: this.account, nowMs: draft.nowMs });
      return now?.before.rev === draft.before.rev;
    }
    const token = newId(this.#ports.random);
    const { writes, whenFailed } = draft.writes(token);
    const until = included.some(({ waiting }) => waiting.change.until === 'flushed') ? 'flushed' : 'visible';
    const commit = {
      account: this.account,
      before: draft.before.rev,
      rev: draft.rev,
      token,
      writes,
      until,
    } as const;
    const end = await sendCommit({ ...this.#ports, table }, commit);
    switch (end.kind) {
      case 'committed':
        await this.#publish(draft.rev);
        return true;
      case 'overtaken':
        return false;
      case 'conditionFailed':
        for (const index of end.failed) whenFailed[index]?.();
        return false;
      default:
        return end satisfies never;
    }
  }

  /** A lost wake-up costs only time; so a fault in telling it is not the change's. */
  async #publish(rev: Rev): Promise<void> {
    try {
      await this.#ports.wake.publish([{ kind: 'mail', account: this.account, rev }]);
    } catch (fault) {
      this.#ports.log.error('mailbox.wakeFailed', fault, { account: this.account, rev });
    }
  }
}
