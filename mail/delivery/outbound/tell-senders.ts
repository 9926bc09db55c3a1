/** Telling senders what became of their mail to other servers, and the end of what is kept of a message. */
import type { Blobs } from '../../ports/blobs.ts';
import type { CompareAndSetPorts } from '../../mailbox/compare-and-set.ts';
import { written, type NotifySender, type RecipientReport } from '../report.ts';
import { changedTogether, changeOutbound, changeOutboundTogether, readOutbound } from './outbound-queue.ts';
import type { Owed, OutboundRecipient } from './outbound-recipient.ts';
import { told } from './settle.ts';
import type { RetrySchedule } from './retry-schedule.ts';

export interface TellPorts extends CompareAndSetPorts {
  readonly blobs: Blobs;
  readonly notifySender: NotifySender;
  readonly schedule: RetrySchedule;
}

const everyOwed: readonly Owed[] = ['failed', 'delayed', 'relayed'];

/**
 * Sends what is owed for a message; then deletes records that were kept long enough, and the bytes once nothing is left
 * to be sent or told. Safe to repeat: what a notification tells of is struck out together, so that it is told again as
 * it was, or not at all.
 */
export async function tellSenders(ports: TellPorts, messageId: string): Promise<void> {
  const recipients = await readOutbound(ports.table, messageId);
  for (const owes of everyOwed) {
    const these = recipients.filter((entry) => entry.owes === owes);
    for (let at = 0; at < these.length; at += changedTogether) {
      const which = these.slice(at, at + changedTogether);
      await notify(ports, which);
      const change = (now: OutboundRecipient) => (now.owes === owes ? told(now) : undefined);
      await changeOutboundTogether(ports, { which, change });
    }
  }
  await endRecords(ports, messageId);
}

async function endRecords(ports: TellPorts, messageId: string): Promise<void> {
  const left = await readOutbound(ports.table, messageId);
  const nowMs = ports.clock.now();
  for (const entry of left.filter((each) => isOver(each) && each.dueAtMs <= nowMs))
    await changeOutbound(ports, entry, (now) => (isOver(now) ? 'delete' : undefined));
  const [any] = left;
  if (any !== undefined && left.every(isOver)) await ports.blobs.delete([any.blobKey]);
}

/** Nothing is to be sent or told any more. */
function isOver({ endedAtMs, owes }: OutboundRecipient): boolean {
  return endedAtMs !== undefined && owes === undefined;
}

/** Of recipients of one message. */
async function notify(ports: TellPorts, recipients: readonly OutboundRecipient[]): Promise<void> {
  const [message] = recipients;
  if (message === undefined) return;
  const { messageId, blobKey, returnPathBytes, reversePath, receivedAt, envid, ret } = message;
  await ports.notifySender({
    messageId,
    blobKey,
    returnPathBytes,
    reversePath,
    receivedAt,
    ...(envid === undefined ? {} : { envid }),
    ...(ret === undefined ? {} : { ret }),
    reports: recipients.map((entry) => reportOf(entry, ports.schedule)),
  });
}

function reportOf(entry: OutboundRecipient, schedule: RetrySchedule): RecipientReport {
  const { last, owes = 'failed', queuedAtMs, lastAttemptAtMs } = entry;
  return {
    ...written(entry),
    action: owes,
    status: last?.status ?? '4.4.7',
    text: textOf(entry, schedule),
    ...(last?.reply === undefined ? {} : { reply: last.reply }),
    ...(last?.remote === undefined ? {} : { remote: last.remote }),
    ...(lastAttemptAtMs === undefined ? {} : { lastAttemptAt: new Date(lastAttemptAtMs) }),
    ...(owes === 'delayed' ? { willRetryUntil: new Date(queuedAtMs + schedule.giveUpMs) } : {}),
  };
}

/** What happened, in words; where time ran out that is said before. */
function textOf(entry: OutboundRecipient, { giveUpMs }: RetrySchedule): string {
  const { owes, last, queuedAtMs, endedAtMs = queuedAtMs } = entry;
  const text = last?.text ?? 'No server was reached';
  // A next hop that gave up afterwards did so after a time of its own.
  const late = endedAtMs - queuedAtMs >= giveUpMs;
  const expired = late && owes === 'failed' && last?.status.startsWith('5') !== true;
  return expired ? `It was tried for ${giveUpMs / dayMs} days. The last time: ${text}` : text;
}

const dayMs = 86_400_000;
