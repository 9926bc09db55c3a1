/** What a batch of the deliver queue becomes: one commit for each account; a job that fails is moved aside. */
import type { Queue } from '../ports/queue.ts';
import type { DeliverJob } from '../routing/jobs.ts';
import { deliverToAccount, type DeliverPorts } from './deliver.ts';

/** How long a job that was moved aside waits before its first retry. */
const asideDelayMs = 1000;

/**
 * Delivers the jobs. In a FIFO queue a failing job would block all later mail of its account, so it goes to a standard
 * queue of its own, where it is tried again with growing pauses. Rejects only when that queue takes nothing either.
 */
export async function deliverBatch(
  ports: DeliverPorts & { readonly asideQueue: Queue<DeliverJob> },
  jobs: readonly DeliverJob[],
): Promise<void> {
  const byAccount = Map.groupBy(jobs, ({ accountId }) => accountId);
  for (const [accountId, theirs] of byAccount) {
    try {
      await deliverToAccount(ports, theirs);
    } catch (fault) {
      ports.log.error('deliver.batchFailed', fault, { accountId, jobs: theirs.length });
      for (const job of theirs) await deliverAlone(ports, job);
    }
  }
}

async function deliverAlone(
  ports: DeliverPorts & { readonly asideQueue: Queue<DeliverJob> },
  job: DeliverJob,
): Promise<void> {
  try {
    await deliverToAccount(ports, [job]);
  } catch (fault) {
    const { messageId, accountId } = job;
    ports.log.error('deliver.movedAside', fault, { messageId, accountId });
    ports.metrics.count('deliver.movedAside');
    await ports.asideQueue.send([{ body: job, delayMs: asideDelayMs }]);
  }
}
