/**
 * Route: one message that was accepted becomes a deliver job for each account, a record in the outbound queue for each
 * recipient on another server, and a notification for what failed.
 */
import type { Log } from '../ports/log.ts';
import type { Metrics } from '../ports/metrics.ts';
import type { Queue } from '../ports/queue.ts';
import { formatAddress } from '../message/address.ts';
import { reportFailure } from '../delivery/failure.ts';
import type { OutboundMessage } from '../delivery/outbound/outbound-recipient.ts';
import type { OutsideRecipient } from '../delivery/outbound/queue-outbound.ts';
import { reportExpanded, type NotifySender } from '../delivery/report.ts';
import type { RecipientDirectory } from './directory-port.ts';
import { deliverJob } from './deliver-job.ts';
import { expandRecipients } from './expand.ts';
import type { DeliverJob, RouteJob } from './jobs.ts';
import { readWishes } from './wishes.ts';

export interface RoutePorts {
  readonly directory: RecipientDirectory;
  /** FIFO, the account as its group. */
  readonly deliverQueue: Queue<DeliverJob>;
  /** Puts a message on its way to recipients on other servers, durably; safe to repeat. */
  readonly sendOutside: (outside: {
    readonly message: OutboundMessage;
    readonly recipients: readonly OutsideRecipient[];
  }) => Promise<void>;
  readonly notifySender: NotifySender;
  readonly log: Log;
  readonly metrics: Metrics;
}

/**
 * Safe to repeat: a job that was sent before is delivered once by its message id, and a notification has an id made
 * from what it tells. Resolves when everything that follows is durable.
 */
export async function routeMessage(ports: RoutePorts, job: RouteJob): Promise<void> {
  const { messageId, blobKey, sizeBytes, envelope, receivedAt, returnPathBytes } = job;
  const { ret, envid } = envelope;
  const reversePath = envelope.reversePath === null ? null : formatAddress(envelope.reversePath);
  const { destinations, outside, failures, several } = await expandRecipients(
    ports.directory,
    envelope.recipients.map(({ address }) => address),
    { passed: job.passed ?? [] },
  );
  const wishes = readWishes(envelope.recipients, { several });
  const message = {
    messageId,
    blobKey,
    reversePath,
    receivedAt,
    returnPathBytes,
    ...(ret === undefined ? {} : { ret }),
    ...(envid === undefined ? {} : { envid }),
  };
  if (destinations.length > 0)
    await ports.deliverQueue.send(
      destinations.map(({ accountId, address, recipients }) =>
        deliverJob(job, {
          accountId,
          address,
          recipients: recipients.map((recipient) => wishes.passedOn(recipient)),
        }),
      ),
    );
  if (outside.length > 0) {
    const { body, smtpUtf8 } = envelope;
    await ports.sendOutside({
      message: { ...message, sizeBytes, body, smtpUtf8 },
      recipients: outside.map(({ address, recipient }) => ({ address, written: wishes.passedOn(recipient) })),
    });
  }
  const reports = [
    ...failures.map((failure) => reportFailure({ ...failure, ...wishes.of(failure.recipient) })),
    ...wishes.expanded.map(reportExpanded),
  ];
  if (reports.length > 0) await ports.notifySender({ ...message, reports });
  ports.metrics.count('route.destinations', {}, destinations.length + outside.length);
  ports.log.info('route.routed', {
    messageId,
    accounts: destinations.map(({ accountId }) => accountId),
    outside: outside.map(({ address }) => address),
    failed: failures.map(({ recipient, reason }) => `${recipient} ${reason}`),
  });
}
