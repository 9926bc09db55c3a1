/** A batch of what Amazon SES says of sent messages. */
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { parseSesEvent } from '../../drivers/aws/ses/feedback-event.ts';
import { retrySchedule } from '../../mail/delivery/outbound/retry-schedule.ts';
import { settleFeedback, type FeedbackPorts } from '../../mail/delivery/feedback/settle-feedback.ts';
import { batchResponse, readBatch } from '../handling/batch.ts';

/** One that comes too early, or fails, comes again; one that is no event ends as a dead letter. */
export function feedbackBatch(
  ports: Omit<FeedbackPorts, 'schedule'>,
): (event: SQSEvent) => Promise<SQSBatchResponse> {
  return async (event) => {
    const { jobs, unreadable } = readBatch<unknown>(event, ports.log);
    const failed: string[] = [];
    for (const { messageId, job } of jobs)
      try {
        const feedback = parseSesEvent(job.body);
        if (feedback !== undefined) await settleFeedback({ ...ports, schedule: retrySchedule }, feedback);
      } catch (fault) {
        ports.log.error('feedback.failed', fault, { sqsMessageId: messageId, attempt: job.attempt });
        failed.push(messageId);
      }
    return batchResponse([...unreadable, ...failed]);
  };
}
