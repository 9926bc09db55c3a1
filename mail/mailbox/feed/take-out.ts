/**
 * Taking places out of `message#`: what remains of an expunge after its commit. First, for each place, an entry for the
 * sweep; then the places out of the message's set, on condition that it is as it was read, with the flags and save dates
 * that they had last. (Of more places than the message tells of these are in their indexes, before that.) A repeat of the whole finds the places gone, and does nothing; a repeat of a part writes the same
 * again. So no transaction is needed, which would cost twice as much.
 */
import type { Item, Write } from '../../ports/table.ts';
import { compareAndSet, writeAlone, writesAtOnce } from '../compare-and-set.ts';
import type { CompareAndSetPorts } from '../compare-and-set.ts';
import { expireItem } from '../expire-entry.ts';
import { inParallel } from '../in-parallel.ts';
import { messageIdOf, withLastSeen } from '../index-record.ts';
import { indexKey, messageKey } from '../keys.ts';
import {
  maxLeftPlaces,
  messageItem,
  parseMessageItem,
  unchangedMessage,
  withoutPlaces,
} from '../message-item.ts';
import type { MessageItem } from '../message-item.ts';
import type { MessageRecord } from '../message-record.ts';
import { messageRetentionMs } from '../retention.ts';
import type { AccountId, MailboxId, MessageId } from '../types.ts';

/** What taking places out needs. */
export interface TakeOutPorts extends CompareAndSetPorts {
  readonly retentionDays: number;
}

/** Records that a mailbox no longer shows, as they last were. */
export interface GoneRecords {
  readonly account: AccountId;
  readonly mailbox: MailboxId;
  readonly records: readonly MessageRecord[];
  /** Under legal hold no message is marked to expire. */
  readonly held: boolean;
}

/** Indexes read at once: of up to 64 KB each. */
const recordsAtOnce = 64;
/** Transactions under way at once; on LMDB they share a flush. */
const messagesAtOnce = 16;

interface GonePlace {
  readonly record: MessageRecord;
  readonly index: Item;
}

/** Takes the records' places out, whatever of it was done before. Throws `CompareAndSetFailed`. */
export async function takeOut(ports: TakeOutPorts, gone: GoneRecords): Promise<void> {
  for (let at = 0; at < gone.records.length; at += recordsAtOnce) {
    const records = gone.records.slice(at, at + recordsAtOnce);
    const items = await ports.table.getMany(records.map(({ uid }) => indexKey(gone.mailbox, uid)));
    // A record without an index was swept long ago.
    const places = records.flatMap((record, each): GonePlace[] => {
      const index = items[each];
      return index === undefined ? [] : [{ record, index }];
    });
    const byMessage = [...Map.groupBy(places, ({ index }) => messageIdOf(index))];
    await inParallel(byMessage, messagesAtOnce, ([message, its]) => takeOutOf(ports, { gone, message, its }));
  }
}

async function takeOutOf(
  ports: TakeOutPorts,
  options: {
    readonly gone: GoneRecords;
    readonly message: MessageId;
    readonly its: readonly GonePlace[];
  },
): Promise<void> {
  const { gone, message } = options;
  const atOnce = Math.floor((writesAtOnce(ports.table) - 1) / 2);
  for (let at = 0; at < options.its.length; at += atOnce) {
    const its = options.its.slice(at, at + atOnce);
    await compareAndSet(
      ports,
      async () => {
        const item = await ports.table.get(messageKey(gone.account, message));
        // The message was swept, or its account purged: nothing can bring it back, so nothing needs the indexes.
        if (item === undefined) return its.map(({ index }): Write => ({ kind: 'delete', key: keyOf(index) }));
        return takeOutPlaces(ports, { gone, its, message: parseMessageItem(item) });
      },
      { until: 'visible' },
    );
  }
}

/** What is left to write when all else is written: the message. */
async function takeOutPlaces(
  ports: TakeOutPorts,
  options: {
    readonly gone: GoneRecords;
    readonly its: readonly GonePlace[];
    readonly message: MessageItem;
  },
): Promise<readonly Write[]> {
  const { gone, message } = options;
  const { account, mailbox } = gone;
  const shown = new Set(message.places.flatMap((place) => (place.mailbox === mailbox ? [place.uid] : [])));
  const its = options.its.filter(({ record }) => shown.has(record.uid));
  if (its.length === 0) return [];
  const nowMs = ports.clock.now();
  const dueAtMs = nowMs + messageRetentionMs(ports.retentionDays);
  const before = (message.left ?? []).filter(({ keptUntilMs }) => keptUntilMs > nowMs);
  const told = its.slice(0, Math.max(0, maxLeftPlaces - before.length));
  await Promise.all([
    ...its.map(({ record }) => noteOf(ports, { gone, message, record, dueAtMs })),
    ...its.slice(told.length).map((place) => tellIn(ports, place)),
  ]);
  const after = withoutPlaces(
    message,
    its.map(({ record: { uid } }) => ({ mailbox, uid })),
  );
  const expires = after.places.length === 0 && !gone.held;
  const left = told.map(({ record: { uid, system, keywords, saveDateSeconds } }) => ({
    place: { mailbox, uid },
    last: { system, keywords, saveDateSeconds },
    keptUntilMs: dueAtMs,
  }));
  const item = messageItem(account, {
    ...after,
    expiresAtMs: expires ? dueAtMs : undefined,
    left: [...before, ...left],
  });
  return [{ kind: 'put', item, condition: unchangedMessage(message) }];
}

/** The sweep leaves an entry alone whose place is still in the set. */
async function noteOf(
  ports: TakeOutPorts,
  options: {
    readonly gone: GoneRecords;
    readonly message: MessageItem;
    readonly record: MessageRecord;
    readonly dueAtMs: number;
  },
): Promise<void> {
  const { gone, message, record, dueAtMs } = options;
  const place = { mailbox: gone.mailbox, uid: record.uid };
  const subject = { kind: 'place', message: message.messageId, place } as const;
  const item = expireItem({ account: gone.account, dueAtMs, subject });
  await writeAlone(ports, { kind: 'put', item }, { until: 'visible' });
}

/** Into its index, unless its account was purged meanwhile. */
async function tellIn(ports: TakeOutPorts, { record, index }: GonePlace): Promise<void> {
  const item = withLastSeen(index, record);
  await writeAlone(ports, { kind: 'put', item, condition: { kind: 'present' } }, { until: 'visible' });
}

function keyOf({ pk, sk }: Item) {
  return { pk, sk };
}
