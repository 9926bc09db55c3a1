/** The FETCH responses of a command (RFC 3501 section 7.4.2), written as the client takes them. */
import { completesBlock } from '../../mailbox/keys.ts';
import { parseUid, sound } from '../../mailbox/types.ts';
import type { Session } from '../session.ts';
import type { NumberRange } from '../syntax/sequence-set.ts';
import { batchesOf, recordBatch } from './batches.ts';
import type {
  DataItem,
  EnvelopeItem,
  FetchContext,
  FetchedMessage,
  IndexedMessage,
  RecordItem,
} from './data-item.ts';
import { markSeen } from './mark-seen.ts';
import { readEnvelopes, readIndexes, type FoundEnvelope, type FoundIndex } from './read-indexes.ts';
import {
  noteFlagsOf,
  formatResponse,
  isEnvelopeItem,
  isIndexItem,
  isRecordItem,
  withFlags,
  writeResponse,
  type ResponseForm,
} from './response.ts';
import { sendText } from './send.ts';

/** Messages whose indexes are at hand together, 64 KB at most but for monsters: fewer where bodies keep them there. */
const batchMessages = 64;
const batchMessagesWithBody = 8;

/** Text that is written between two looks at whether the client keeps up. */
const unwaitedOctets = 8192;

export interface FetchRequest {
  /** Indexes of `told`. */
  readonly ranges: readonly NumberRange[];
  readonly items: readonly DataItem[];
}

/** How many messages could not be told, or not whole. */
export interface Fetched {
  /** Expunged and forgotten: left out. */
  expunged: number;
  /** Left out, or with an item that is NIL. */
  unreadable: number;
}

/**
 * Tells the items of the messages. Those that become `\Seen` by it are told with their flags (RFC 3501 section 6.4.5).
 * `deleted`: the mailbox is no more.
 */
export async function fetchMessages(
  session: Session,
  request: FetchRequest,
): Promise<Readonly<Fetched> | 'deleted'> {
  const { ranges, items } = request;
  const setsSeen = items.some((item) => isIndexItem(item) && item.setsSeen === true);
  const marked = setsSeen ? await markSeen(session, ranges) : new Set<number>();
  if (marked === 'deleted') return 'deleted';
  if (items.every(isRecordItem)) return tellRecords(session, { ranges, items });
  if (items.every(isRecordOrEnvelopeItem)) return tellEnvelopes(session, { ranges, items });
  return tellIndexed(session, { ...request, marked });
}

async function tellRecords(
  session: Session,
  { ranges, items }: FetchRequest & { readonly items: readonly RecordItem[] },
): Promise<Fetched> {
  const { out } = session;
  const noteFlags = noteFlagsOf(items, session);
  let expunged = 0;
  let written = 0;
  for await (const batch of batchesOf(ranges, recordBatch))
    for (const index of batch) {
      const message = messageAt(session, index);
      if (message === undefined) expunged += 1;
      else {
        noteFlags(message);
        const response = formatResponse(items, { message });
        out.text(response);
        written += response.length;
      }
      // To wait for each of 100,000 short lines would cost more than they do.
      if (written < unwaitedOctets) continue;
      written = 0;
      await out.ready();
    }
  return { expunged, unreadable: 0 };
}

async function tellEnvelopes(
  session: Session,
  { ranges, items }: FetchRequest & { readonly items: readonly (RecordItem | EnvelopeItem)[] },
): Promise<Fetched> {
  const { selected, out } = session;
  const fetched: Fetched = { expunged: 0, unreadable: 0 };
  const noteFlags = noteFlagsOf(items, session);
  // What lies together in the mailbox is read together.
  const endsBatch = (index: number) => completesBlock(selected.told.uidAt(index));
  for await (const batch of batchesOf(ranges, batchMessages, endsBatch))
    for (let done = 0; done < batch.length;) {
      const left = batch.slice(done);
      const uids = left.map((index) => sound(parseUid(selected.told.uidAt(index)), 'uid'));
      const found = await readEnvelopes(selected, { uids, unreadable });
      for (const [at, one] of found.entries()) {
        const telling = tell(left[at] ?? 0, one);
        if (telling !== undefined) await telling;
        if (out.isAhead) await out.ready();
      }
      done += found.length;
    }
  return fetched;

  /** Waits only for a long one: to wait for each message would take longer than to tell it. */
  function tell(told: number, found: FoundEnvelope): void | Promise<void> {
    if (found === 'unreadable') return;
    const message = messageAt(session, told);
    if (message === undefined || found === 'gone') return void (fetched.expunged += 1);
    noteFlags(message);
    return sendText(out, formatResponse(items, { message, ...found }));
  }

  function unreadable(fault: unknown): undefined {
    session.fault(fault, 'FETCH');
    fetched.unreadable += 1;
  }
}

async function tellIndexed(
  session: Session,
  { ranges, items, marked }: FetchRequest & { readonly marked: ReadonlySet<number> },
): Promise<Fetched> {
  const { selected, out, options, counts } = session;
  const fetched: Fetched = { expunged: 0, unreadable: 0 };
  const context: FetchContext = { out, blobs: options.blobs, unreadable };
  const usual = { session, items, noteFlags: noteFlagsOf(items, session) };
  const more = withFlags(items, session);
  const ofMarked = { session, items: more, noteFlags: noteFlagsOf(more, session) };
  const needs = new Set(items.filter(isIndexItem).flatMap((item) => item.needs ?? []));
  const sendsBody = items.some((item) => isIndexItem(item) && item.sendsBody === true);
  for await (const batch of batchesOf(ranges, sendsBody ? batchMessagesWithBody : batchMessages))
    for (let done = 0; done < batch.length;) {
      const left = batch.slice(done);
      const uids = left.map((index) => sound(parseUid(selected.told.uidAt(index)), 'uid'));
      const indexes = await readIndexes(selected, { uids, needs, unreadable });
      for (const [at, index] of indexes.entries()) {
        const telling = tell(left[at] ?? 0, index);
        if (telling !== undefined) await telling;
        if (out.isAhead) await out.ready();
      }
      done += indexes.length;
    }
  return fetched;

  /** Waits only where something is read: to wait for each of 100,000 envelopes would cost more than they do. */
  function tell(told: number, index: FoundIndex): Promise<void> | undefined {
    if (index === 'unreadable') return undefined;
    const message = messageAt(session, told);
    if (message === undefined || index === 'gone') {
      fetched.expunged += 1;
      return undefined;
    }
    const form = marked.has(message.record.uid) ? ofMarked : usual;
    form.noteFlags(message);
    return sendsBody
      ? tellBody(form, { ...message, index })
      : writeResponse(form, { ...message, index }, context);
  }

  async function tellBody(form: ResponseForm, message: IndexedMessage): Promise<void> {
    const { unreadable: before } = fetched;
    await writeResponse(form, message, context);
    if (fetched.unreadable === before) counts.fetched += 1;
  }

  function unreadable(fault: unknown): undefined {
    session.fault(fault, 'FETCH');
    fetched.unreadable += 1;
  }
}

const isRecordOrEnvelopeItem = (item: DataItem): item is RecordItem | EnvelopeItem =>
  isRecordItem(item) || isEnvelopeItem(item);

/** undefined where it is forgotten. */
function messageAt({ selected }: Session, index: number): FetchedMessage | undefined {
  const uid = selected.told.uidAt(index);
  const record = selected.recordOf(uid);
  return record && { sequenceNumber: index + 1, record, recent: selected.recent.has(uid) };
}
