/** EXPUNGE whole, in as many parts as it needs. */
import type { AccountWriter } from '../account-writer.ts';
import { expungeChange } from '../changes/expunge.ts';
import { partsByBlocks } from '../changes/parts.ts';
import { systemFlags } from '../flags.ts';
import type { ExpungeOutcome, Gone, NoSuchMailbox } from '../outcome.ts';
import type { MailboxId, Uid } from '../types.ts';
import type { MailboxView } from '../view.ts';
import type { ViewKeeper } from '../view-keeper.ts';

/** Without `uids`, those that are `\Deleted` when this is called; each is looked at again in its commit. */
export async function expungeAll(
  ports: { readonly writer: AccountWriter; readonly keeper: ViewKeeper },
  options: { readonly mailbox: MailboxId; readonly uids?: readonly Uid[]; readonly any?: boolean },
): Promise<ExpungeOutcome> {
  const { mailbox, any = false } = options;
  const { writer } = ports;
  const uids = options.uids ?? (await deletedUids(ports, mailbox));
  if ('kind' in uids) return uids;
  const parts = partsByBlocks(writer, uids);
  const changes = (parts.length === 0 ? [[]] : parts).map((part) =>
    expungeChange({ mailbox, uids: part, any }),
  );
  const results = await Promise.all(changes.map((change) => writer.submit(change)));
  const refusal = results.find(({ kind }) => kind !== 'expunged');
  const gone = results.flatMap((result) => (result.kind === 'expunged' ? result.uids : []));
  if (refusal !== undefined && gone.length === 0) return refusal;
  return { kind: 'expunged', uids: gone };
}

/** Whoever expunges has the mailbox open, so its view is in memory and one read brings it up to now. */
async function deletedUids(
  ports: { readonly writer: AccountWriter; readonly keeper: ViewKeeper },
  mailbox: MailboxId,
): Promise<readonly Uid[] | NoSuchMailbox | Gone> {
  const opened = await ports.keeper.open(ports.writer.account, mailbox);
  if (opened.kind !== 'open') return opened;
  try {
    return deletedIn(opened.view);
  } finally {
    opened.close();
  }
}

function deletedIn(view: MailboxView): readonly Uid[] {
  const uids: Uid[] = [];
  for (let at = 0; at < view.count; at++)
    if ((view.systemFlagsAt(at) & systemFlags.deleted) !== 0) uids.push(view.uidAt(at));
  return uids;
}
