/** COPY, MOVE (RFC 6851) and undelete within an account, or one part of them. */
import type { Change } from '../account-writer.ts';
import { accepted, refused } from '../account-writer.ts';
import type { Item } from '../../ports/table.ts';
import type { Draft } from '../draft.ts';
import { systemFlags } from '../flags.ts';
import { lastSeenOf as lastSeenIn, messageIdOf } from '../index-record.ts';
import { numberOf } from '../attributes.ts';
import { indexKey, messageKey } from '../keys.ts';
import { lastSeenAt, parseMessageItem } from '../message-item.ts';
import type { LastSeen, Place } from '../message-item.ts';
import type { MessageRecord } from '../message-record.ts';
import type { CopyOutcome, NoSuchMailbox, NoSuchTarget } from '../outcome.ts';
import type { MailboxId, Uid } from '../types.ts';
import { findRecords, quotaAllows, removeRecords, sortedUids } from './records.ts';
import { prefetchMessages, showAgain } from './show-again.ts';
import type { Shown } from './show-again.ts';

/** From where to where. */
export interface CopyRequest {
  readonly from: MailboxId;
  readonly to: MailboxId;
  readonly uids: readonly Uid[];
}

/** COPY in one commit: the messages that are there, or none. */
export function copyChange(request: CopyRequest): Change<CopyOutcome> {
  return {
    until: 'flushed',
    async plan(draft) {
      const refusal = await bothThere(draft, request);
      if (refusal !== undefined) return refused<CopyOutcome>(refusal);
      const { records, missing } = await findRecords(draft, { mailbox: request.from, uids: request.uids });
      const bytes = records.reduce((sum, { size }) => sum + size, 0);
      if (!quotaAllows(draft, bytes)) return refused<CopyOutcome>({ kind: 'overQuota' });
      return show(draft, { request, shown: shownOf(records), missing });
    },
  };
}

/** Whether a COPY has room, asked before one that takes several commits. */
export function checkCopy(request: CopyRequest): Change<{ readonly kind: 'fits' } | CopyOutcome> {
  return {
    until: 'visible',
    async plan(draft) {
      const refusal = await bothThere(draft, request);
      if (refusal !== undefined) return refused(refusal);
      const { records } = await findRecords(draft, { mailbox: request.from, uids: request.uids });
      const bytes = records.reduce((sum, { size }) => sum + size, 0);
      return refused(quotaAllows(draft, bytes) ? { kind: 'fits' } : { kind: 'overQuota' });
    },
  };
}

/** MOVE: each message is here or there, never both, never neither. It needs no room: the bytes leave as they come. */
export function moveChange(request: CopyRequest): Change<CopyOutcome> {
  return {
    until: 'flushed',
    async plan(draft) {
      const refusal = await bothThere(draft, request);
      if (refusal !== undefined) return refused<CopyOutcome>(refusal);
      const { records, missing } = await findRecords(draft, { mailbox: request.from, uids: request.uids });
      const planned = await show(draft, { request, shown: shownOf(records), missing });
      if (planned.result.kind !== 'copied') return planned;
      const moved = new Set(planned.result.copied.map(({ from }) => from));
      const gone = records.filter(({ uid }) => moved.has(uid));
      await removeRecords(draft, { mailbox: request.from, records: gone });
      return planned;
    },
  };
}

/**
 * Undelete: from the indexes that an expunge left behind; a uid that still shows its message is `missing`, for there
 * is nothing to bring back. `from` may be a mailbox that is no more.
 */
export function undeleteChange(request: CopyRequest): Change<CopyOutcome> {
  return {
    until: 'flushed',
    async plan(draft) {
      if ((await draft.mailbox(request.to)) === undefined)
        return refused<CopyOutcome>({ kind: 'noSuchTarget' });
      const live = await draft.mailbox(request.from);
      const { records, missing } = await findRecords(draft, { mailbox: request.from, uids: request.uids });
      // A uid not given yet must not find what this very undelete puts there.
      const gone =
        live === undefined ? sortedUids(request.uids) : missing.filter((uid) => uid < live.uidNext);
      const { shown, bytes } = await lastSeen(draft, { mailbox: request.from, uids: gone });
      if (!quotaAllows(draft, bytes)) return refused<CopyOutcome>({ kind: 'overQuota' });
      const there = live === undefined ? [] : records.map(({ uid }) => uid);
      const notYet = live === undefined ? [] : missing.filter((uid) => uid >= live.uidNext);
      return show(draft, { request, shown, missing: [...there, ...notYet] });
    },
  };
}

async function bothThere(
  draft: Draft,
  request: CopyRequest,
): Promise<NoSuchMailbox | NoSuchTarget | undefined> {
  if ((await draft.mailbox(request.from)) === undefined) return { kind: 'noSuchMailbox' };
  if ((await draft.mailbox(request.to)) === undefined) return { kind: 'noSuchTarget' };
  return undefined;
}

function shownOf(records: readonly MessageRecord[]): readonly Shown[] {
  return records.map(({ uid, system, keywords }) => ({ uid, flags: { system, keywords } }));
}

/** Where Feed has not yet written what was seen last, the message comes back without flags. */
async function lastSeen(
  draft: Draft,
  options: { readonly mailbox: MailboxId; readonly uids: readonly Uid[] },
) {
  const { mailbox } = options;
  await prefetchMessages(draft, options);
  const shown: Shown[] = [];
  let bytes = 0;
  for (const uid of options.uids) {
    const item = await draft.get(indexKey(mailbox, uid));
    const last = item === undefined ? undefined : await lastSeenOf(draft, { item, place: { mailbox, uid } });
    const system = (last?.system ?? 0) & ~systemFlags.deleted;
    shown.push({ uid, flags: { system, keywords: last?.keywords ?? [] } });
    bytes += item === undefined ? 0 : numberOf(item, 'size');
  }
  return { shown, bytes };
}

/** In the message, or in its index under that uid. */
async function lastSeenOf(
  draft: Draft,
  { item, place }: { readonly item: Item; readonly place: Place },
): Promise<LastSeen | undefined> {
  const message = await draft.get(messageKey(draft.account, messageIdOf(item)));
  return (message && lastSeenAt(parseMessageItem(message), place)) ?? lastSeenIn(item);
}

async function show(
  draft: Draft,
  options: {
    readonly request: CopyRequest;
    readonly shown: readonly Shown[];
    readonly missing: readonly Uid[];
  },
) {
  const { request, shown } = options;
  await prefetchMessages(draft, { mailbox: request.from, uids: shown.map(({ uid }) => uid) });
  const target = await draft.mailbox(request.to);
  const end = await showAgain(draft, { ...request, shown });
  if (end.kind !== 'shown') return refused<CopyOutcome>(end);
  const missing = sortedUids([...options.missing, ...end.missing]);
  const { copied } = end;
  const result: CopyOutcome = { kind: 'copied', uidValidity: target?.uidValidity ?? 0, copied, missing };
  return copied.length === 0 ? refused(result) : accepted(result);
}
