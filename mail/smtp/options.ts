/** What an SMTP engine is made of. */
import type { Authenticator } from '../auth/authenticator.ts';
import type { SaslMechanism } from '../auth/sasl/mechanism.ts';
import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import type { Metrics } from '../ports/metrics.ts';
import type { Role, SmtpHost } from './host.ts';
import type { SmtpLimits } from './limits.ts';

export interface SmtpOptions {
  readonly role: Role;
  /** What the server calls itself: a domain name, in greeting and EHLO. */
  readonly hostname: string;
  readonly host: SmtpHost;
  readonly authenticator: Authenticator;
  /** Offered by AUTH, in this order. */
  readonly mechanisms: readonly SaslMechanism[];
  /** Whether STARTTLS can be offered: there is a certificate. */
  readonly tlsAvailable: boolean;
  /** Whether a client on this machine may send a password without TLS. */
  readonly loopbackPasswords: boolean;
  readonly limits: SmtpLimits;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
}
