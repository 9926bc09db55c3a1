/** `s#<block>`: what changes of the messages with 64 successive uids, in the order of the uids. */
import type { Item } from '../ports/table.ts';
import { bytesOf, stringsOf } from './attributes.ts';
import { blockKey } from './keys.ts';
import { RecordReader, unpackRecords } from './message-record.ts';
import type { MessageRecord, PackedRecords } from './message-record.ts';
import { packBlock, unpackBlock } from './packed-block.ts';
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
  return unpackRecords(recordsOf(item));
}

function recordsOf(item: Item): PackedRecords {
  const keywords = item['keywords'] === undefined ? [] : stringsOf(item, 'keywords');
  // Older items have the records at their full width.
  if (item['packed'] === undefined) return { keywords, records: bytesOf(item, 'records') };
  return unpackBlock({ keywords, packed: bytesOf(item, 'packed') });
}
