/** What a next hop is given: a message of the outbound queue, for some of its recipients. */
import type { Blobs } from '../../ports/blobs.ts';
import type { Transmission } from '../../ports/next-hop.ts';
import { incomingBlobKey } from '../blob-key.ts';
import type { OutboundRecipient } from './outbound-recipient.ts';

/** Of recipients that share message and forwarding address; `message` is one of them. */
export function transmissionOf(
  blobs: Blobs,
  message: OutboundRecipient,
  recipients: readonly OutboundRecipient[],
): Transmission {
  const { messageId, reversePath, sizeBytes, returnPathBytes, body, smtpUtf8, ret, envid } = message;
  const { blobKey, forwardedFor } = message;
  // RFC 5321 leaves the field to us; by it the forwarding address knows its own mail when it comes round.
  const added = Buffer.from(forwardedFor === undefined ? '' : `Delivered-To: ${forwardedFor}\r\n`);
  return {
    messageId,
    reversePath,
    recipients: recipients.map(({ recipient, notify, orcpt }) => ({
      address: recipient,
      ...(notify === undefined ? {} : { notify }),
      ...(orcpt === undefined ? {} : { orcpt }),
    })),
    sizeBytes: sizeBytes - returnPathBytes + added.length,
    body,
    smtpUtf8,
    ...(ret === undefined ? {} : { ret }),
    ...(envid === undefined ? {} : { envid }),
    async *read() {
      if (added.length > 0) yield added;
      yield* blobs.read(blobKey, { start: returnPathBytes, end: sizeBytes });
    },
  };
}

/**
 * The copy goes with the last recipient that is over. Where route was about to put more of them just then, or was
 * killed there, they find it gone: what came in is still there.
 */
export async function findBytes(blobs: Blobs, { messageId, blobKey }: OutboundRecipient): Promise<void> {
  if ((await blobs.head(blobKey)) === undefined) await blobs.copy(incomingBlobKey(messageId), blobKey);
}
