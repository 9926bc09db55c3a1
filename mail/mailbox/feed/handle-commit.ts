/**
 * What happens after a commit: the function that Feed's records are given to, in each account's order, at least once,
 * and perhaps late. A second time changes nothing.
 */
import type { Metrics } from '../../ports/metrics.ts';
import type { Item } from '../../ports/table.ts';
import { compareAndSet } from '../compare-and-set.ts';
import { expireItem } from '../expire-entry.ts';
import type { ExpirySubject } from '../expire-entry.ts';
import { readLegalHold } from '../legal-hold.ts';
import { completedBlocks, parseLogItem, trimsLog } from '../log-record.ts';
import type { LogRecord } from '../log-record.ts';
import { takeOut } from './take-out.ts';
import type { TakeOutPorts } from './take-out.ts';
import { writeEnvelopePage } from './write-envelope-page.ts';
import type { PagePorts } from './write-envelope-page.ts';

/** What handling a commit needs. `retentionDays`: how long an expunged message can be brought back. */
export interface FeedPorts extends TakeOutPorts, PagePorts {
  readonly metrics: Metrics;
}

/**
 * Takes expunged places out of their messages, notes for the sweep what the commit leaves it to do, and writes the pages of
 * blocks that are complete. (A removed account's note is in its commit already.) Throws `DamagedItem`, `CompareAndSetFailed`.
 */
export async function handleCommit(ports: FeedPorts, item: Item): Promise<void> {
  const record = parseLogItem(item);
  await takeOutExpunged(ports, record);
  for (const change of record.folders)
    if (change.kind === 'deleted') await note(ports, record, { kind: 'mailbox', mailbox: change.mailbox });
  if (trimsLog(record.rev)) await note(ports, record, { kind: 'log', upTo: record.rev });
  for (const complete of completedBlocks(record)) await writeEnvelopePage(ports, complete);
  ports.metrics.count('feed.handled');
}

async function takeOutExpunged(ports: FeedPorts, { account, messages }: LogRecord): Promise<void> {
  const expunged = messages.filter(({ kind }) => kind === 'expunged');
  if (expunged.length === 0) return;
  const held = await readLegalHold(ports.table, account);
  for (const { mailbox, records } of expunged) {
    await takeOut(ports, { account, mailbox, records, held });
    ports.metrics.count('feed.takenOut', {}, records.length);
  }
}

/** Under today's day: the sweep looks at once. Under the same key, a repeat of the same day writes the same again. */
async function note(ports: FeedPorts, { account }: LogRecord, subject: ExpirySubject): Promise<void> {
  const item = expireItem({ account, dueAtMs: ports.clock.now(), subject });
  await compareAndSet(ports, async () => [{ kind: 'put', item }], { until: 'visible' });
}
