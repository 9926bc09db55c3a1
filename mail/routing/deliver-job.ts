/** The job that files a message into one account. */
import { createHash } from 'node:crypto';
import { formatAddress } from '../message/address.ts';
import type { Job } from '../ports/queue.ts';
import type { Envelope } from './envelope.ts';
import type { DeliverJob, RouteJob, WrittenRecipient } from './jobs.ts';

/** The account, and the recipients of the message that lead to it, with what their senders want to hear. */
export interface DeliverDestination {
  readonly accountId: string;
  readonly address: string;
  readonly recipients: readonly WrittenRecipient[];
}

/** For the `deliver` queue: each account is a group. */
export function deliverJob(
  { messageId, blobKey, sizeBytes, envelope, receivedAt, returnPathBytes }: RouteJob,
  { accountId, address, recipients }: DeliverDestination,
): Job<DeliverJob> {
  const { reversePath, ret, envid } = envelope;
  return {
    group: accountId,
    deduplicationId: `${messageId}:${accountId}:${partOf(envelope)}`,
    body: {
      messageId,
      blobKey,
      reversePath: reversePath === null ? null : formatAddress(reversePath),
      receivedAt,
      returnPathBytes,
      ...(ret === undefined ? {} : { ret }),
      ...(envid === undefined ? {} : { envid }),
      sizeBytes,
      accountId,
      accountAddress: address,
      recipients,
    },
  };
}

/**
 * Tells the jobs of a message with many recipients from each other: two of them may lead to one account, and the second
 * is not delivered again, but has recipients of its own whose senders want to hear.
 */
function partOf({ recipients: [first] }: Envelope): string {
  const recipient = first === undefined ? '' : formatAddress(first.address);
  return createHash('sha256').update(recipient).digest('hex').slice(0, 16);
}
