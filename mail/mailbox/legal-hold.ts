/** A legal hold: nothing of the account is deleted for good while it lasts. */
import { accountKey } from '../directory/keys.ts';
import type { Table } from '../ports/table.ts';
import { clockKey } from './keys.ts';
import type { AccountId } from './types.ts';

/** Whether `legalHold` stands in the account's clock (which outlives its removal) or in its directory item. */
export async function readLegalHold(table: Table, account: AccountId): Promise<boolean> {
  const items = await table.getMany([clockKey(account), accountKey(account)]);
  return items.some((item) => item?.['legalHold'] === true);
}
