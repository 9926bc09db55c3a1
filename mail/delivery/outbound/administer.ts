/** What an admin does with the outbound queue: look, send now, hold, release, take out. */
import type { CompareAndSetPorts } from '../../mailbox/compare-and-set.ts';
import type { Queue } from '../../ports/queue.ts';
import type { Table } from '../../ports/table.ts';
import { queryAll } from '../../ports/table.ts';
import { changeOutbound, readOutbound } from './outbound-queue.ts';
import { duePartition, dueShards, outboundKey, parseDueSortKey } from './outbound-keys.ts';
import { parseOutboundItem, type OutboundRecipient, type OutboundState } from './outbound-recipient.ts';
import type { RelayJob } from './relay-job.ts';
import { ended, held } from './settle.ts';

export interface AdministerPorts extends CompareAndSetPorts {
  readonly relayQueue: Queue<RelayJob>;
}

/** A page of the queue, by shard and time; `after` is the `next` of the page before. */
export interface OutboundPage {
  readonly entries: readonly OutboundRecipient[];
  readonly next: string | undefined;
}

/** Recipients in one of `states`, those due first in each shard; at most `limit`. */
export async function listOutbound(
  table: Table,
  options: { readonly states: readonly OutboundState[]; readonly after?: string; readonly limit: number },
): Promise<OutboundPage> {
  const { states, limit } = options;
  const [from = '0', ...rest] = (options.after ?? '0').split('|');
  const entries: OutboundRecipient[] = [];
  for (let shard = Number(from); shard < dueShards; shard++) {
    const after = shard === Number(from) && rest.length > 0 ? rest.join('|') : undefined;
    const range = { pk: duePartition(shard), ...(after === undefined ? {} : { after }) };
    for await (const { sk } of queryAll(table, range)) {
      const { messageId, recipient } = parseDueSortKey(sk);
      const item = await table.get(outboundKey(messageId, recipient));
      const entry = item && parseOutboundItem(item);
      if (entry === undefined || !states.includes(entry.state)) continue;
      entries.push(entry);
      if (entries.length === limit) return { entries, next: `${shard}|${sk}` };
    }
  }
  return { entries, next: undefined };
}

/** What is asked for a message, or for one recipient of it. */
export interface WhichOutbound {
  readonly messageId: string;
  readonly recipient?: string | undefined;
}

/** What became of each recipient that was named: `changed`, or why it stayed as it is. */
export interface Administered {
  readonly entry: OutboundRecipient;
  readonly outcome: 'changed' | 'beingSent' | 'over' | 'alreadySo';
}

type Change = (now: OutboundRecipient) => OutboundRecipient | undefined;

/** Sends it as soon as can be, whatever its pause. */
export async function retryOutbound(
  ports: AdministerPorts,
  which: WhichOutbound,
): Promise<readonly Administered[]> {
  const nowMs = ports.clock.now();
  const done = await administer(ports, which, (now) =>
    now.state === 'waiting' && now.dueAtMs > nowMs ? { ...now, dueAtMs: nowMs } : undefined,
  );
  await wake(ports, which.messageId, done);
  return done;
}

/** Keeps it until it is released. */
export function holdOutbound(
  ports: AdministerPorts,
  which: WhichOutbound & { readonly because: string },
): Promise<readonly Administered[]> {
  return administer(ports, which, (now) => (now.state === 'waiting' ? held(now, which.because) : undefined));
}

/** Lets go what is held: it is due now. Its five days begin anew, for it could not be sent meanwhile. */
export async function releaseOutbound(
  ports: AdministerPorts,
  which: WhichOutbound,
): Promise<readonly Administered[]> {
  const nowMs = ports.clock.now();
  const done = await administer(ports, which, (now) => {
    if (now.state !== 'held') return undefined;
    const { heldBecause: _because, ...rest } = now;
    return { ...rest, state: 'waiting', dueAtMs: nowMs, queuedAtMs: nowMs, attempts: 0 };
  });
  await wake(ports, which.messageId, done);
  return done;
}

/** Takes it out of the queue. Its sender is told, unless `silent`. */
export async function removeOutbound(
  ports: AdministerPorts,
  which: WhichOutbound & { readonly silent: boolean },
): Promise<readonly Administered[]> {
  const nowMs = ports.clock.now();
  const text = 'The administrator of this server took the message out of its queue.';
  const done = await administer(ports, which, (now) =>
    ended({ ...now, last: { status: '5.7.1', text } }, 'removed', {
      nowMs,
      owes: which.silent ? undefined : 'failed',
    }),
  );
  await wake(ports, which.messageId, done);
  return done;
}

async function administer(
  ports: AdministerPorts,
  { messageId, recipient }: WhichOutbound,
  change: Change,
): Promise<readonly Administered[]> {
  const entries = await readOutbound(ports.table, messageId);
  const named = entries.filter((entry) => recipient === undefined || entry.recipient === recipient);
  const done: Administered[] = [];
  for (const entry of named) {
    let outcome: Administered['outcome'] = 'alreadySo';
    const changed = await changeOutbound(ports, entry, (now) => {
      if (now.endedAtMs !== undefined) outcome = 'over';
      else if (now.claimedBy !== undefined && now.dueAtMs > ports.clock.now()) outcome = 'beingSent';
      else return change(now);
      return undefined;
    });
    done.push(changed === undefined ? { entry, outcome } : { entry: changed, outcome: 'changed' });
  }
  return done;
}

async function wake(
  { relayQueue }: AdministerPorts,
  messageId: string,
  done: readonly Administered[],
): Promise<void> {
  if (done.some(({ outcome }) => outcome === 'changed'))
    await relayQueue.send([{ body: { messageId, asked: true } }]);
}
