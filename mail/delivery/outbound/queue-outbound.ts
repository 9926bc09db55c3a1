/** How mail comes into the outbound queue: from route, and notifications to senders elsewhere. */
import { canonicalAddress, formatAddress } from '../../message/address.ts';
import type { CompareAndSetPorts } from '../../mailbox/compare-and-set.ts';
import type { Blobs } from '../../ports/blobs.ts';
import type { Queue } from '../../ports/queue.ts';
import type { WrittenRecipient } from '../../routing/jobs.ts';
import { outboundBlobKey } from '../blob-key.ts';
import type { OutsideNotification } from '../notify-sender.ts';
import { putOutbound, readOutbound } from './outbound-queue.ts';
import type { OutboundMessage, OutboundRecipient } from './outbound-recipient.ts';
import type { RelayJob } from './relay-job.ts';

export interface QueueOutboundPorts extends CompareAndSetPorts {
  readonly blobs: Blobs;
  readonly relayQueue: Queue<RelayJob>;
}

/** A recipient on another server, and what its sender wrote. */
export interface OutsideRecipient {
  /** As it goes into RCPT. */
  readonly address: string;
  /** The recipient that leads there, with what its sender wants to hear. */
  readonly written: WrittenRecipient;
}

/**
 * Puts the message on its way to these recipients, durably. Its bytes are copied to a place of their own, which goes
 * when the last of them has it. Safe to repeat: a recipient that is known already stays as it is.
 */
export async function queueOutbound(
  ports: QueueOutboundPorts,
  {
    message,
    recipients,
  }: { readonly message: OutboundMessage; readonly recipients: readonly OutsideRecipient[] },
): Promise<void> {
  const { messageId, blobKey } = message;
  const known = new Set((await readOutbound(ports.table, messageId)).map(({ recipient }) => recipient));
  const unknown = recipients.filter(({ address }) => !known.has(address));
  if (unknown.length > 0) {
    const own = outboundBlobKey(messageId);
    if (blobKey !== own) await ports.blobs.copy(blobKey, own);
    const nowMs = ports.clock.now();
    await putOutbound(
      ports,
      unknown.map((recipient) => newRecipient({ ...message, blobKey: own }, recipient, nowMs)),
    );
  }
  await ports.relayQueue.send([{ body: { messageId } }]);
}

/** Notifications go out with a null sender, and of them nobody is told. */
export function sendNotificationOutside(
  ports: QueueOutboundPorts,
): (notification: OutsideNotification) => Promise<void> {
  return ({ messageId, recipient, blobKey, sizeBytes, body, smtpUtf8, queuedAt }) => {
    const address = canonicalAddress(recipient) ?? formatAddress(recipient);
    return queueOutbound(ports, {
      message: {
        messageId,
        reversePath: null,
        blobKey,
        sizeBytes,
        returnPathBytes: 0,
        body,
        smtpUtf8,
        receivedAt: queuedAt.toISOString(),
      },
      recipients: [{ address, written: { recipient: address } }],
    });
  };
}

function newRecipient(
  message: OutboundMessage,
  { address, written: { recipient, notify, orcpt } }: OutsideRecipient,
  nowMs: number,
): OutboundRecipient {
  const forwarded = recipient !== address;
  const original =
    orcpt ?? (forwarded ? { addressType: addressTypeOf(recipient), address: recipient } : undefined);
  return {
    ...message,
    recipient: address,
    ...(notify === undefined ? {} : { notify }),
    // So that the sender knows the address in a notification about another (RFC 3461 section 5.2.1 (d) allows it).
    ...(original === undefined ? {} : { orcpt: original }),
    ...(forwarded ? { forwardedFor: recipient.toLowerCase() } : {}),
    state: 'waiting',
    version: 1,
    queuedAtMs: nowMs,
    dueAtMs: nowMs,
    attempts: 0,
    delayTold: false,
  };
}

/** RFC 6533 section 3. */
function addressTypeOf(address: string): string {
  return /^[\x00-\x7f]*$/.test(address) ? 'rfc822' : 'utf-8';
}
