/** Why a recipient will not get a message that was accepted: the words and codes of the notification to its sender. */

export type FailureReason =
  'unknown' | 'rejected' | 'suspended' | 'overQuota' | 'tooManyAliases' | 'elsewhere' | 'undeliverable';

export interface Failure {
  /** The recipient as the sender wrote it. */
  readonly recipient: string;
  readonly reason: FailureReason;
  /** The admin's own words, where the address rejects mail. */
  readonly detail?: string;
}

/** The enhanced status code (RFC 3463) and a sentence that tells the sender what happened and what to do. */
export function explainFailure({ reason, detail }: Failure): {
  readonly status: string;
  readonly text: string;
} {
  switch (reason) {
    case 'unknown':
      return {
        status: '5.1.1',
        text: 'There is no such address here. Check its spelling, or ask the recipient for the current one.',
      };
    case 'rejected':
      return { status: '5.7.1', text: detail ?? 'This address takes no mail.' };
    case 'suspended':
      return {
        status: '5.2.1',
        text: 'The mailbox is suspended. Its administrator can tell you more, at postmaster of the same domain.',
      };
    case 'overQuota':
      return {
        status: '5.2.2',
        text: 'The mailbox is full. Send the message again when the recipient has made room.',
      };
    case 'tooManyAliases':
      return {
        status: '5.4.6',
        text: 'The address leads back to itself or through too many aliases. Its administrator must mend that.',
      };
    case 'elsewhere':
      return {
        status: '5.7.1',
        text: 'The address leads to another server, and this server has no next hop set up to send mail there.',
      };
    case 'undeliverable':
      return {
        status: '5.3.0',
        text: 'The server tried for days and could not file the message. Its administrator has been alarmed.',
      };
  }
}
