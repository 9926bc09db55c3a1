/** `s#<block>`: what changes of the messages with 64 successive uids, in the order of the uids. */
import type { Item } from '../ports/table.ts';
import { bytesOf, stringsOf } from './attributes.ts';
import { blockKey } from './keys.ts';
import { packRecords, RecordReader, unpackRecords } from './message-record.ts';
import type { MessageRecord } from './message-record.ts';
import type { MailboxId } from './types.ts';

export function blockItem(
  mailbox: MailboxId,
  options: { readonly block: number; readonly records: readonly MessageRecord[] },
): Item {
  const packed = packRecords(options.records);
  return {
    ...blockKey(mailbox, options.block),
    records: packed.records,
    ...(packed.keywords.length === 0 ? {} : { keywords: packed.keywords }),
  };
}

/** The records of a block, read in place: for scans of whole mailboxes. */
export function readBlockItem(item: Item): RecordReader {
  return new RecordReader(packedOf(item));
}

/** The records of a block as objects: for changing some of them. */
export function parseBlockItem(item: Item): readonly MessageRecord[] {
  return unpackRecords(packedOf(item));
}

function packedOf(item: Item) {
  const keywords = item['keywords'] === undefined ? [] : stringsOf(item, 'keywords');
  return { keywords, records: bytesOf(item, 'records') };
}
