/**
 * Filing a message while its sender's server still waits for the answer: where the listener and the mailboxes are on one
 * machine, this is one flush for all, and who waits for the message sees it as soon as it is acknowledged.
 */
import { parseAccountId, parseMessageId, sound } from '../mailbox/types.ts';
import type { DeliveryOutcome } from '../mailbox/outcome.ts';
import type { MailStore } from '../mailbox/mail-store.ts';
import type { ScannedMessage } from '../message/scanned-message.ts';
import type { Log } from '../ports/log.ts';
import type { Metrics } from '../ports/metrics.ts';
import type { FiledNow, FileNow } from '../routing/accept-ports.ts';
import type { DeliverJob } from '../routing/jobs.ts';
import { toIndex } from './index-message.ts';
import { asksFor } from './report.ts';

export interface FileNowPorts {
  readonly mail: MailStore;
  readonly log: Log;
  readonly metrics: Metrics;
}

export function createFileNow(ports: FileNowPorts): FileNow {
  return async (job, scanned) => {
    // Whether the sender was told is then the queue's to remember.
    if (job.recipients.some((recipient) => asksFor(recipient, 'delivered'))) return { kind: 'later' };
    const { messageId, accountId } = job;
    try {
      const outcome = await file(ports.mail, job, scanned);
      return settle(ports, job, outcome);
    } catch (fault) {
      // It may have been filed all the same; delivery finds it by its id.
      ports.log.error('deliver.notAtOnce', fault, { messageId, accountId });
      return { kind: 'later' };
    }
  };
}

async function file(mail: MailStore, job: DeliverJob, scanned: ScannedMessage): Promise<DeliveryOutcome> {
  const index = toIndex(scanned, {
    messageId: sound(parseMessageId(job.messageId), 'message id'),
    blobKey: job.blobKey,
    receivedAt: new Date(job.receivedAt),
  });
  const [outcome] = await mail
    .account(sound(parseAccountId(job.accountId), 'account id'))
    .deliver([{ index }]);
  if (outcome === undefined) throw new Error(`no outcome for message ${job.messageId}`);
  return outcome;
}

function settle(ports: FileNowPorts, job: DeliverJob, outcome: DeliveryOutcome): FiledNow {
  const { messageId, accountId } = job;
  switch (outcome.kind) {
    case 'delivered':
    case 'duplicate': {
      ports.metrics.count('deliver.delivered');
      const recipients = job.recipients.map(({ recipient }) => recipient);
      const where = outcome.kind === 'delivered' ? { mailbox: outcome.mailbox, uid: outcome.uid } : {};
      ports.log.info('deliver.delivered', { messageId, accountId, recipients, ...where });
      return { kind: 'filed' };
    }
    case 'overQuota':
      return { kind: 'refused', refusal: { kind: 'mailboxFull', permanent: false } };
    case 'accountGone':
      return { kind: 'refused', refusal: { kind: 'unknownRecipient' } };
    default:
      return outcome satisfies never;
  }
}
