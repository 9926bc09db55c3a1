/**
 * Runs a function over the jobs of a queue where no Lambda does: what an event source mapping does for one, with the same
 * partial batch failures.
 */
import type { Clock } from '../../mail/ports/clock.ts';
import type { Log } from '../../mail/ports/log.ts';
import type { Metrics } from '../../mail/ports/metrics.ts';
import type { Queue, ReceivedJob } from '../../mail/ports/queue.ts';

export interface WorkerOptions<Body> {
  readonly queue: Queue<Body>;
  /** Rejecting fails the whole batch; otherwise the receipts that failed. */
  readonly handle: (jobs: readonly ReceivedJob<Body>[]) => Promise<{ readonly failed: readonly string[] }>;
  /** Jobs in a batch, at most. */
  readonly batch: number;
  /** Batches at once. */
  readonly concurrency: number;
  /** How long a batch may take; then its jobs are given out again. */
  readonly hiddenMs: number;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** Pauses before a failed job is tried again, by attempt; the last stays. */
const retryPausesMs = [1000, 5000, 30_000, 120_000, 300_000, 900_000];

/** Starts taking jobs. Disposing stops it once the batches under way have ended. */
export function startWorker<Body>(options: WorkerOptions<Body>): AsyncDisposable {
  const stop = new AbortController();
  const loops = Array.from({ length: options.concurrency }, () => runLoop(options, stop.signal));
  return {
    async [Symbol.asyncDispose]() {
      stop.abort();
      await Promise.all(loops);
    },
  };
}

async function runLoop<Body>(options: WorkerOptions<Body>, signal: AbortSignal): Promise<void> {
  const { queue, clock, log } = options;
  while (!signal.aborted) {
    try {
      const { batch: max, hiddenMs } = options;
      const jobs = await queue.receive({ max, waitMs: 20_000, hiddenMs, signal });
      if (jobs.length > 0) await runBatch(options, jobs);
    } catch (fault) {
      log.error('worker.failed', fault, { queue: queue.name });
      await clock.sleep(1000, signal);
    }
  }
}

async function runBatch<Body>(
  { queue, handle, log, metrics }: WorkerOptions<Body>,
  jobs: readonly ReceivedJob<Body>[],
): Promise<void> {
  let failed: readonly string[];
  try {
    ({ failed } = await handle(jobs));
  } catch (fault) {
    log.error('worker.batchFailed', fault, { queue: queue.name, jobs: jobs.length });
    failed = jobs.map(({ receipt }) => receipt);
  }
  const unfinished = new Set(failed);
  await queue.done(jobs.filter(({ receipt }) => !unfinished.has(receipt)).map(({ receipt }) => receipt));
  for (const { receipt, attempt } of jobs.filter((job) => unfinished.has(job.receipt))) {
    metrics.count('worker.retried', { queue: queue.name });
    await queue.release(receipt, retryPausesMs[attempt - 1] ?? retryPausesMs.at(-1) ?? 0);
  }
}
