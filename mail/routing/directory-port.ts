/** What routing asks of the directory; `mail/directory` answers it. */
import type { EmailAddress } from '../message/address.ts';

/**
 * What mail for an address does.
 * - `account`: it is filed there; `detail` is what stood after `+`, as written (RFC 5233).
 * - `alias`: it goes to these canonical addresses, each to be resolved in turn.
 * - `rejected`: the address is set up to refuse mail.
 * - `suspended`: the account or its domain is.
 * - `unknown`: the domain is ours, and there is no such address.
 * - `elsewhere`: the domain is not ours.
 */
export type Resolution =
  | {
      readonly kind: 'account';
      readonly accountId: string;
      readonly address: string;
      readonly detail?: string;
    }
  | { readonly kind: 'alias'; readonly targets: readonly string[] }
  | { readonly kind: 'rejected'; readonly reason?: string }
  | { readonly kind: 'suspended' }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'elsewhere' };

export interface RecipientDirectory {
  resolveRecipient(address: EmailAddress): Promise<Resolution>;
}
