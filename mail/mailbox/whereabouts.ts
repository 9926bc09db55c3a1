/** Whether an account still has a mailbox: its state stands in the account's partition, or INBOX's in the clock. */
import type { Table } from '../ports/table.ts';
import { parseClockItem } from './clock-item.ts';
import { clockKey, mailboxStateKey } from './keys.ts';
import type { AccountId, MailboxId } from './types.ts';

export interface Whereabouts {
  readonly isThere: boolean;
  /** The account was removed, or purged: what is left of its mailboxes goes with it. */
  readonly accountRemoved: boolean;
}

export async function whereaboutsOf(
  table: Table,
  { account, mailbox }: { readonly account: AccountId; readonly mailbox: MailboxId },
): Promise<Whereabouts> {
  const [item, state] = await table.getMany([clockKey(account), mailboxStateKey(account, mailbox)]);
  const clock = item && parseClockItem(item);
  return {
    isThere: state !== undefined || clock?.inbox?.mailbox === mailbox,
    accountRemoved: clock === undefined || clock.removedAtMs !== undefined,
  };
}
