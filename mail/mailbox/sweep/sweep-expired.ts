/**
 * The sweep: deletes for good what the retention no longer keeps, and clears up after writers that died. It never scans
 * accounts: its work stands under `expire#<day>` (expire-entry.ts), where commits and Feed noted it; only the blobs are
 * gone through, bit by bit. A run is bounded, may stop at any point, and may run beside another.
 */
import { queryAll } from '../../ports/table.ts';
import { retryAside } from '../feed/aside.ts';
import { asidePartition } from '../keys.ts';
import { incomingBlobs, mailboxBlobs, outboundBlobs } from './blob-rules.ts';
import { sweepDueEntries } from './due-entries.ts';
import { sweepBlobs } from './sweep-blobs.ts';
import { SweepRun } from './sweep-run.ts';
import type { SweepCounts, SweepPorts } from './sweep-run.ts';

/** How much a run does, and of what. */
export interface SweepOptions extends SweepPorts {
  /** Entries, blocks and pages of a run; what is left waits for the next. */
  readonly maxSteps?: number;
  /** Blobs looked at under each prefix in a run. */
  readonly maxBlobs?: number;
  /** Whether `incoming/` is the sweep's too: on one machine, where no lifecycle rule does it. */
  readonly lifecycle?: boolean;
  /** When the oldest job that waits in any queue was sent: no blob as young as that one's goes. */
  readonly oldestJobAt?: Date;
  readonly signal?: AbortSignal;
}

const defaultMaxSteps = 20_000;
const defaultMaxBlobs = 20_000;

/** One run. What fails is logged, counted and tried again in the next; rejects only where it cannot even begin. */
export async function sweepExpired(options: SweepOptions): Promise<Readonly<SweepCounts>> {
  const { maxSteps = defaultMaxSteps, maxBlobs = defaultMaxBlobs, lifecycle = false } = options;
  const { signal, oldestJobAt } = options;
  const run = new SweepRun(options, { maxSteps, signal, oldestJobAt });
  await part(run, 'aside', () => retryAllAside(run));
  await part(run, 'entries', () => sweepDueEntries(run));
  const rules = lifecycle ? [mailboxBlobs, outboundBlobs, incomingBlobs] : [mailboxBlobs, outboundBlobs];
  for (const rule of rules) await part(run, rule.prefix, () => sweepBlobs(run, rule, { maxBlobs }));
  run.report();
  return run.counts;
}

async function part(run: SweepRun, name: string, work: () => Promise<void>): Promise<void> {
  if (run.over) return;
  try {
    await work();
  } catch (fault) {
    run.fail(fault, { part: name });
  }
}

async function retryAllAside(run: SweepRun): Promise<void> {
  for await (const aside of queryAll(run.ports.table, { pk: asidePartition })) {
    if (!run.takeStep()) return;
    try {
      await retryAside(run.ports, aside);
      run.add('aside');
    } catch (fault) {
      run.fail(fault, { aside: aside.sk });
    }
  }
}
