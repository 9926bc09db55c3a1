/** Operations that may be cut (STORE, EXPUNGE, MOVE), each part whole in itself. */
import { ChangeTooLarge } from '../account-writer.ts';
import type { AccountWriter, Change } from '../account-writer.ts';
import { blockOf } from '../keys.ts';
import { maxLogRecords } from '../limits.ts';
import { uidsPerBlock } from '../keys.ts';
import type { Gone } from '../outcome.ts';
import type { Uid } from '../types.ts';
import { sortedUids } from './records.ts';

/** The uids in parts of as many blocks as one transaction takes, when it writes nothing else for each message. */
export function partsByBlocks(writer: AccountWriter, uids: readonly Uid[]): readonly (readonly Uid[])[] {
  const maxBlocks = Math.max(
    1,
    Math.min(writer.limits.maxWrites - 6, Math.floor(maxLogRecords / uidsPerBlock)),
  );
  const parts: Uid[][] = [];
  let blocks = new Set<number>();
  for (const uid of sortedUids(uids)) {
    const full = blocks.size === maxBlocks && !blocks.has(blockOf(uid));
    if (full || parts.length === 0) {
      blocks = new Set();
      parts.push([]);
    }
    blocks.add(blockOf(uid));
    parts.at(-1)?.push(uid);
  }
  return parts;
}

/** Most messages in a part that writes two items for each: its index and its `message#`. */
export function messagesAPart(writer: AccountWriter): number {
  return Math.max(1, Math.floor(((writer.limits.maxWrites - 8) / 2) * 0.95));
}

/** One part after the other, halved where they do not fit; stops at the first result that does not let it go on. */
export async function submitParts<Result>(options: {
  readonly writer: AccountWriter;
  readonly uids: readonly Uid[];
  readonly partSize: number;
  readonly change: (uids: readonly Uid[]) => Change<Result>;
  readonly goesOn: (result: Result | Gone) => boolean;
}): Promise<readonly (Result | Gone)[]> {
  const { writer, uids, change, goesOn } = options;
  const results: (Result | Gone)[] = [];
  let size = options.partSize;
  let at = 0;
  do {
    const part = uids.slice(at, at + size);
    try {
      const result = await writer.submit(change(part));
      results.push(result);
      if (!goesOn(result)) break;
      at += part.length;
    } catch (fault) {
      if (!(fault instanceof ChangeTooLarge) || part.length <= 1) throw fault;
      size = Math.ceil(part.length / 2);
    }
  } while (at < uids.length);
  return results;
}
