/** A batch of SQS messages, and which of them failed: those come again, the others are done. */
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { eventJobs } from '../../drivers/aws/queue/event.ts';
import type { Log } from '../../mail/ports/log.ts';
import type { ReceivedJob } from '../../mail/ports/queue.ts';

/** A job, by SQS's name for its message. */
export interface BatchJob<Body> {
  readonly messageId: string;
  readonly job: ReceivedJob<Body>;
}

/** The jobs of an event; those that cannot be read have failed, and end as dead letters for an admin. */
export function readBatch<Body>(
  event: SQSEvent,
  log: Log,
): { readonly jobs: readonly BatchJob<Body>[]; readonly unreadable: readonly string[] } {
  const jobs: BatchJob<Body>[] = [];
  const unreadable: string[] = [];
  for (const each of eventJobs<Body>(event))
    if (each.kind === 'job') jobs.push(each);
    else {
      log.error('queue.unreadable', each.fault, { sqsMessageId: each.messageId });
      unreadable.push(each.messageId);
    }
  return { jobs, unreadable };
}

export function batchResponse(failed: readonly string[]): SQSBatchResponse {
  return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) };
}

/** Every job by itself, all at once. */
export async function eachAlone<Body extends { readonly messageId: string }>(
  event: SQSEvent,
  { log }: { readonly log: Log },
  handle: (body: Body, job: ReceivedJob<Body>) => Promise<void>,
): Promise<SQSBatchResponse> {
  const { jobs, unreadable } = readBatch<Body>(event, log);
  const results = await Promise.allSettled(jobs.map(async ({ job }) => handle(job.body, job)));
  const failed = jobs.filter(({ job }, at) => {
    const result = results[at];
    if (result?.status !== 'rejected') return false;
    log.error('worker.jobFailed', result.reason, { messageId: job.body.messageId, attempt: job.attempt });
    return true;
  });
  return batchResponse([...unreadable, ...failed.map(({ messageId }) => messageId)]);
}
