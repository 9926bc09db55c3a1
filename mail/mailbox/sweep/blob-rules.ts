/**
 * Which blobs go by themselves. `mailboxes/`: those of no message (a writer died between the blob and its commit, or
 * the sweep between the two deletions). `incoming/`: by age alone; on AWS a lifecycle rule does it. `outbound/`: when
 * the last recipient has been done for so long. Nothing younger than 30 days is touched, nor what a job may still need.
 */
import type { BlobInfo } from '../../ports/blobs.ts';
import type { Item, Write } from '../../ports/table.ts';
import { queryAll } from '../../ports/table.ts';
import { optionalStringOf } from '../attributes.ts';
import { writesAtOnce } from '../compare-and-set.ts';
import { messageKey } from '../keys.ts';
import { parseMessageItem } from '../message-item.ts';
import { parseAccountId, parseMessageId } from '../types.ts';
import type { BlobRule } from './sweep-blobs.ts';
import type { SweepRun } from './sweep-run.ts';

const mailboxKeySyntax = /^(mailboxes\/[^/]+\/[^/]*~([^/~]+)\/\d{4}-\d\d\/([^/]+)\.eml)(?:\.index)?$/;
const outboundKeySyntax = /^outbound\/([^/]+)\.eml$/;

function isOld(run: SweepRun, time: Date): boolean {
  return time.getTime() <= run.orphansBeforeMs;
}

/** A key that is not as Posta writes them is nobody's to delete. */
export const mailboxBlobs: BlobRule = {
  prefix: 'mailboxes/',
  count: 'orphanBlobs',
  async condemned(run, blobs) {
    const old = blobs.filter(({ createdAt }) => isOld(run, createdAt)).flatMap(ownerOf);
    const messages = await run.ports.table.getMany(old.map(({ message }) => message));
    return old.flatMap(({ key, blobKey }, at) => {
      const item = messages[at];
      return item !== undefined && parseMessageItem(item).blobKey === blobKey ? [] : [key];
    });
  },
};

/** Of a blob or its side object. */
function ownerOf({ key }: BlobInfo) {
  const [, blobKey = '', accountText = '', messageText = ''] = mailboxKeySyntax.exec(key) ?? [];
  const account = parseAccountId(accountText);
  const message = parseMessageId(messageText);
  if (account === undefined || message === undefined) return [];
  return [{ key, blobKey, message: messageKey(account, message) }];
}

/** By age alone. */
export const incomingBlobs: BlobRule = {
  prefix: 'incoming/',
  count: 'incomingBlobs',
  async condemned(run, blobs) {
    return blobs.filter(({ createdAt }) => isOld(run, createdAt)).map(({ key }) => key);
  },
};

/** `endedAt` (ISO 8601) stands in a recipient's record from its end on; records go with their message's blob. */
export const outboundBlobs: BlobRule = {
  prefix: 'outbound/',
  count: 'outboundBlobs',
  async condemned(run, blobs) {
    const keys: string[] = [];
    for (const { key, createdAt } of blobs) {
      const message = outboundKeySyntax.exec(key)?.[1];
      if (message !== undefined && isOld(run, createdAt) && (await endOutbound(run, message))) keys.push(key);
    }
    return keys;
  },
};

/** Deletes the records when all of them ended long ago; false: one did not, or was taken up again. */
async function endOutbound(run: SweepRun, message: string): Promise<boolean> {
  const { table } = run.ports;
  const records: Item[] = [];
  for await (const item of queryAll(table, { pk: `outbound#${message}`, prefix: 'recipient#' })) {
    const endedAt = optionalStringOf(item, 'endedAt');
    if (endedAt === undefined || !isOld(run, new Date(endedAt))) return false;
    records.push(item);
  }
  const atOnce = writesAtOnce(table);
  for (let at = 0; at < records.length; at += atOnce) {
    const some = records.slice(at, at + atOnce);
    const outcome = await table.commit(some.map(deleteEnded));
    if (outcome.kind !== 'committed') return false;
    run.add('outboundRecords', some.length);
  }
  return true;
}

function deleteEnded(record: Item): Write {
  const { pk, sk } = record;
  const value = optionalStringOf(record, 'endedAt') ?? '';
  return { kind: 'delete', key: { pk, sk }, condition: { kind: 'equals', attribute: 'endedAt', value } };
}
