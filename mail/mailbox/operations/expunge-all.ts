/** EXPUNGE whole, in as many parts as it needs. */
import type { Table } from '../../ports/table.ts';
import { queryAll } from '../../ports/table.ts';
import type { AccountWriter } from '../account-writer.ts';
import { readBlockItem } from '../block.ts';
import { expungeChange } from '../changes/expunge.ts';
import { partsByBlocks } from '../changes/parts.ts';
import { systemFlags } from '../flags.ts';
import { blockPrefix, mailboxPartition, mailboxStateKey } from '../keys.ts';
import { parseMailboxStateItem } from '../mailbox-state.ts';
import type { ExpungeOutcome } from '../outcome.ts';
import { parseUid, sound } from '../types.ts';
import type { MailboxId, Uid } from '../types.ts';

/** A page costs what it holds, read or not. */
const blocksAtOnce = 32;

/** Without `uids`, those that are `\Deleted` when this is called; each is looked at again in its commit. */
export async function expungeAll(
  ports: { readonly table: Table; readonly writer: AccountWriter },
  options: { readonly mailbox: MailboxId; readonly uids?: readonly Uid[]; readonly any?: boolean },
): Promise<ExpungeOutcome> {
  const { mailbox, any = false } = options;
  const { writer } = ports;
  const uids = options.uids ?? (await deletedUids(ports, mailbox));
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

/**
 * The state says how many there are: the blocks are read until so many are found. First as they were a moment ago, at half
 * the price; where that shows fewer, as they are.
 */
async function deletedUids(
  ports: { readonly table: Table; readonly writer: AccountWriter },
  mailbox: MailboxId,
): Promise<readonly Uid[]> {
  const item = await ports.table.get(mailboxStateKey(ports.writer.account, mailbox));
  const expected = item === undefined ? 0 : parseMailboxStateItem(item).deleted;
  if (expected === 0) return [];
  const recent = await scanDeleted(ports.table, mailbox, { expected, consistent: false });
  return recent.length >= expected
    ? recent
    : scanDeleted(ports.table, mailbox, { expected: Infinity, consistent: true });
}

async function scanDeleted(
  table: Table,
  mailbox: MailboxId,
  { expected, consistent }: { readonly expected: number; readonly consistent: boolean },
): Promise<readonly Uid[]> {
  const uids: Uid[] = [];
  const range = { pk: mailboxPartition(mailbox), prefix: blockPrefix, consistent, limit: blocksAtOnce };
  for await (const item of queryAll(table, range)) {
    const reader = readBlockItem(item);
    for (let at = 0; at < reader.count; at++)
      if ((reader.systemAt(at) & systemFlags.deleted) !== 0)
        uids.push(sound(parseUid(reader.uidAt(at)), 'uid'));
    if (uids.length >= expected) break;
  }
  return uids;
}
