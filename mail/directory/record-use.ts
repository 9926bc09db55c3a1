/** What logging in leaves behind: a verifier made anew, and when an app password was last used. Never worth a fault. */
import type { AccountId } from '../mailbox/types.ts';
import type { Table } from '../ports/table.ts';
import { accountItem, type Account } from './account.ts';
import { unchangedSince } from './apply-change.ts';
import { credentialItem, parseCredentialItem } from './credential.ts';
import { credentialKey } from './keys.ts';

/** The same password under newer parameters. False where the account was changed meanwhile: the next login tries again. */
export async function replaceVerifier(
  table: Table,
  account: Account,
  passwordVerifier: string,
): Promise<boolean> {
  const item = accountItem({ ...account, passwordVerifier, revision: account.revision + 1 });
  const outcome = await table.commit([{ kind: 'put', item, condition: unchangedSince(account) }]);
  return outcome.kind === 'committed';
}

/** Moves `lastUsedAt` on. False where the app password was removed or changed meanwhile. */
export async function recordCredentialUse(
  table: Table,
  use: { readonly accountId: AccountId; readonly name: string; readonly atMs: number },
): Promise<boolean> {
  const item = await table.get(credentialKey(use.accountId, use.name));
  if (item === undefined) return false;
  const before = parseCredentialItem(item);
  const lastUsedAt = new Date(use.atMs).toISOString();
  if (before.lastUsedAt !== undefined && before.lastUsedAt >= lastUsedAt) return true;
  const after = { ...before, lastUsedAt, revision: before.revision + 1 };
  const outcome = await table.commit(
    [{ kind: 'put', item: credentialItem(use.accountId, after), condition: unchangedSince(before) }],
    { until: 'visible' },
  );
  return outcome.kind === 'committed';
}
