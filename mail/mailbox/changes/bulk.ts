/** All or nothing over several commits: parts under a `bulk#` record, and all of them taken out when one fails. */
import type { AccountWriter, Change } from '../account-writer.ts';
import { accepted, ChangeTooLarge, refused } from '../account-writer.ts';
import type { Draft } from '../draft.ts';
import { expireItem } from '../expire-entry.ts';
import type { Item } from '../../ports/table.ts';
import { bulkItem, parseBulkItem, withUids } from '../bulk-item.ts';
import { bulkKey } from '../keys.ts';
import { bulkStaleMs } from '../limits.ts';
import type { Gone } from '../outcome.ts';
import type { MailboxId, Uid } from '../types.ts';
import { undoBulk } from './undo-bulk.ts';

/** The bulk was undone by another (the sweep, which took its writer for dead): a fault. */
export class BulkUndone extends Error {
  constructor() {
    super('a cut operation took so long that it was undone meanwhile');
    this.name = 'BulkUndone';
  }
}

/** How things are added part by part. */
export interface BulkJob<Thing, Result> {
  readonly writer: AccountWriter;
  readonly token: string;
  /** Where they are added. */
  readonly mailbox: MailboxId;
  readonly things: readonly Thing[];
  /** Most things in a part; halved where they do not fit. */
  readonly partSize: number;
  /** The change that adds one part. */
  readonly changeOf: (part: readonly Thing[]) => Change<Result>;
  /** The uids that a part has added; undefined: it was refused, and that ends the whole. */
  readonly addedBy: (result: Result) => readonly Uid[] | undefined;
}

/** The parts' results, or the refusal that ended it; then, and after a fault, nothing of it remains. */
export async function runBulk<Thing, Result>(
  job: BulkJob<Thing, Result>,
): Promise<readonly Result[] | { readonly refusal: Result | Gone }> {
  const results: Result[] = [];
  let size = job.partSize;
  let at = 0;
  try {
    while (at < job.things.length) {
      const part = job.things.slice(at, at + size);
      const first = at === 0;
      const last = at + part.length === job.things.length;
      const end = await tryPart(job, { part, first, last });
      if (end === 'tooLarge') {
        size = Math.ceil(part.length / 2);
        continue;
      }
      if (isGone(end)) return { refusal: end };
      if (job.addedBy(end) === undefined) {
        await undoBulk(job.writer, job.token);
        return { refusal: end };
      }
      results.push(end);
      at += part.length;
    }
    return results;
  } catch (fault) {
    // Where this fails too, the record stays for the sweep; what failed first is what is told.
    await undoBulk(job.writer, job.token).catch(() => undefined);
    throw fault;
  }
}

interface Part<Thing> {
  readonly part: readonly Thing[];
  readonly first: boolean;
  readonly last: boolean;
}

async function tryPart<Thing, Result>(
  job: BulkJob<Thing, Result>,
  part: Part<Thing>,
): Promise<Result | Gone | 'tooLarge'> {
  try {
    return await job.writer.submit(partChange(job, part));
  } catch (fault) {
    if (fault instanceof ChangeTooLarge && part.part.length > 1) return 'tooLarge';
    throw fault;
  }
}

function partChange<Thing, Result>(
  job: BulkJob<Thing, Result>,
  { part, first, last }: Part<Thing>,
): Change<Result> {
  const change = job.changeOf(part);
  return {
    until: 'flushed',
    async plan(draft) {
      const key = bulkKey(draft.account, job.token);
      const item = await draft.get(key);
      if (!first && (item === undefined || item['undone'] === true)) throw new BulkUndone();
      const { result } = await change.plan(draft);
      const added = job.addedBy(result);
      if (added === undefined) return refused(result);
      const before = item === undefined ? [] : parseBulkItem(item).added;
      const bulk = {
        token: job.token,
        mailbox: job.mailbox,
        atMs: draft.nowMs,
        added: withUids(before, added),
      };
      if (first && !last) draft.put(sweepNote(draft, job.token));
      if (!last) draft.put(bulkItem(draft.account, bulk));
      else if (!first) draft.delete(key);
      return accepted(result);
    },
  };
}

/** By it the sweep finds the record, should this writer die: left to it also when all goes well. */
function sweepNote(draft: Draft, token: string): Item {
  const dueAtMs = draft.nowMs + bulkStaleMs;
  return expireItem({ account: draft.account, dueAtMs, subject: { kind: 'bulk', token } });
}

function isGone(end: unknown): end is Gone {
  return typeof end === 'object' && end !== null && 'kind' in end && end.kind === 'gone';
}
