/** The outbound queue in the table: reading it, and changing one recipient with its entry in the due index. */
import { compareAndSet, type CompareAndSetPorts } from '../../mailbox/compare-and-set.ts';
import type { CommitOptions, Table, Write } from '../../ports/table.ts';
import { queryAll } from '../../ports/table.ts';
import {
  dueKey,
  duePartition,
  dueShards,
  dueTime,
  outboundKey,
  outboundPartition,
  parseDueSortKey,
} from './outbound-keys.ts';
import { outboundItem, parseOutboundItem, type OutboundRecipient } from './outbound-recipient.ts';

/** All recipients of a message on other servers. */
export async function readOutbound(table: Table, messageId: string): Promise<readonly OutboundRecipient[]> {
  const recipients: OutboundRecipient[] = [];
  for await (const item of queryAll(table, { pk: outboundPartition(messageId), prefix: 'recipient#' }))
    recipients.push(parseOutboundItem(item));
  return recipients;
}

export async function findOutbound(
  table: Table,
  { messageId, recipient }: { readonly messageId: string; readonly recipient: string },
): Promise<OutboundRecipient | undefined> {
  const item = await table.get(outboundKey(messageId, recipient));
  return item === undefined ? undefined : parseOutboundItem(item);
}

/** Entries of the due index from `fromMs` up to `toMs` (both included), in each shard in the order of time. */
export async function* dueEntries(
  table: Table,
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
): AsyncGenerator<{ readonly messageId: string; readonly recipient: string }> {
  for (let shard = 0; shard < dueShards; shard++) {
    const range = { pk: duePartition(shard), from: dueTime(fromMs), to: `${dueTime(toMs)}$` };
    for await (const { sk } of queryAll(table, range)) yield parseDueSortKey(sk);
  }
}

/** Puts new recipients, durably, each unless it is there: a repeated route changes nothing. */
export async function putOutbound(
  ports: CompareAndSetPorts,
  recipients: readonly OutboundRecipient[],
): Promise<void> {
  for (const entry of recipients)
    await compareAndSet(ports, async (): Promise<readonly Write[]> =>
      (await ports.table.get(outboundKey(entry.messageId, entry.recipient))) === undefined
        ? [
            { kind: 'put', item: outboundItem(entry), condition: { kind: 'absent' } },
            { kind: 'put', item: { ...dueKey(entry) } },
          ]
        : [],
    );
}

/**
 * Changes one recipient as `change` says of it as it is; undefined leaves it, `delete` ends its record. What it was
 * changed to, or undefined. `change` may be asked several times.
 */
export async function changeOutbound(
  ports: CompareAndSetPorts,
  which: { readonly messageId: string; readonly recipient: string },
  change: (now: OutboundRecipient) => OutboundRecipient | 'delete' | undefined,
  options: CommitOptions = {},
): Promise<OutboundRecipient | undefined> {
  let changed: OutboundRecipient | undefined;
  let sent: string | undefined;
  await compareAndSet(
    ports,
    async () => {
      const before = await findOutbound(ports.table, which);
      // The answer was lost, and it took place.
      if (before !== undefined && sent === JSON.stringify(outboundItem(before))) return [];
      const after = before && change(before);
      changed = undefined;
      if (before === undefined || after === undefined) return [];
      if (after === 'delete') return deletion(before);
      changed = { ...after, version: before.version + 1 };
      sent = JSON.stringify(outboundItem(changed));
      return replacement(before, changed);
    },
    options,
  );
  return changed;
}

function replacement(before: OutboundRecipient, after: OutboundRecipient): readonly Write[] {
  const put: Write = {
    kind: 'put',
    item: outboundItem(after),
    condition: { kind: 'equals', attribute: 'version', value: before.version },
  };
  if (before.dueAtMs === after.dueAtMs) return [put];
  return [put, { kind: 'delete', key: dueKey(before) }, { kind: 'put', item: { ...dueKey(after) } }];
}

function deletion(before: OutboundRecipient): readonly Write[] {
  return [
    {
      kind: 'delete',
      key: outboundKey(before.messageId, before.recipient),
      condition: { kind: 'equals', attribute: 'version', value: before.version },
    },
    { kind: 'delete', key: dueKey(before) },
  ];
}
