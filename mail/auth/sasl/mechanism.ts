/** A SASL mechanism's server side (RFC 4422), the same for SMTP, POP3 and IMAP: bytes in, a step out. */
import type { Secret } from '../secret.ts';

/**
 * - `challenge`: send this to the client (base64 as the protocol frames it) and come back with its response.
 * - `password`: the exchange is over; verify these. `authorizationId` is given where it is not the user's own.
 * - `malformed`: the response breaks the mechanism's grammar.
 */
export type SaslStep =
  | { readonly kind: 'challenge'; readonly data: Uint8Array }
  | {
      readonly kind: 'password';
      readonly user: string;
      readonly password: Secret;
      readonly authorizationId?: string;
    }
  | { readonly kind: 'malformed'; readonly reason: string };

export interface SaslExchange {
  /** The client's next response, decoded; undefined at the start when it sent no initial response. */
  next(response: Uint8Array | undefined): SaslStep;
}

export interface SaslMechanism {
  /** As it is advertised: `PLAIN`. */
  readonly name: string;
  begin(): SaslExchange;
}
