/** What a next hop says of a message after it took it. */

/** A recipient that it speaks of, with the other server's words where there are some. */
export interface FeedbackRecipient {
  readonly address: string;
  /** Enhanced status code, RFC 3463. */
  readonly status?: string;
  /** The other server's reply. */
  readonly diagnostic?: string;
}

/**
 * - `bounced`: it will not get the message. `permanent`: nor any other.
 * - `complained`: its owner called the message junk.
 * - `delayed`, `delivered`: for the log.
 */
export type FeedbackKind = 'bounced' | 'complained' | 'delayed' | 'delivered';

export interface Feedback {
  readonly kind: FeedbackKind;
  /** Ours, where the next hop gave it back; else it is found by the next hop's own. */
  readonly messageId?: string;
  readonly nextHopId: string;
  readonly permanent: boolean;
  /** Who says so: `mx.example.org`. */
  readonly remote?: string;
  /** In words. */
  readonly text: string;
  readonly recipients: readonly FeedbackRecipient[];
}
