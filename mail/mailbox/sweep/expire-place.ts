/**
 * A place that showed a message until the retention ago: its envelope leaves the page that it is in, and its index goes;
 * and where no place shows the message, first the message, then its blob, then the index. An index alone never takes a blob
 * with it: where a run dies between the two, the sweep for orphans finds the blob. (Entries of before carry the key of the blob that is still to go.)
 */
import type { Write } from '../../ports/table.ts';
import { belongsToAccount } from '../../delivery/blob-key.ts';
import { compareAndSet } from '../compare-and-set.ts';
import type { ExpireEntry, ExpirySubject } from '../expire-entry.ts';
import { sideObjectKey } from '../index-record.ts';
import { indexKey, messageKey } from '../keys.ts';
import { readLegalHold } from '../legal-hold.ts';
import { parseMessageItem, unchangedMessage } from '../message-item.ts';
import type { MessageItem, Place } from '../message-item.ts';
import { dayMs, messageRetentionMs } from '../retention.ts';
import type { EntryEnd } from './entry-end.ts';
import { leaveEnvelopePage } from './leave-envelope-page.ts';
import type { SweepRun } from './sweep-run.ts';

type PlaceSubject = Extract<ExpirySubject, { readonly kind: 'place' }>;

export async function expirePlace(
  run: SweepRun,
  entry: ExpireEntry,
  subject: PlaceSubject,
): Promise<EntryEnd> {
  const { table, retentionDays } = run.ports;
  const later: EntryEnd = { kind: 'postponed', dueAtMs: run.nowMs + messageRetentionMs(retentionDays) };
  if (subject.blobKey === undefined && (await readLegalHold(table, entry.account))) return later;
  const { blobKey, shown } =
    subject.blobKey === undefined ? await deleteMessage(run, entry, subject) : { ...subject, shown: false };
  // Feed has not yet taken the place out, and needs the index for it.
  if (shown) return later;
  if (blobKey !== undefined) await deleteBlob(run, { entry, subject, blobKey });
  const { mailbox, uid } = subject.place;
  await leaveEnvelopePage(run, subject.place);
  run.add('places');
  return { kind: 'done', writes: [{ kind: 'delete', key: indexKey(mailbox, uid) }] };
}

/** Its blob's key, when it was deleted: no place shows it, and its time has come. `shown`: this very place still does. */
async function deleteMessage(
  run: SweepRun,
  entry: ExpireEntry,
  subject: PlaceSubject,
): Promise<{ readonly blobKey: string | undefined; readonly shown: boolean }> {
  const { table } = run.ports;
  let blobKey: string | undefined;
  let shown = false;
  await compareAndSet(run.ports, async (): Promise<readonly Write[]> => {
    const item = await table.get(messageKey(entry.account, subject.message));
    // Gone: by the attempt before, whose answer was lost, or by another entry, which then also has taken the blob.
    if (item === undefined) return [];
    blobKey = undefined;
    const message = parseMessageItem(item);
    shown = shows(message, subject.place);
    // Without a time it was under legal hold when its last place went: the entry's own time is what counts.
    if (message.places.length > 0 || (message.expiresAtMs ?? 0) > run.nowMs) return [];
    blobKey = message.blobKey;
    const key = messageKey(entry.account, subject.message);
    return [{ kind: 'delete', key, condition: unchangedMessage(message) }];
  });
  if (blobKey !== undefined) run.add('messages');
  return { blobKey, shown };
}

function shows({ places }: MessageItem, { mailbox, uid }: Place): boolean {
  return places.some((place) => place.mailbox === mailbox && place.uid === uid);
}

/**
 * The same message may be on its way in again (an import repeated): then its blob was written anew, and stays. Should
 * nothing come of that, the sweep for orphans finds it later.
 */
async function deleteBlob(
  run: SweepRun,
  options: {
    readonly entry: ExpireEntry;
    readonly subject: PlaceSubject;
    readonly blobKey: string;
  },
): Promise<void> {
  const { entry, subject, blobKey } = options;
  const { blobs, table } = run.ports;
  // Elsewhere it may be others' too: a rule for its place removes it.
  if (!belongsToAccount(blobKey, entry.account)) return;
  const again = await table.get(messageKey(entry.account, subject.message));
  if (again !== undefined && parseMessageItem(again).blobKey === blobKey) return;
  const info = await blobs.head(blobKey);
  if (info !== undefined && info.createdAt.getTime() > run.nowMs - dayMs) return;
  await blobs.delete([blobKey, sideObjectKey(blobKey)]);
  run.add('blobs');
}
