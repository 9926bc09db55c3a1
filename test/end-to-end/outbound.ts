/** What the outbound queue of a running Posta says of its recipients on other servers. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { listOutbound, retryOutbound } from '../../mail/delivery/outbound/administer.ts';
import { readOutbound } from '../../mail/delivery/outbound/outbound-queue.ts';
import type { OutboundRecipient } from '../../mail/delivery/outbound/outbound-recipient.ts';
import type { TestPosta } from './posta.ts';

const states = ['waiting', 'held', 'sent', 'failed', 'removed'] as const;

/** All that it knows, ended ones too. */
export async function wholeOutbound(posta: TestPosta): Promise<readonly OutboundRecipient[]> {
  return posta.withData(async ({ store }) => {
    const { entries } = await listOutbound(store.table, { states, limit: 1_000_000 });
    return entries;
  });
}

/** `address state attempts`; `sending` while somebody is at it, and `owes` until its sender was told. */
function described({ recipient, state, attempts, claimedBy, owes }: OutboundRecipient): string {
  const words = [recipient, claimedBy === undefined ? state : 'sending', attempts];
  return (owes === undefined ? words : [...words, 'owes', owes]).join(' ');
}

/** Waits until the message stands so at each recipient: `address state attempts`, in the order of addresses. */
export async function untilOutbound(
  posta: TestPosta,
  messageId: string,
  expected: readonly string[],
): Promise<readonly OutboundRecipient[]> {
  const deadline = Date.now() + 30_000;
  return posta.withData(async ({ store }) => {
    for (;;) {
      const entries = await readOutbound(store.table, messageId);
      const found = entries.map(described);
      if (JSON.stringify(found) === JSON.stringify(expected)) return entries;
      if (Date.now() > deadline) assert.deepEqual(found, expected);
      await sleep(20);
    }
  });
}

/** What `posta queue retry` does. */
export async function retry(posta: TestPosta, messageId: string): Promise<void> {
  await posta.withData(async ({ store, clock, random, queues }) => {
    const ports = { table: store.table, clock, random, relayQueue: queues.relay };
    await retryOutbound(ports, { messageId });
  });
}

/** `posta queue retry` for all that waits; until nothing waits any more where that is asked for. */
export async function retryAll(posta: TestPosta, options: { readonly until?: 'over' } = {}): Promise<void> {
  const deadline = Date.now() + 60_000;
  await posta.withData(async ({ store, clock, random, queues }) => {
    const ports = { table: store.table, clock, random, relayQueue: queues.relay };
    for (;;) {
      const { entries } = await listOutbound(store.table, { states, limit: 1_000_000 });
      const left = entries.filter(({ endedAtMs, owes }) => endedAtMs === undefined || owes !== undefined);
      if (left.length === 0 && options.until === 'over') return;
      for (const messageId of new Set(left.map((entry) => entry.messageId)))
        await retryOutbound(ports, { messageId });
      if (options.until !== 'over') return;
      assert.ok(Date.now() < deadline, `${left.length} are left: ${JSON.stringify(left[0])}`);
      await sleep(200);
    }
  });
}
