/** Deliver: messages for one account are scanned, and filed in one commit of its mailbox, each exactly once. */
import { parseAccountId, parseMessageId, sound } from '../mailbox/types.ts';
import { inParallel } from '../mailbox/in-parallel.ts';
import type { Delivery, MailStore } from '../mailbox/mail-store.ts';
import type { MessageIndex } from '../mailbox/message-index.ts';
import type { DeliveryOutcome } from '../mailbox/outcome.ts';
import type { Blobs } from '../ports/blobs.ts';
import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import type { Metrics } from '../ports/metrics.ts';
import type { DeliverJob } from '../routing/jobs.ts';
import { belongsToAccount, mailboxBlobKey } from './blob-key.ts';
import { reportFailure, type FailureReason } from './failure.ts';
import { indexMessage } from './index-message.ts';
import { asksFor, reportDelivered, type NotifySender, type RecipientReport } from './report.ts';

export interface DeliverPorts {
  readonly mail: MailStore;
  readonly blobs: Blobs;
  readonly notifySender: NotifySender;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** Messages read for their index at once. */
const scansAtOnce = 4;

/**
 * Files the jobs, all of one account, in one commit, and tells the senders of those that cannot be filed, and those who
 * asked to hear of a delivery. A fault rejects, and then every job may be tried again: what was filed is found by its
 * message id, and what was told by its own.
 */
export async function deliverToAccount(ports: DeliverPorts, jobs: readonly DeliverJob[]): Promise<void> {
  const [first] = jobs;
  if (first === undefined) return;
  const account = ports.mail.account(sound(parseAccountId(first.accountId), 'account id'));
  const deliveries: Delivery[] = [];
  await inParallel([...jobs.entries()], scansAtOnce, async ([position, job]) => {
    deliveries[position] = { index: await prepare(ports, job) };
  });
  const outcomes = await account.deliver(deliveries);
  for (const [position, job] of jobs.entries()) {
    const outcome = outcomes[position];
    if (outcome === undefined) throw new Error(`no outcome for message ${job.messageId}`);
    await settle(ports, job, outcome);
  }
}

/**
 * The message's index, its bytes in the account's own place: adopted where they lie there, else copied. A copy that is
 * then not filed is left for the sweep: another attempt may be about to file the same.
 */
async function prepare(ports: DeliverPorts, job: DeliverJob): Promise<MessageIndex> {
  const { accountId, accountAddress: address } = job;
  const receivedAt = new Date(job.receivedAt);
  const messageId = sound(parseMessageId(job.messageId), 'message id');
  const adopted = belongsToAccount(job.blobKey, accountId);
  const blobKey = adopted
    ? job.blobKey
    : mailboxBlobKey({ address, accountId, receivedAt, messageId: job.messageId });
  if (!adopted) await ports.blobs.copy(job.blobKey, blobKey);
  return indexMessage(ports.blobs.read(blobKey), { messageId, blobKey, receivedAt });
}

async function settle(ports: DeliverPorts, job: DeliverJob, outcome: DeliveryOutcome): Promise<void> {
  const { messageId, accountId } = job;
  const log = ports.log.with({ messageId, accountId });
  const recipients = job.recipients.map(({ recipient }) => recipient);
  const fail = async (reason: FailureReason) => {
    ports.metrics.count('deliver.failed', { reason });
    log.warn('deliver.failed', { recipients, reason });
    const at = new Date(ports.clock.now());
    await tell(
      ports,
      job,
      job.recipients.map((recipient) => reportFailure({ ...recipient, reason }, at)),
    );
  };
  switch (outcome.kind) {
    case 'delivered':
      ports.metrics.count('deliver.delivered');
      log.info('deliver.delivered', { recipients, mailbox: outcome.mailbox, uid: outcome.uid });
      return tellDelivered(ports, job);
    case 'duplicate':
      log.info('deliver.duplicate', { recipients });
      // Whether its sender was told, nobody knows: it is told again, and hears of it once.
      return tellDelivered(ports, job);
    case 'overQuota':
      return fail('overQuota');
    case 'accountGone':
      return fail('unknown');
    default:
      outcome satisfies never;
  }
}

/** RFC 3461 section 5.2.3. */
async function tellDelivered(ports: DeliverPorts, job: DeliverJob): Promise<void> {
  const asking = job.recipients.filter((recipient) => asksFor(recipient, 'delivered'));
  if (asking.length === 0) return;
  const at = new Date(ports.clock.now());
  await tell(
    ports,
    job,
    asking.map((recipient) => reportDelivered(recipient, at)),
  );
}

async function tell(
  ports: DeliverPorts,
  { messageId, blobKey, returnPathBytes, reversePath, receivedAt, ret, envid }: DeliverJob,
  reports: readonly RecipientReport[],
): Promise<void> {
  await ports.notifySender({
    messageId,
    blobKey,
    returnPathBytes,
    reversePath,
    receivedAt,
    ...(ret === undefined ? {} : { ret }),
    ...(envid === undefined ? {} : { envid }),
    reports,
  });
}
