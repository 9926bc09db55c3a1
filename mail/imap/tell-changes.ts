/** Telling a client what changed in its mailbox: EXPUNGE, EXISTS, RECENT, FLAGS and FETCH (RFC 3501 sections 5.2, 7). */
import { allSystemFlags } from '../mailbox/flags.ts';
import { parseUid, sound, type Uid } from '../mailbox/types.ts';
import { formatFlags, formatPermanentFlags } from './syntax/flag-list.ts';
import type { Session } from './session.ts';

/**
 * Tells what the client does not know, and looks for it in the table only where something may have changed. With
 * `expunge` false the numbers of messages stay as they are. `deleted`: the mailbox is no more what was
 * selected.
 */
export async function tellChanges(
  session: Session,
  { expunge }: { readonly expunge: boolean },
): Promise<'told' | 'deleted'> {
  const selected = session.maybeSelected;
  if (selected === undefined) return 'told';
  if (selected.stale) await selected.refresh();
  const { told, view } = selected;
  if (selected.gone) return 'deleted';
  if (view.rev > told.rev || told.owesExpunge) {
    const news = told.follow(view);
    tellKeywords(session);
    if (expunge) await tellExpunged(session, told.takeExpunged());
    if (news.added.length > 0) await tellAdded(session, news.added.at(-1) ?? 0);
    await tellFlags(session, news.flags);
  }
  return 'told';
}

async function tellExpunged({ out }: Session, numbers: readonly number[]): Promise<void> {
  for (const number of numbers) {
    out.untagged(`${number} EXPUNGE`);
    await out.ready();
  }
}

async function tellAdded(session: Session, lastUid: number): Promise<void> {
  const { selected, out } = session;
  await claimRecent(session, sound(parseUid(lastUid + 1), 'uid'));
  out.untagged(`${selected.told.count} EXISTS`);
  out.untagged(`${recentCount(session)} RECENT`);
}

/** Takes what is recent below `upTo` for this session, unless the mailbox is open read-only (RFC 3501 section 6.3.2). */
export async function claimRecent({ selected, mail }: Session, upTo: Uid): Promise<void> {
  const { mailbox, readOnly } = selected;
  const from = await (readOnly ? mail.recentFrom(mailbox, upTo) : mail.claimRecent(mailbox, upTo));
  selected.recent.add(Math.max(from, selected.recent.end), upTo);
}

/** RECENT: those of the messages that the client knows. */
export function recentCount({ selected }: Session): number {
  return selected.recent.count((uid) => selected.told.lowerBound(uid));
}

/** A keyword must be in FLAGS before a message shows it: to be called before flags are told. */
export function tellKeywords({ selected, out }: Session): void {
  if (!selected.takeNewKeywords()) return;
  const { keywords } = selected.view;
  out.untagged(`FLAGS ${formatFlags({ system: allSystemFlags, keywords: [...keywords] })}`);
  out.untagged(`OK [PERMANENTFLAGS ${formatPermanentFlags(selected)}] Flags that are kept`);
}

/** FETCH responses with the flags as they are now. */
async function tellFlags(session: Session, uids: Iterable<number>): Promise<void> {
  const { selected, out } = session;
  for (const uid of uids) {
    const index = selected.told.indexOf(uid);
    const record = selected.recordOf(uid);
    if (index < 0 || record === undefined) continue;
    // The view may have moved on while the client was waited for.
    tellKeywords(session);
    const items = [`FLAGS ${formatFlags(record, { recent: selected.recent.has(uid) })}`];
    if (session.condstore) items.unshift(`UID ${uid}`, `MODSEQ (${record.modSeq})`);
    out.untagged(`${index + 1} FETCH (${items.join(' ')})`);
    await out.ready();
  }
}
