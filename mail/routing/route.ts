/** Route: one message that was accepted becomes a deliver job for each account, and a notification for what failed. */
import type { Log } from '../ports/log.ts';
import type { Metrics } from '../ports/metrics.ts';
import type { Queue } from '../ports/queue.ts';
import { formatAddress } from '../message/address.ts';
import type { Failure } from '../delivery/failure.ts';
import type { RecipientDirectory } from './directory-port.ts';
import { expandRecipients } from './expand.ts';
import type { DeliverJob, RouteJob } from './jobs.ts';

/** Tells the sender of a message what could not be delivered. */
export type NotifySender = (failed: {
  readonly messageId: string;
  readonly blobKey: string;
  readonly reversePath: string | null;
  readonly receivedAt: string;
  readonly failures: readonly Failure[];
}) => Promise<void>;

export interface RoutePorts {
  readonly directory: RecipientDirectory;
  /** FIFO, the account as its group. */
  readonly deliverQueue: Queue<DeliverJob>;
  readonly notifySender: NotifySender;
  readonly log: Log;
  readonly metrics: Metrics;
}

/**
 * Safe to repeat: a job that was sent before is delivered once by its message id, and a notification has an id made
 * from what it tells. Resolves when everything that follows is durable.
 */
export async function routeMessage(ports: RoutePorts, job: RouteJob): Promise<void> {
  const { messageId, blobKey, sizeBytes, envelope, receivedAt } = job;
  const reversePath = envelope.reversePath === null ? null : formatAddress(envelope.reversePath);
  const { destinations, failures } = await expandRecipients(
    ports.directory,
    envelope.recipients.map(({ address }) => address),
  );
  if (destinations.length > 0)
    await ports.deliverQueue.send(
      destinations.map(({ accountId, address, recipient }) => ({
        group: accountId,
        deduplicationId: `${messageId}:${accountId}`,
        body: {
          messageId,
          blobKey,
          sizeBytes,
          accountId,
          accountAddress: address,
          recipient,
          reversePath,
          receivedAt,
        },
      })),
    );
  if (failures.length > 0)
    await ports.notifySender({ messageId, blobKey, reversePath, receivedAt, failures });
  ports.metrics.count('route.destinations', {}, destinations.length);
  ports.log.info('route.routed', {
    messageId,
    accounts: destinations.map(({ accountId }) => accountId),
    failed: failures.map(({ recipient, reason }) => `${recipient} ${reason}`),
  });
}
