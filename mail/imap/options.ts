/** What an IMAP engine is made of. */
import type { Authenticator } from '../auth/authenticator.ts';
import type { SaslMechanism } from '../auth/sasl/mechanism.ts';
import type { AccountWatch } from '../mailbox/account-watch.ts';
import type { MailStore } from '../mailbox/mail-store.ts';
import type { RandomBytes } from '../mailbox/types.ts';
import type { Blobs } from '../ports/blobs.ts';
import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import type { Metrics } from '../ports/metrics.ts';
import type { ImapLimits } from './limits.ts';

export interface ImapOptions {
  readonly store: MailStore;
  readonly blobs: Blobs;
  /** Tells sessions that their account has changed. */
  readonly watch: AccountWatch;
  readonly authenticator: Authenticator;
  /** Offered by SASL, in this order. */
  readonly mechanisms: readonly SaslMechanism[];
  /** Whether STARTTLS can be offered: there is a certificate. */
  readonly tlsAvailable: boolean;
  /** Whether a client on this machine may send a password without TLS. */
  readonly loopbackPasswords: boolean;
  readonly limits: ImapLimits;
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly log: Log;
  readonly metrics: Metrics;
}
