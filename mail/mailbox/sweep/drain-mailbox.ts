/** A deleted folder: its messages leave it as by an expunge, block by block; their indexes stay for the retention. */
import { takeOut } from '../feed/take-out.ts';
import { parseBlockItem } from '../block.ts';
import { blockPrefix, indexPrefix, mailboxPartition } from '../keys.ts';
import { readLegalHold } from '../legal-hold.ts';
import type { AccountId, MailboxId } from '../types.ts';
import { whereaboutsOf } from '../whereabouts.ts';
import { deleteItems, deleteRange } from './delete-range.ts';
import { done } from './entry-end.ts';
import type { EntryEnd } from './entry-end.ts';
import type { SweepRun } from './sweep-run.ts';

/** A step is a block of 64 uids. Nobody writes the blocks any more: commits find that there is no such mailbox. */
export async function drainMailbox(
  run: SweepRun,
  options: { readonly account: AccountId; readonly mailbox: MailboxId },
): Promise<EntryEnd> {
  const { account, mailbox } = options;
  const { table } = run.ports;
  const pk = mailboxPartition(mailbox);
  if ((await whereaboutsOf(table, { account, mailbox })).isThere) {
    // Never what is still shown, whatever an entry says.
    run.ports.log.warn('sweep.mailboxNotDeleted', { account, mailbox });
    return done;
  }
  for (;;) {
    const { items } = await table.query({ pk, prefix: blockPrefix, limit: 1 });
    const [block] = items;
    if (block === undefined) break;
    if (!run.takeStep()) return { kind: 'more' };
    const held = await readLegalHold(table, account);
    await takeOut(run.ports, { account, mailbox, records: parseBlockItem(block), held });
    await deleteItems(run, [block]);
  }
  if (!(await deleteAllButIndexes(run, pk))) return { kind: 'more' };
  run.add('mailboxes');
  return done;
}

/** Watermark, lease and the like. */
async function deleteAllButIndexes(run: SweepRun, pk: string): Promise<boolean> {
  const afterIndexes = `${indexPrefix.slice(0, -1)}$`;
  return (
    (await deleteRange(run, { pk, to: indexPrefix })) && (await deleteRange(run, { pk, from: afterIndexes }))
  );
}
