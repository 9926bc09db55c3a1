/**
 * Jobs that failed to the last attempt: they wait as dead letters for an admin, with an alarm; after some days the
 * senders of those that were not delivered are told, so that nothing is dropped in silence.
 */
import { messageKey } from '../mailbox/keys.ts';
import { parseAccountId, parseMessageId, sound } from '../mailbox/types.ts';
import { formatAddress } from '../message/address.ts';
import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import type { Metrics } from '../ports/metrics.ts';
import type { Queue, ReceivedJob } from '../ports/queue.ts';
import type { Table } from '../ports/table.ts';
import type { RecipientDirectory } from '../routing/directory-port.ts';
import { expandRecipients } from '../routing/expand.ts';
import type { DeliverJob, RouteJob, WrittenRecipient } from '../routing/jobs.ts';
import { readWishes } from '../routing/wishes.ts';
import { reportFailure } from './failure.ts';
import { findOutbound } from './outbound/outbound-queue.ts';
import { reportDelivered, type NotifySender, type RecipientReport } from './report.ts';

/** How long after it was sent a job is given up; SMTP's own patience (RFC 5321 section 4.5.4.1). */
export const giveUpDays = 5;

const dayMs = 86_400_000;
/** Of one queue, in one run. */
const maxAtOnce = 1000;

export interface DeadLetterPorts {
  readonly queues: readonly Queue<RouteJob | DeliverJob>[];
  readonly directory: RecipientDirectory;
  readonly table: Table;
  readonly notifySender: NotifySender;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** Counts and logs what is dead in each queue, and ends what is `giveUpDays` old. One that fails does not stop the rest. */
export async function settleDeadLetters(ports: DeadLetterPorts): Promise<void> {
  const { queues, clock, log, metrics } = ports;
  for (const queue of queues) {
    const { dead } = await queue.depth();
    metrics.gauge('queue.dead', dead, { queue: queue.name });
    if (dead === 0) continue;
    log.warn('queue.deadLetters', { queue: queue.name, dead });
    const overdue = (await queue.deadLetters(maxAtOnce)).filter(
      ({ sentAt }) => clock.now() - sentAt.getTime() > giveUpDays * dayMs,
    );
    for (const letter of overdue)
      try {
        await settle(ports, queue, letter);
      } catch (fault) {
        log.error('queue.deadLetterFailed', fault, { queue: queue.name, messageId: letter.body.messageId });
      }
  }
}

async function settle(
  ports: DeadLetterPorts,
  queue: Queue<RouteJob | DeliverJob>,
  { body, receipt, attempt }: ReceivedJob<RouteJob | DeliverJob>,
): Promise<void> {
  const { messageId, blobKey, receivedAt, returnPathBytes } = body;
  const { ret, envid } = 'envelope' in body ? body.envelope : body;
  const reports = await reportsOf(ports, body);
  const recipients = reports.filter(({ action }) => action === 'failed').map(({ recipient }) => recipient);
  if (reports.length > 0)
    await ports.notifySender({
      messageId,
      blobKey,
      returnPathBytes,
      reversePath: reversePathOf(body),
      receivedAt,
      ...(ret === undefined ? {} : { ret }),
      ...(envid === undefined ? {} : { envid }),
      reports,
    });
  await queue.done([receipt]);
  ports.log.warn('queue.deadLetterEnded', { queue: queue.name, messageId, attempt, recipients });
}

/** What is to be told of the job's recipients. Where the message was filed, it may be that only telling of that failed. */
async function reportsOf(
  ports: DeadLetterPorts,
  body: RouteJob | DeliverJob,
): Promise<readonly RecipientReport[]> {
  const undeliverable = (recipient: WrittenRecipient) =>
    reportFailure({ ...recipient, reason: 'undeliverable' });
  if ('envelope' in body) return (await undelivered(ports, body)).map(undeliverable);
  const filed = await hasMessage(ports.table, body.accountId, body.messageId);
  return body.recipients.map((recipient) => (filed ? reportDelivered(recipient) : undeliverable(recipient)));
}

/** The recipients of whom an account does not have the message, nor the outbound queue. */
async function undelivered(
  { directory, table }: DeadLetterPorts,
  { messageId, envelope }: RouteJob,
): Promise<readonly WrittenRecipient[]> {
  const wishes = readWishes(envelope.recipients, { several: [] });
  const missed: WrittenRecipient[] = [];
  for (const { address } of envelope.recipients) {
    const { destinations, outside, failures } = await expandRecipients(directory, [address]);
    const arrived = await Promise.all([
      ...destinations.map(({ accountId }) => hasMessage(table, accountId, messageId)),
      ...outside.map(
        async (target) => (await findOutbound(table, { messageId, recipient: target.address })) !== undefined,
      ),
    ]);
    if (failures.length > 0 || arrived.includes(false)) missed.push(wishes.of(formatAddress(address)));
  }
  return missed;
}

async function hasMessage(table: Table, accountId: string, messageId: string): Promise<boolean> {
  const account = sound(parseAccountId(accountId), 'account id');
  const message = sound(parseMessageId(messageId), 'message id');
  return (await table.get(messageKey(account, message))) !== undefined;
}

function reversePathOf(body: RouteJob | DeliverJob): string | null {
  if (!('envelope' in body)) return body.reversePath;
  const { reversePath } = body.envelope;
  return reversePath === null ? null : formatAddress(reversePath);
}
