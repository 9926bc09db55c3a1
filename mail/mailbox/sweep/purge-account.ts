/** A removed account: after the retention all that it held goes; blobs before what names them, the clock last. */
import { belongsToAccount } from '../../delivery/blob-key.ts';
import { accountKey, credentialPrefix } from '../../directory/keys.ts';
import type { Item } from '../../ports/table.ts';
import { parseClockItem } from '../clock-item.ts';
import { writesAtOnce } from '../compare-and-set.ts';
import { sideObjectKey } from '../index-record.ts';
import { accountPartition, clockKey, mailboxPartition, mailboxStatePrefix, messagePrefix } from '../keys.ts';
import { readLegalHold } from '../legal-hold.ts';
import { parseMessageItem } from '../message-item.ts';
import { dayMs, messageRetentionMs } from '../retention.ts';
import { parseMailboxId, sound } from '../types.ts';
import type { AccountId } from '../types.ts';
import { deleteItems, deleteRange } from './delete-range.ts';
import { done } from './entry-end.ts';
import type { EntryEnd } from './entry-end.ts';
import type { SweepRun } from './sweep-run.ts';

/** Nobody can commit to a removed account, so nothing that it held can be shown again. */
export async function purgeAccount(run: SweepRun, account: AccountId): Promise<EntryEnd> {
  const { table, retentionDays } = run.ports;
  const clock = await table.get(clockKey(account));
  const { removedAtMs, inbox } = clock === undefined ? {} : parseClockItem(clock);
  if (removedAtMs === undefined) return done;
  const dueAtMs = removedAtMs + retentionDays * dayMs;
  if (dueAtMs > run.nowMs) return { kind: 'postponed', dueAtMs };
  if (await readLegalHold(table, account))
    return { kind: 'postponed', dueAtMs: run.nowMs + messageRetentionMs(retentionDays) };
  const purged =
    (await purgeMessages(run, account)) &&
    (inbox === undefined || (await deleteRange(run, { pk: mailboxPartition(inbox.mailbox) }))) &&
    (await purgeMailboxes(run, account)) &&
    (await deleteRange(run, { pk: accountPartition(account) }, { keeps: keepsAfterPurge(account) }));
  if (!purged) return { kind: 'more' };
  run.add('accounts');
  return { kind: 'done', writes: [{ kind: 'delete', key: clockKey(account) }] };
}

async function purgeMessages(run: SweepRun, account: AccountId): Promise<boolean> {
  const { table, blobs } = run.ports;
  const range = { pk: accountPartition(account), prefix: messagePrefix, limit: writesAtOnce(table) };
  for (;;) {
    const { items } = await table.query(range);
    if (items.length === 0) return true;
    if (!run.takeStep()) return false;
    const keys = items
      .map((item) => parseMessageItem(item).blobKey)
      .filter((key) => belongsToAccount(key, account));
    await blobs.delete(keys.flatMap((key) => [key, sideObjectKey(key)]));
    run.add('blobs', keys.length);
    await deleteItems(run, items);
  }
}

async function purgeMailboxes(run: SweepRun, account: AccountId): Promise<boolean> {
  const range = { pk: accountPartition(account), prefix: mailboxStatePrefix, limit: 1 };
  for (;;) {
    const { items } = await run.ports.table.query(range);
    const [state] = items;
    if (state === undefined) return true;
    const mailbox = sound(parseMailboxId(state.sk.slice(mailboxStatePrefix.length)), 'mailbox id');
    if (!(await deleteRange(run, { pk: mailboxPartition(mailbox) })) || !run.takeStep()) return false;
    await deleteItems(run, [state]);
  }
}

/** What the directory deletes, and the clock, by which a purge that was stopped finds that it must go on. */
function keepsAfterPurge(account: AccountId): (item: Item) => boolean {
  const kept = new Set([clockKey(account).sk, accountKey(account).sk]);
  return ({ sk }) => kept.has(sk) || sk.startsWith(credentialPrefix);
}
