/** A batch of the `deliver` queue becomes one commit for each account; one of the queue beside it is tried job by job. */
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { deliverBatch } from '../../mail/delivery/deliver-batch.ts';
import { deliverToAccount, type DeliverPorts } from '../../mail/delivery/deliver.ts';
import type { MailStore } from '../../mail/mailbox/mail-store.ts';
import type { Queue } from '../../mail/ports/queue.ts';
import type { DeliverJob } from '../../mail/routing/jobs.ts';
import { batchResponse, eachAlone, readBatch } from '../handling/batch.ts';
import { sending, type SendingPorts } from '../handling/sending.ts';

export interface DeliverEventPorts extends SendingPorts {
  readonly mail: MailStore;
  readonly queues: SendingPorts['queues'] & { readonly deliverAside: Queue<DeliverJob> };
}

/**
 * `deliver` is a FIFO queue with the account as its group: nothing of an account is delivered twice at once, and a job
 * that fails is moved aside so that it holds up nobody. Only where even that fails does the batch come again.
 */
export function deliverEvent(ports: DeliverEventPorts): (event: SQSEvent) => Promise<SQSBatchResponse> {
  const deliver = { ...deliverPorts(ports), asideQueue: ports.queues.deliverAside };
  return async (event) => {
    const { jobs, unreadable } = readBatch<DeliverJob>(event, ports.log);
    try {
      await deliverBatch(
        deliver,
        jobs.map(({ job }) => job.body),
      );
      return batchResponse(unreadable);
    } catch (fault) {
      ports.log.error('deliver.batchFailed', fault, { jobs: jobs.length });
      return batchResponse([...unreadable, ...jobs.map(({ messageId }) => messageId)]);
    }
  };
}

/** The queue of those that were moved aside: a standard one, whose pauses grow. */
export function deliverAsideEvent(ports: DeliverEventPorts): (event: SQSEvent) => Promise<SQSBatchResponse> {
  const deliver = deliverPorts(ports);
  return (event) => eachAlone<DeliverJob>(event, ports, (job) => deliverToAccount(deliver, [job]));
}

function deliverPorts(ports: DeliverEventPorts): DeliverPorts {
  const { mail, blobs, clock, log, metrics } = ports;
  return { mail, blobs, notifySender: sending(ports).notifySender, clock, log, metrics };
}
