/** Ids that a next hop gave to messages of ours: by one of them the message is found again. */
import type { Clock } from '../../ports/clock.ts';
import type { Table } from '../../ports/table.ts';
import { optionalStringOf } from '../../mailbox/attributes.ts';

const keptDays = 90;
const dayMs = 86_400_000;

const keyOf = (id: string) => ({ pk: `ses#${bare(id)}`, sk: 'message' });

/** As the next hop gave it; recipients see it as a Message-ID, `<id@email.amazonses.com>`. */
function bare(id: string): string {
  return id.replace(/^<|>$/g, '').replace(/@[\w.-]*amazonses\.com$/, '');
}

/** `expiresAt`, in seconds since 1970, is DynamoDB's to act on. A repeat changes nothing. */
export async function rememberNextHopId(
  { table, clock }: { readonly table: Table; readonly clock: Clock },
  { id, messageId }: { readonly id: string; readonly messageId: string },
): Promise<void> {
  const nowMs = clock.now();
  const expiresAt = Math.floor((nowMs + keptDays * dayMs) / 1000);
  const item = { ...keyOf(id), messageId, sentAt: new Date(nowMs).toISOString(), expiresAt };
  await table.commit([{ kind: 'put', item }]);
}

/** Our id of the message. */
export async function findByNextHopId(table: Table, id: string): Promise<string | undefined> {
  if (!/^[\w.@<>-]{1,200}$/.test(id)) return undefined;
  const item = await table.get(keyOf(id));
  return item && optionalStringOf(item, 'messageId');
}
