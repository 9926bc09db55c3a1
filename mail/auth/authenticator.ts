/** Who is this? The question every protocol asks of a name and a password. */
import type { LoggedIn } from '../wire/engine.ts';
import type { Secret } from './secret.ts';

/** What a credential may be used for. The account's own password may do all of it. */
export type Scope = 'send' | 'imap' | 'pop3';

/** Whom a session acts for. */
export interface Principal extends LoggedIn {
  /** The account's address, canonical. */
  readonly address: string;
}

/**
 * - `refused`: user unknown, password wrong, account suspended, or scope not allowed: told apart only in the log.
 * - `throttled`: too many failures from this address or for this account; nothing was checked.
 */
export type Authentication =
  | { readonly kind: 'ok'; readonly principal: Principal }
  | { readonly kind: 'refused' }
  | { readonly kind: 'throttled'; readonly retryAfterMs: number };

export interface Authenticator {
  /** The same answer in the same time for a wrong user and a wrong password. A fault rejects. */
  verify(attempt: {
    readonly user: string;
    readonly password: Secret;
    readonly scope: Scope;
    readonly remoteAddress: string;
  }): Promise<Authentication>;
}
