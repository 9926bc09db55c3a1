/** `s#<block>`: what changes of the messages with 64 successive uids, in the order of the uids. */
import type { Item } from '../ports/table.ts';
import { bytesOf, stringsOf } from './attributes.ts';
import { blockKey } from './keys.ts';
import { RecordReader, unpackRecords } from './message-record.ts';
import type { MessageRecord, PackedRecords } from './message-record.ts';
import { packBlock, unpackBlock, unpackBlockRecords } from './packed-block.ts';
import type { PackedBlock } from './packed-block.ts';
import type { MailboxId } from './types.ts';

export function blockItem(
  mailbox: MailboxId,
  options: { readonly block: number; readonly records: readonly MessageRecord[] },
): Item {
  const { packed, keywords } = packBlock(options.records);
  return {
    ...blockKey(mailbox, options.block),
    packed,
    ...(keywords.length === 0 ? {} : { keywords }),
  };
}

/** The records of a block, without an object for each: for scans of whole mailboxes. */
export function readBlockItem(item: Item): RecordReader {
  return new RecordReader(recordsOf(item));
}

/** The records of a block as objects: for changing some of them. */
export function parseBlockItem(item: Item): readonly MessageRecord[] {
  const packed = packedOf(item);
  return packed === undefined ? unpackRecords(olderRecordsOf(item)) : unpackBlockRecords(packed);
}

function recordsOf(item: Item): PackedRecords {
  const packed = packedOf(item);
  return packed === undefined ? olderRecordsOf(item) : unpackBlock(packed);
}

function packedOf(item: Item): PackedBlock | undefined {
  if (item['packed'] === undefined) return undefined;
  return { keywords: keywordsOf(item), packed: bytesOf(item, 'packed') };
}

/** Older items have the records at their full width. */
function olderRecordsOf(item: Item): PackedRecords {
  return { keywords: keywordsOf(item), records: bytesOf(item, 'records') };
}

function keywordsOf(item: Item): readonly string[] {
  return item['keywords'] === undefined ? [] : stringsOf(item, 'keywords');
}
