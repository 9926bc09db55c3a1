/** One FETCH response: its items, and what the session keeps in mind of it. */
import { ConnectionEnded } from '../../wire/engine.ts';
import { modSeqItem } from '../extensions/condstore.ts';
import type { Session } from '../session.ts';
import { tellKeywords } from '../tell-changes.ts';
import type {
  DataItem,
  FetchContext,
  FetchedMessage,
  IndexedMessage,
  IndexItem,
  RecordItem,
} from './data-item.ts';
import { flagsItem } from './record-items.ts';

export const isRecordItem = (item: DataItem): item is RecordItem => item.from === 'record';
export const isIndexItem = (item: DataItem): item is IndexItem => item.from === 'index';

/** The items and the flags, and their mod-sequence where the client knows it: for a message that FETCH has changed. */
export function withFlags(items: readonly DataItem[], { condstore }: Session): readonly DataItem[] {
  return [...new Set([...items, flagsItem, ...(condstore ? [modSeqItem] : [])])];
}

/** `* 3 FETCH (…)` of what the record tells. */
export function formatResponse(items: readonly RecordItem[], message: FetchedMessage): string {
  let text = `* ${message.sequenceNumber} FETCH (`;
  let separator = '';
  for (const item of items) {
    text += separator + item.text(message);
    separator = ' ';
  }
  return `${text})\r\n`;
}

/** Writes a response. A fault in it ends the connection: the client could not tell where it is broken off. */
export async function writeResponse(
  { items, session }: { readonly items: readonly DataItem[]; readonly session: Session },
  message: IndexedMessage,
  context: FetchContext,
): Promise<void> {
  const { out } = context;
  out.text(`* ${message.sequenceNumber} FETCH (`);
  try {
    for (const [at, item] of items.entries()) {
      if (at > 0) out.text(' ');
      if (item.from === 'record') out.text(item.text(message));
      else await item.write(message, context);
      await out.ready();
    }
  } catch (fault) {
    if (fault instanceof ConnectionEnded) throw fault;
    session.fault(fault, 'FETCH');
    throw new ConnectionEnded('a response is broken off');
  }
  out.text(')\r\n');
}

/**
 * What is to be called before each response with these items. Of the flags in it the client need not be told again,
 * where they come with the mod-sequence that it wants.
 */
export function noteFlagsOf(items: readonly DataItem[], session: Session): (message: FetchedMessage) => void {
  const { selected, condstore } = session;
  if (!items.includes(flagsItem)) return () => undefined;
  const tellsAll = !condstore || items.includes(modSeqItem);
  return ({ record }) => {
    tellKeywords(session);
    if (tellsAll && record.modSeq > selected.told.rev) selected.told.noteFlags(record.uid, record.modSeq);
  };
}
