/** What routing asks of the directory; `mail/directory` answers it. */
import type { EmailAddress } from '../message/address.ts';

/** What mail for an address does. */
export type Resolution =
  | { readonly kind: 'account'; readonly accountId: string; readonly address: string }
  | { readonly kind: 'alias'; readonly targets: readonly string[] }
  | { readonly kind: 'rejected'; readonly reason?: string }
  | { readonly kind: 'suspended' }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'elsewhere' };

export interface RecipientDirectory {
  resolveRecipient(address: EmailAddress): Promise<Resolution>;
}
