/** The indexes of a batch of messages, where one that is damaged does not keep the others back. */
import type { MessageIndex } from '../../mailbox/message-index.ts';
import { DamagedItem, type Uid } from '../../mailbox/types.ts';
import { BlobMissing } from '../../ports/blobs.ts';
import type { SelectedMailbox } from '../selected-mailbox.ts';
import type { FetchContext } from './data-item.ts';

/** `gone`: the message was expunged and is forgotten. */
export type FoundIndex = MessageIndex | 'gone' | 'unreadable';

/**
 * In the order of the uids: of as many of the first of them as can be held at once, one at least. `unreadable` hears of
 * what is wrong with one message; a fault of the table rejects.
 */
export async function readIndexes(
  selected: SelectedMailbox,
  options: {
    readonly uids: readonly Uid[];
    /** Whether their structure will be looked at: then it is known to be whole. */
    readonly structured: boolean;
  } & Pick<FetchContext, 'unreadable'>,
): Promise<readonly FoundIndex[]> {
  const { uids, structured, unreadable } = options;
  try {
    const indexes = await selected.findMessages(uids);
    if (structured) for (const index of indexes) void index?.parts;
    // So that what was expunged long ago in another process is not taken for damage.
    if (indexes.includes(undefined)) await selected.refresh();
    return uids.slice(0, indexes.length).map((uid, at) => indexes[at] ?? lost(uid));
  } catch (fault) {
    if (!(fault instanceof DamagedItem || fault instanceof BlobMissing)) throw fault;
    if (uids.length === 1) return [damaged(fault)];
    const found: FoundIndex[] = [];
    for (const uid of uids) found.push(...(await readIndexes(selected, { ...options, uids: [uid] })));
    return found;
  }

  function lost(uid: Uid): FoundIndex {
    if (selected.view.indexOf(uid) < 0) return 'gone';
    return damaged(new Error(`mailbox ${selected.mailbox} shows uid ${uid}, which has no index`));
  }

  function damaged(fault: unknown): FoundIndex {
    unreadable(fault);
    return 'unreadable';
  }
}
