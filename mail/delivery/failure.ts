/** Why a recipient will not get a message that was accepted: the words and codes of the notification to its sender. */
import type { WrittenRecipient } from '../routing/jobs.ts';
import { written, type RecipientReport } from './report.ts';

export type FailureReason =
  'unknown' | 'rejected' | 'suspended' | 'overQuota' | 'tooManyAliases' | 'undeliverable';

export interface Failure extends WrittenRecipient {
  readonly reason: FailureReason;
  /** The admin's own words, where the address rejects mail. */
  readonly detail?: string;
  /** The address leads to several, and others of them have the message. */
  readonly partial?: boolean;
}

interface Explanation {
  /** The enhanced status code, RFC 3463. */
  readonly status: string;
  /** What happened and what to do, for the sender. */
  readonly text: string;
}

const explanations: Readonly<Record<FailureReason, Explanation>> = {
  unknown: {
    status: '5.1.1',
    text: 'There is no such address here. Check its spelling, or ask the recipient for the current one.',
  },
  rejected: { status: '5.7.1', text: 'This address takes no mail.' },
  suspended: {
    status: '5.2.1',
    text: 'The mailbox is suspended. Its administrator can tell you more, at postmaster of the same domain.',
  },
  overQuota: {
    status: '5.2.2',
    text: 'The mailbox is full. Send the message again when the recipient has made room.',
  },
  tooManyAliases: {
    status: '5.4.6',
    text: 'The address leads back to itself or through too many aliases. Its administrator must mend that.',
  },
  undeliverable: {
    status: '5.3.0',
    text: 'The server tried for days and could not file the message. Its administrator has been alarmed.',
  },
};

/** What its sender is told of a failure; `at`, where an attempt to deliver it was made. */
export function reportFailure(failure: Failure, at?: Date): RecipientReport {
  const { reason, detail, partial = false } = failure;
  const { status, text } = explanations[reason];
  const said = detail ?? text;
  return {
    ...written(failure),
    action: 'failed',
    status,
    text: partial ? `This address leads to several, and not all of them have your message. ${said}` : said,
    ...(at === undefined ? {} : { lastAttemptAt: at }),
  };
}
