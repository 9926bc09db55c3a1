/**
 * Taking places out of `message#`: what remains of an expunge after its commit. One transaction for a message, on
 * condition that it is as it was read: the places out of its set, their last flags and save dates into the indexes, and
 * an entry for the sweep for each. So a repeat finds that the place is gone, and does nothing.
 */
import type { Item, Write } from '../../ports/table.ts';
import { compareAndSet, writesAtOnce } from '../compare-and-set.ts';
import type { CompareAndSetPorts } from '../compare-and-set.ts';
import { expireItem } from '../expire-entry.ts';
import { inParallel } from '../in-parallel.ts';
import { messageIdOf, withLastSeen } from '../index-record.ts';
import { indexKey, messageKey } from '../keys.ts';
import { messageItem, parseMessageItem, unchangedMessage, withoutPlaces } from '../message-item.ts';
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
        return takeOutWrites(ports, { gone, its, message: parseMessageItem(item) });
      },
      { until: 'visible' },
    );
  }
}

async function takeOutWrites(
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
  const after = withoutPlaces(
    message,
    its.map(({ record: { uid } }) => ({ mailbox, uid })),
  );
  const dueAtMs = ports.clock.now() + messageRetentionMs(ports.retentionDays);
  const expires = after.places.length === 0 && !gone.held;
  const item = messageItem(account, { ...after, expiresAtMs: expires ? dueAtMs : undefined });
  return [
    { kind: 'put', item, condition: unchangedMessage(message) },
    ...its.flatMap(({ record, index }): readonly Write[] => {
      const place = { mailbox, uid: record.uid };
      const subject = { kind: 'place', message: message.messageId, place } as const;
      return [
        // While `message#` still has the place nobody deletes its index.
        { kind: 'put', item: withLastSeen(index, record) },
        { kind: 'put', item: expireItem({ account, dueAtMs, subject }) },
      ];
    }),
  ];
}

function keyOf({ pk, sk }: Item) {
  return { pk, sk };
}
