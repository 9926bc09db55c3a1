/** `\Recent` (RFC 3501 section 2.3.2): a watermark in `mailbox#<id>`/`recent`, moved by compare and set outside the commit. */
import type { Clock } from '../ports/clock.ts';
import type { Table } from '../ports/table.ts';
import { queryAll } from '../ports/table.ts';
import { numberOf } from './attributes.ts';
import { readBlockItem } from './block.ts';
import { pause } from './commit.ts';
import { blockKey, blockOf, blockPrefix, mailboxPartition, recentKey } from './keys.ts';
import { maxKnownRecent, maxRedos } from './limits.ts';
import { parseUid, sound } from './types.ts';
import type { MailboxId, RandomBytes, Uid } from './types.ts';

/** Watermarks that this process has read or moved, by mailbox. One only rises: what it knows to be claimed stays so. */
export type KnownRecent = Map<MailboxId, Uid>;

export interface RecentPorts {
  readonly table: Table;
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly knownRecent: KnownRecent;
}

export interface RecentRequest {
  readonly mailbox: MailboxId;
  /** A uidNext. */
  readonly upTo: Uid;
}

/** The first uid below `upTo` that no session has claimed; `upTo` where there is none. */
export async function recentFrom(ports: RecentPorts, { mailbox, upTo }: RecentRequest): Promise<Uid> {
  const known = ports.knownRecent.get(mailbox);
  if (known !== undefined && known >= upTo) return upTo;
  const item = await ports.table.get(recentKey(mailbox));
  const uid = sound(parseUid(item === undefined ? 1 : numberOf(item, 'uid')), 'uid');
  remember(ports.knownRecent, mailbox, uid);
  return uid < upTo ? uid : upTo;
}

/** As `recentFrom`, and claims them. A claim whose answer was lost may be lost with it: `\Recent` is a hint. */
export async function claimRecent(ports: RecentPorts, request: RecentRequest): Promise<Uid> {
  const { mailbox, upTo } = request;
  const key = recentKey(mailbox);
  for (let attempt = 0; attempt < maxRedos; attempt++) {
    const from = await recentFrom(ports, request);
    if (from === upTo) return upTo;
    const condition =
      from === 1
        ? ({ kind: 'absent' } as const)
        : ({ kind: 'equals', attribute: 'uid', value: from } as const);
    const outcome = await ports.table.commit([{ kind: 'put', item: { ...key, uid: upTo }, condition }], {
      until: 'visible',
    });
    if (outcome.kind === 'committed') {
      remember(ports.knownRecent, mailbox, upTo);
      return from;
    }
    await pause(ports, Math.min(attempt, 6));
  }
  return upTo;
}

/**
 * How many of a mailbox's messages no session has claimed, for STATUS RECENT. Uids alone do not tell it where messages
 * were taken out; then the blocks from the watermark on are read, which are few: each SELECT moves it to the end.
 */
export async function recentCount(
  ports: RecentPorts,
  {
    mailbox,
    uidNext,
    messages,
  }: { readonly mailbox: MailboxId; readonly uidNext: Uid; readonly messages: number },
): Promise<number> {
  const from = await recentFrom(ports, { mailbox, upTo: uidNext });
  if (from === uidNext) return 0;
  if (from === 1) return messages;
  if (messages === uidNext - 1) return uidNext - from;
  let count = 0;
  const first = blockKey(mailbox, blockOf(from)).sk;
  const range = { pk: mailboxPartition(mailbox), prefix: blockPrefix, from: first };
  for await (const item of queryAll(ports.table, range)) {
    const records = readBlockItem(item);
    for (let at = 0; at < records.count; at++) {
      const uid = records.uidAt(at);
      if (uid >= from && uid < uidNext) count++;
    }
  }
  return count;
}

function remember(known: KnownRecent, mailbox: MailboxId, uid: Uid): void {
  known.delete(mailbox);
  known.set(mailbox, uid);
  const [oldest] = known.keys();
  if (known.size > maxKnownRecent && oldest !== undefined) known.delete(oldest);
}
