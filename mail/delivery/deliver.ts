/** Deliver: messages for one account are scanned, and filed in one commit of its mailbox, each exactly once. */
import { parseAccountId, parseMessageId, sound } from '../mailbox/types.ts';
import type { MailStore } from '../mailbox/mail-store.ts';
import type { DeliveryOutcome } from '../mailbox/outcome.ts';
import type { Blobs } from '../ports/blobs.ts';
import type { Log } from '../ports/log.ts';
import type { Metrics } from '../ports/metrics.ts';
import type { DeliverJob } from '../routing/jobs.ts';
import type { NotifySender } from '../routing/route.ts';
import { belongsToAccount, mailboxBlobKey } from './blob-key.ts';
import type { Failure } from './failure.ts';
import { indexMessage } from './index-message.ts';

export interface DeliverPorts {
  readonly mail: MailStore;
  readonly blobs: Blobs;
  readonly notifySender: NotifySender;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** A job that ended; one that did not is thrown by `settle`, and tried again. */
export type Settle = () => Promise<void>;

/**
 * Files the jobs, all of one account, in one commit. Resolves to a function for each job, which does what remains to
 * be done for it (a notification, the log line); a fault rejects, and then every job may be tried again: what was
 * filed is found by its message id.
 */
export async function deliverToAccount(ports: DeliverPorts, jobs: readonly DeliverJob[]): Promise<void> {
  const [first] = jobs;
  if (first === undefined) return;
  const account = ports.mail.account(sound(parseAccountId(first.accountId), 'account id'));
  const prepared = await Promise.all(jobs.map((job) => prepare(ports, job)));
  const outcomes = await account.deliver(prepared.map(({ index }) => ({ index })));
  await Promise.all(
    prepared.map(async ({ job, index, copied }, position) => {
      const outcome = outcomes[position];
      if (outcome === undefined) throw new Error(`no outcome for message ${job.messageId}`);
      await settle(ports, job, outcome);
      const unused = outcome.kind !== 'delivered' && outcome.kind !== 'duplicate';
      if (unused && copied) await ports.blobs.delete([index.blobKey]);
    }),
  );
}

/** The message's index, its bytes in the account's own place: adopted where they lie there, else copied. */
async function prepare(ports: DeliverPorts, job: DeliverJob) {
  const receivedAt = new Date(job.receivedAt);
  const copied = !belongsToAccount(job.blobKey, job.accountId);
  const blobKey = copied
    ? mailboxBlobKey({
        address: job.accountAddress,
        accountId: job.accountId,
        receivedAt,
        messageId: job.messageId,
      })
    : job.blobKey;
  if (copied) await ports.blobs.copy(job.blobKey, blobKey);
  const messageId = sound(parseMessageId(job.messageId), 'message id');
  const index = await indexMessage(ports.blobs.read(blobKey), { messageId, blobKey, receivedAt });
  return { job, index, copied };
}

async function settle(ports: DeliverPorts, job: DeliverJob, outcome: DeliveryOutcome): Promise<void> {
  const { messageId, accountId, blobKey, reversePath, receivedAt, recipient } = job;
  const log = ports.log.with({ messageId, accountId });
  const fail = async (reason: Failure['reason']) => {
    ports.metrics.count('deliver.failed', { reason });
    log.warn('deliver.failed', { recipient, reason });
    await ports.notifySender({
      messageId,
      blobKey,
      reversePath,
      receivedAt,
      failures: [{ recipient, reason }],
    });
  };
  switch (outcome.kind) {
    case 'delivered':
      ports.metrics.count('deliver.delivered');
      log.info('deliver.delivered', { recipient, mailbox: outcome.mailbox, uid: outcome.uid });
      return;
    case 'duplicate':
      log.info('deliver.duplicate', { recipient });
      return;
    case 'overQuota':
      return fail('overQuota');
    case 'accountGone':
      return fail('unknown');
    default:
      outcome satisfies never;
  }
}
