/** Every key of the outbound queue in the table, built and parsed here and nowhere else. */
import { createHash } from 'node:crypto';
import type { Key } from '../../ports/table.ts';

/** Partitions of the due index: so that no one of them takes all writes of a busy server. */
export const dueShards = 8;

/** All recipients of a message. */
export function outboundPartition(messageId: string): string {
  return `outbound#${messageId}`;
}

export function outboundKey(messageId: string, recipient: string): Key {
  return { pk: outboundPartition(messageId), sk: `recipient#${recipient}` };
}

/** The partition of a shard, 0 to `dueShards` - 1. */
export function duePartition(shard: number): string {
  return `due#${shard}`;
}

/** All recipients of a message are in one shard. */
export function dueKey(entry: {
  readonly messageId: string;
  readonly recipient: string;
  readonly dueAtMs: number;
}): Key {
  const shard = (createHash('sha256').update(entry.messageId).digest()[0] ?? 0) % dueShards;
  return {
    pk: duePartition(shard),
    sk: `${dueTime(entry.dueAtMs)}#${entry.messageId}#${entry.recipient}`,
  };
}

/** What the sort keys of that moment begin with; the order of the texts is that of the times. */
export function dueTime(ms: number): string {
  return new Date(ms).toISOString();
}

/** The message and recipient of an entry; ids hold no `#`, addresses may. */
export function parseDueSortKey(sk: string): { readonly messageId: string; readonly recipient: string } {
  const [, messageId = '', ...recipient] = sk.split('#');
  return { messageId, recipient: recipient.join('#') };
}
