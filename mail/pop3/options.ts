/** What a POP3 engine is made of. */
import type { Authenticator } from '../auth/authenticator.ts';
import type { SaslMechanism } from '../auth/sasl/mechanism.ts';
import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import type { Metrics } from '../ports/metrics.ts';
import type { Pop3Limits } from './limits.ts';
import type { MaildropHost } from './maildrop.ts';

export interface Pop3Options {
  readonly host: MaildropHost;
  readonly authenticator: Authenticator;
  /** Offered by SASL, in this order. */
  readonly mechanisms: readonly SaslMechanism[];
  /** Whether STLS can be offered: there is a certificate. */
  readonly tlsAvailable: boolean;
  /** Whether a client on this machine may send a password without TLS. */
  readonly loopbackPasswords: boolean;
  readonly limits: Pop3Limits;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
}
