/** The outbound queue in the table: reading it, and changing one recipient with its entry in the due index. */
import { compareAndSet, type CompareAndSetPorts } from '../../mailbox/compare-and-set.ts';
import type { CommitOptions, Key, Table, Write } from '../../ports/table.ts';
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
  { messageId, recipient }: WhichRecipient,
): Promise<OutboundRecipient | undefined> {
  const item = await table.get(outboundKey(messageId, recipient));
  return item === undefined ? undefined : parseOutboundItem(item);
}

/** An entry of the due index. */
export interface DueEntry extends WhichRecipient {
  readonly key: Key;
}

/** Entries of the due index from `fromMs` up to `toMs` (both included), in each shard in the order of time. */
export async function* dueEntries(
  table: Table,
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
): AsyncGenerator<DueEntry> {
  for (let shard = 0; shard < dueShards; shard++) {
    const range = { pk: duePartition(shard), from: dueTime(fromMs), to: `${dueTime(toMs)}$` };
    for await (const { pk, sk } of queryAll(table, range)) yield { ...parseDueSortKey(sk), key: { pk, sk } };
  }
}

/** Takes an entry out of the due index that no record stands behind: the sweep for orphans deletes records alone. */
export async function dropIfDangling(ports: CompareAndSetPorts, entry: DueEntry): Promise<void> {
  if ((await findOutbound(ports.table, entry)) !== undefined) return;
  await compareAndSet(ports, async () =>
    (await ports.table.get(entry.key)) === undefined ? [] : [{ kind: 'delete', key: entry.key }],
  );
}

/** Puts new recipients, durably, each unless it is there: a repeated route changes nothing. */
export async function putOutbound(
  ports: CompareAndSetPorts,
  recipients: readonly OutboundRecipient[],
): Promise<void> {
  for (let at = 0; at < recipients.length; at += changedTogether) {
    const some = recipients.slice(at, at + changedTogether);
    await compareAndSet(ports, async () => {
      const writes = await Promise.all(some.map(async (entry) => additionOf(ports.table, entry)));
      return writes.flat();
    });
  }
}

async function additionOf(table: Table, entry: OutboundRecipient): Promise<readonly Write[]> {
  const { messageId, recipient } = entry;
  if ((await table.get(outboundKey(messageId, recipient))) !== undefined) return [];
  return [
    { kind: 'put', item: outboundItem(entry), condition: { kind: 'absent' } },
    { kind: 'put', item: { ...dueKey(entry) } },
  ];
}

/** What one recipient is to be: undefined leaves it as it is, `delete` ends its record. May be asked several times. */
export type OutboundChange = (now: OutboundRecipient) => OutboundRecipient | 'delete' | undefined;

/** Recipients that `changeOutboundTogether` takes: three writes each, and DynamoDB takes 100. */
export const changedTogether = 30;

/** Changes one recipient. What it was changed to, or undefined. */
export async function changeOutbound(
  ports: CompareAndSetPorts,
  which: WhichRecipient,
  change: OutboundChange,
  options: CommitOptions = {},
): Promise<OutboundRecipient | undefined> {
  return (await changeOutboundTogether(ports, { which: [which], change }, options))[0];
}

export interface WhichRecipient {
  readonly messageId: string;
  readonly recipient: string;
}

/** Changes at most `changedTogether` recipients, all in one transaction; those that were changed, as they are now. */
export async function changeOutboundTogether(
  ports: CompareAndSetPorts,
  { which, change }: { readonly which: readonly WhichRecipient[]; readonly change: OutboundChange },
  options: CommitOptions = {},
): Promise<readonly OutboundRecipient[]> {
  let changed: readonly OutboundRecipient[] = [];
  let sent = '';
  await compareAndSet(
    ports,
    async () => {
      const now = await Promise.all(which.map((each) => findOutbound(ports.table, each)));
      const there = now.filter((entry) => entry !== undefined);
      // The answer was lost, and it took place.
      const names = new Set(changed.map(({ recipient }) => recipient));
      if (sent !== '' && sent === textOf(there.filter(({ recipient }) => names.has(recipient)))) return [];
      const pairs = there.map((before) => ({ before, after: change(before) }));
      changed = pairs.flatMap(({ before, after }) =>
        after === undefined || after === 'delete' ? [] : { ...after, version: before.version + 1 },
      );
      sent = changed.length === 0 ? '' : textOf(changed);
      return pairs.flatMap(({ before, after }) => {
        if (after === undefined) return [];
        if (after === 'delete') return deletion(before);
        return replacement(before, { ...after, version: before.version + 1 });
      });
    },
    options,
  );
  return changed;
}

function textOf(entries: readonly OutboundRecipient[]): string {
  return JSON.stringify(entries.map(outboundItem));
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
