/** ENVELOPEs of many messages: from the pages of their blocks, and of those that are in none from their indexes. */
import type { Blobs } from '../ports/blobs.ts';
import type { Log } from '../ports/log.ts';
import type { Item, Table } from '../ports/table.ts';
import { envelopeIn, envelopePageAttributes, parseEnvelopePage } from './envelope-page.ts';
import type { EnvelopePage } from './envelope-page.ts';
import { envelopeAttributes, heldAtOnce, readEnvelope } from './index-record.ts';
import { blockOf, envelopePageKey, indexKey, uidsPerBlock } from './keys.ts';
import { leastReadOfPage } from './limits.ts';
import { DamagedItem } from './types.ts';
import type { MailboxId, Uid } from './types.ts';

export interface EnvelopePorts {
  readonly table: Table;
  readonly blobs: Blobs;
  readonly log: Log;
}

export interface EnvelopesWanted {
  readonly mailbox: MailboxId;
  readonly uids: readonly Uid[];
  /** A block that a message may still come to has no page. */
  readonly uidNext: Uid;
}

/** As `OpenMailbox.findEnvelopes`. */
export async function findEnvelopes(
  ports: EnvelopePorts,
  wanted: EnvelopesWanted,
): Promise<readonly (string | undefined)[]> {
  const { uids } = wanted;
  const pages = await readPages(ports, wanted);
  const paged = uids.map((uid) => envelopeIn(pages.get(blockOf(uid)), uid));
  const rest = uids.filter((_, at) => paged[at] === undefined);
  if (rest.length === 0) return paged;
  const read = await readFromIndexes(ports, { ...wanted, uids: rest });
  // Up to the first that is not read: the caller asks again from there.
  const unread = rest[read.length];
  const end = unread === undefined ? uids.length : uids.indexOf(unread);
  let next = 0;
  return paged.slice(0, end).map((envelope) => envelope ?? read[next++]);
}

async function readPages(
  { table, log }: EnvelopePorts,
  { mailbox, uids, uidNext }: EnvelopesWanted,
): Promise<ReadonlyMap<number, EnvelopePage>> {
  const blocks = blocksWithMany(uids, leastReadOfPage).filter(
    (block) => (block + 1) * uidsPerBlock <= uidNext,
  );
  const pages = new Map<number, EnvelopePage>();
  if (blocks.length === 0) return pages;
  const keys = blocks.map((block) => envelopePageKey(mailbox, block));
  const items = await table.getMany(keys, { only: envelopePageAttributes });
  for (const [at, block] of blocks.entries()) {
    const page = readPage(items[at], block);
    if (page !== undefined) pages.set(block, page);
  }
  return pages;

  /** Without it the messages are read one by one. */
  function readPage(item: Item | undefined, block: number): EnvelopePage | undefined {
    try {
      return item && parseEnvelopePage(item);
    } catch (fault) {
      if (!(fault instanceof DamagedItem)) throw fault;
      log.error('mailbox.envelopePageDamaged', fault, { mailbox, block });
      return undefined;
    }
  }
}

/** Of these uids, the blocks that have at least so many of them. */
function blocksWithMany(uids: readonly Uid[], least: number): readonly number[] {
  const counts = new Map<number, number>();
  for (const uid of uids) counts.set(blockOf(uid), (counts.get(blockOf(uid)) ?? 0) + 1);
  return [...counts].flatMap(([block, count]) => (count >= least ? [block] : []));
}

async function readFromIndexes(
  { table, blobs }: EnvelopePorts,
  { mailbox, uids }: EnvelopesWanted,
): Promise<readonly (string | undefined)[]> {
  const keys = uids.map((uid) => indexKey(mailbox, uid));
  const items = await table.getMany(keys, { only: envelopeAttributes });
  const envelopes = heldAtOnce(items).map((item) => item && readEnvelope(blobs, item));
  // To wait for each would take as long as to read it.
  return envelopes.every(isAtHand) ? envelopes : Promise.all(envelopes.map(async (each) => each));
}

function isAtHand(envelope: string | Promise<string> | undefined): envelope is string | undefined {
  return typeof envelope !== 'object';
}
