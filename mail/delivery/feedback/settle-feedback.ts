/** Settling what a next hop says afterwards: a bounce fails the recipient and goes back to the sender, once. */
import { canonicalText } from '../../message/address.ts';
import { BlobMissing } from '../../ports/blobs.ts';
import type { Log } from '../../ports/log.ts';
import type { Metrics } from '../../ports/metrics.ts';
import { findByNextHopId } from '../outbound/next-hop-ids.ts';
import { changeOutbound, readOutbound } from '../outbound/outbound-queue.ts';
import type { OutboundRecipient } from '../outbound/outbound-recipient.ts';
import { ended } from '../outbound/settle.ts';
import { tellSenders, type TellPorts } from '../outbound/tell-senders.ts';
import { findBytes } from '../outbound/transmission.ts';
import { suppress } from '../suppression.ts';
import type { Feedback, FeedbackRecipient } from './feedback.ts';

export interface FeedbackPorts extends TellPorts {
  readonly log: Log;
  readonly metrics: Metrics;
}

/** It speaks of a message whose sending is not written down yet: to be asked again. */
export class FeedbackTooEarly extends Error {
  constructor(messageId: string) {
    super(`${messageId} is still being sent`);
    this.name = 'FeedbackTooEarly';
  }
}

/** A repeat changes nothing. Throws `FeedbackTooEarly`. */
export async function settleFeedback(ports: FeedbackPorts, feedback: Feedback): Promise<void> {
  const { kind, nextHopId } = feedback;
  const messageId = feedback.messageId ?? (await findByNextHopId(ports.table, nextHopId));
  const recipients = feedback.recipients.map(({ address }) => address);
  const fields = { messageId, nextHopId, recipients, remote: feedback.remote, text: feedback.text };
  switch (kind) {
    case 'bounced':
      ports.log.warn('feedback.bounced', fields);
      await bounced(ports, feedback, messageId);
      return;
    case 'complained':
      ports.log.warn('feedback.complained', fields);
      for (const each of feedback.recipients)
        if (await put(ports, { feedback, messageId, recipient: each, reason: 'complaint' }))
          ports.metrics.count('feedback.complained');
      return;
    case 'delayed':
      ports.log.info('feedback.delayed', fields);
      return;
    case 'delivered':
      ports.log.info('feedback.delivered', fields);
      return;
    default:
      kind satisfies never;
  }
}

async function bounced(
  ports: FeedbackPorts,
  feedback: Feedback,
  messageId: string | undefined,
): Promise<void> {
  if (messageId === undefined) {
    ports.log.warn('feedback.unknownMessage', { nextHopId: feedback.nextHopId });
    return;
  }
  const entries = await readOutbound(ports.table, messageId);
  let owing: OutboundRecipient | undefined;
  for (const recipient of feedback.recipients) {
    const entry = entries.find((each) => canonicalText(each.recipient) === canonicalText(recipient.address));
    // Its record was kept for 30 days after its end, and is gone.
    if (entry === undefined) continue;
    if (entry.claimedBy !== undefined && entry.endedAtMs === undefined) throw new FeedbackTooEarly(messageId);
    const failed = await changeOutbound(ports, entry, (now) =>
      now.state === 'sent' ? fails(now, feedback, { recipient, nowMs: ports.clock.now() }) : undefined,
    );
    if (failed !== undefined) ports.metrics.count('feedback.bounced');
    if ((failed ?? entry).owes === 'failed') owing = failed ?? entry;
    if (feedback.permanent) await put(ports, { feedback, messageId, recipient, reason: 'bounce' });
  }
  // Also at a repeat: the first time may have been cut off between the two.
  if (owing !== undefined) await bringBack(ports, owing);
  await tellSenders(ports, messageId);
}

/** The copy that went out is gone once all have it; its header is to go back to the sender. What came in is kept longer. */
async function bringBack({ blobs }: FeedbackPorts, entry: OutboundRecipient): Promise<void> {
  try {
    await findBytes(blobs, entry);
  } catch (fault) {
    // The notification goes out without it.
    if (!(fault instanceof BlobMissing)) throw fault;
  }
}

function fails(
  now: OutboundRecipient,
  { remote, text }: Feedback,
  { recipient, nowMs }: { readonly recipient: FeedbackRecipient; readonly nowMs: number },
): OutboundRecipient {
  const { status = '5.0.0', diagnostic } = recipient;
  const last = {
    status,
    text,
    ...(diagnostic === undefined ? {} : { reply: diagnostic }),
    ...(remote === undefined ? {} : { remote }),
  };
  const { endedAtMs: _sent, ...rest } = now;
  return ended({ ...rest, last }, 'failed', { nowMs, owes: 'failed' });
}

/** Whether it was not on the list yet. */
async function put(
  ports: FeedbackPorts,
  entry: {
    readonly feedback: Feedback;
    readonly messageId: string | undefined;
    readonly recipient: FeedbackRecipient;
    readonly reason: 'bounce' | 'complaint';
  },
): Promise<boolean> {
  const { feedback, messageId, recipient, reason } = entry;
  const address = canonicalText(recipient.address);
  if (address === undefined) return false;
  const outcome = await suppress(ports, {
    address,
    reason,
    detail: recipient.diagnostic ?? feedback.text,
    ...(messageId === undefined ? {} : { messageId }),
  });
  if (outcome === 'added') ports.log.warn('feedback.suppressed', { messageId, recipient: address, reason });
  return outcome === 'added';
}
