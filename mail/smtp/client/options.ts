/** What a session with another server is made of. */
import type { Secret } from '../../auth/secret.ts';
import type { Clock } from '../../ports/clock.ts';
import type { SmtpClientLimits } from './limits.ts';

/** A user of the other server. */
export interface Credentials {
  readonly user: string;
  readonly password: Secret;
}

/**
 * - `never`: STARTTLS is not asked for, or the connection is secured already.
 * - `opportunistic`: it is where it is offered, and no certificate is looked at (RFC 7435).
 * - `required`: no mail and no password goes without it.
 */
export type StartTlsPolicy =
  | { readonly kind: 'never' }
  | { readonly kind: 'opportunistic'; readonly serverName: string }
  | { readonly kind: 'required'; readonly serverName: string; readonly verify: 'required' | 'none' };

export interface SmtpClientOptions {
  /** What this server calls itself in EHLO. */
  readonly hostname: string;
  /** The other server, for people: `mx.example.org [192.0.2.1]`. */
  readonly remote: string;
  readonly startTls: StartTlsPolicy;
  readonly credentials?: Credentials;
  readonly limits: SmtpClientLimits;
  /** When the session must be open, whatever the limits say; in milliseconds since 1970. */
  readonly until?: number;
  readonly clock: Clock;
}
