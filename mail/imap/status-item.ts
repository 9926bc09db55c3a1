/** What STATUS tells of a mailbox (RFC 3501 section 6.3.10): `MESSAGES`, `HIGHESTMODSEQ`. */
import type { MailboxStatus } from '../mailbox/mail-store.ts';
import type { Session } from './session.ts';

export interface StatusItem {
  /** In upper case. */
  readonly name: string;
  readonly rfcs: readonly string[];
  /** Whether `recent` must be known for it. */
  readonly needsRecent?: boolean;
  /** `recent` is the count of messages that no session has had. */
  value(status: MailboxStatus, more: { readonly recent: number }): number;
  /** That it was asked for changes the session (RFC 7162 section 3.1). */
  readonly asked?: (session: Session) => void;
}
