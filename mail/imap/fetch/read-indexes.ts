/** The indexes of a batch of messages, or their envelopes, where one that is damaged does not keep the others back. */
import type { MessageIndex } from '../../mailbox/message-index.ts';
import { DamagedItem, type Uid } from '../../mailbox/types.ts';
import { BlobMissing } from '../../ports/blobs.ts';
import type { SelectedMailbox } from '../selected-mailbox.ts';
import type { FetchContext } from './data-item.ts';

/** `gone`: the message was expunged and is forgotten. */
export type FoundIndex = MessageIndex | 'gone' | 'unreadable';
/** An envelope is of a type of its own, so that it is none of the words. */
export type FoundEnvelope = { readonly envelope: string } | 'gone' | 'unreadable';

interface Reading extends Pick<FetchContext, 'unreadable'> {
  readonly uids: readonly Uid[];
}

/**
 * In the order of the uids: of as many of the first of them as can be held at once, one at least. `unreadable` hears of
 * what is wrong with one message; a fault of the table rejects.
 */
export function readIndexes(
  selected: SelectedMailbox,
  {
    needs,
    ...reading
  }: Reading & {
    /** What of their structure will be looked at: then it is known to be whole. */
    readonly needs: ReadonlySet<'parts' | 'bodyStructure'>;
  },
): Promise<readonly FoundIndex[]> {
  return readEach(selected, {
    ...reading,
    find: async (uids) => {
      const indexes = await selected.findMessages(uids);
      for (const name of needs) for (const index of indexes) void index?.[name];
      return indexes;
    },
  });
}

/** As `readIndexes`. */
export function readEnvelopes(
  selected: SelectedMailbox,
  reading: Reading,
): Promise<readonly FoundEnvelope[]> {
  return readEach(selected, {
    ...reading,
    find: async (uids) =>
      (await selected.findEnvelopes(uids)).map((envelope) =>
        envelope === undefined ? undefined : { envelope },
      ),
  });
}

async function readEach<Found>(
  selected: SelectedMailbox,
  {
    uids,
    unreadable,
    find,
  }: Reading & { readonly find: (uids: readonly Uid[]) => Promise<readonly (Found | undefined)[]> },
): Promise<readonly (Found | 'gone' | 'unreadable')[]> {
  try {
    const found = await find(uids);
    // So that what was expunged long ago in another process is not taken for damage.
    if (found.includes(undefined)) await selected.refresh();
    return uids.slice(0, found.length).map((uid, at) => found[at] ?? lost(uid));
  } catch (fault) {
    if (!(fault instanceof DamagedItem || fault instanceof BlobMissing)) throw fault;
    if (uids.length === 1) return [damaged(fault)];
    const each: (Found | 'gone' | 'unreadable')[] = [];
    for (const uid of uids) each.push(...(await readEach(selected, { uids: [uid], unreadable, find })));
    return each;
  }

  function lost(uid: Uid): 'gone' | 'unreadable' {
    if (selected.view.indexOf(uid) < 0) return 'gone';
    return damaged(new Error(`mailbox ${selected.mailbox} shows uid ${uid}, which has no index`));
  }

  function damaged(fault: unknown): 'unreadable' {
    unreadable(fault);
    return 'unreadable';
  }
}
