/**
 * What an account may send as: its address with any subaddress, aliases that lead to it, and postmaster and abuse where
 * their mail is its own. A catch-all gives nobody the right to send as everybody.
 */
import { parseAddress, type EmailAddress } from '../message/address.ts';
import type { Resolution } from '../routing/directory-port.ts';
import type { Account } from './account.ts';
import type { Directory } from './directory.ts';
import { resolveRecipient, withoutDetail } from './resolve.ts';

/** False for a suspended account too. */
export async function maySendAs(
  directory: Directory,
  account: Account,
  address: EmailAddress,
): Promise<boolean> {
  if (account.status === 'suspended') return false;
  const resolution = await resolveRecipient(directory, address, { catchAll: false });
  if (resolution.kind !== 'alias') return isAccount(resolution, account);
  for (const target of resolution.targets) {
    if (target === account.address) return true;
    if (withoutDetail(target) !== account.address) continue;
    // `ann+shop` may be an account of its own, and not ann's.
    const parsed = parseAddress(target);
    const opened = parsed && (await resolveRecipient(directory, parsed, { catchAll: false }));
    if (opened !== undefined && isAccount(opened, account)) return true;
  }
  return false;
}

function isAccount(resolution: Resolution, account: Account): boolean {
  return resolution.kind === 'account' && resolution.accountId === account.id;
}
