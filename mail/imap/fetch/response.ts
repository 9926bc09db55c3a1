/** One FETCH response: its items, and what the session keeps in mind of it. */
import { ConnectionEnded } from '../../wire/engine.ts';
import { modSeqItem } from '../extensions/condstore.ts';
import type { Session } from '../session.ts';
import { tellKeywords } from '../tell-changes.ts';
import type {
  DataItem,
  EnvelopeItem,
  FetchContext,
  FetchedMessage,
  IndexedMessage,
  IndexItem,
  RecordItem,
} from './data-item.ts';
import { flagsItem } from './record-items.ts';
import { sendText } from './send.ts';

export const isRecordItem = (item: DataItem): item is RecordItem => item.from === 'record';
export const isEnvelopeItem = (item: DataItem): item is EnvelopeItem => item.from === 'envelope';
export const isIndexItem = (item: DataItem): item is IndexItem => item.from === 'index';

/** The items and the flags, and their mod-sequence where the client knows it: for a message that FETCH has changed. */
export function withFlags(items: readonly DataItem[], { condstore }: Session): readonly DataItem[] {
  return [...new Set([...items, flagsItem, ...(condstore ? [modSeqItem] : [])])];
}

/** `* 3 FETCH (…)` of what the record and the envelope tell. */
export function formatResponse(
  items: readonly (RecordItem | EnvelopeItem)[],
  { message, envelope = '' }: { readonly message: FetchedMessage; readonly envelope?: string },
): string {
  let text = `* ${message.sequenceNumber} FETCH (`;
  let separator = '';
  for (const item of items) {
    text += separator + (item.from === 'record' ? item.text(message) : item.text(envelope));
    separator = ' ';
  }
  return `${text})\r\n`;
}

/** The items of a response, in the session that asked. */
export interface ResponseForm {
  readonly items: readonly DataItem[];
  readonly session: Session;
}

/**
 * Writes a response, and answers with what is to be waited for where something is read for it. A fault in it ends the
 * connection: the client could not tell where it is broken off.
 */
export function writeResponse(
  form: ResponseForm,
  message: IndexedMessage,
  context: FetchContext,
): Promise<void> | undefined {
  context.out.text(`* ${message.sequenceNumber} FETCH (`);
  return writeItems(form, { message, context, from: 0 });
}

interface Writing {
  readonly message: IndexedMessage;
  readonly context: FetchContext;
  /** The first item that is not written yet. */
  readonly from: number;
}

function writeItems(form: ResponseForm, writing: Writing): Promise<void> | undefined {
  const { message, context, from } = writing;
  const { out } = context;
  try {
    for (let at = from; at < form.items.length; at += 1) {
      const item = form.items[at];
      if (at > 0) out.text(' ');
      const reading = item && writeItem(item, message, context);
      if (reading !== undefined || out.isAhead) return writeRest(form, { ...writing, from: at + 1 }, reading);
    }
  } catch (fault) {
    throw brokenOff(form, fault);
  }
  out.text(')\r\n');
  return undefined;
}

function writeItem(item: DataItem, message: IndexedMessage, context: FetchContext): void | Promise<void> {
  if (item.from === 'record') return context.out.text(item.text(message));
  if (item.from === 'envelope') return sendText(context.out, item.text(message.index.envelope));
  return item.write(message, context);
}

async function writeRest(form: ResponseForm, writing: Writing, reading: Promise<void> | void): Promise<void> {
  try {
    await reading;
    await writing.context.out.ready();
  } catch (fault) {
    throw brokenOff(form, fault);
  }
  await writeItems(form, writing);
}

function brokenOff({ session }: ResponseForm, fault: unknown): ConnectionEnded {
  if (fault instanceof ConnectionEnded) return fault;
  session.fault(fault, 'FETCH');
  return new ConnectionEnded('a response is broken off');
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
