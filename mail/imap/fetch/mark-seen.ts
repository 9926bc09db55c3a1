/** What FETCH of a body changes: `\Seen` (RFC 3501 section 6.4.5). */
import { systemFlags } from '../../mailbox/flags.ts';
import type { Uid } from '../../mailbox/types.ts';
import type { Session } from '../session.ts';
import { formatStatus } from '../status.ts';
import type { NumberRange } from '../syntax/sequence-set.ts';

const none: ReadonlySet<number> = new Set();

/**
 * Marks the messages of `ranges` that are not seen yet, where the mailbox may be changed: the uids whose flags are other
 * than before. `deleted`: the mailbox is no more. Where nothing can be written the client is warned, and reads on.
 */
export async function markSeen(
  session: Session,
  ranges: readonly NumberRange[],
): Promise<ReadonlySet<number> | 'deleted'> {
  const { selected, mail, out } = session;
  const uids = selected.readOnly ? [] : unseen(session, ranges);
  if (uids.length === 0) return none;
  const { mailbox } = selected;
  const flags = { system: systemFlags.seen, keywords: [] };
  try {
    const outcome = await mail.storeFlags({ mailbox, uids, action: 'add', flags });
    if ((await selected.refresh()) === 'deleted') return 'deleted';
    return outcome.kind === 'stored' ? new Set<number>(outcome.changed.map(({ uid }) => uid)) : none;
  } catch (fault) {
    out.untagged(formatStatus(session.fault(fault, 'FETCH')));
    return none;
  }
}

/** One that is expunged stays as it is. */
function unseen({ selected }: Session, ranges: readonly NumberRange[]): readonly Uid[] {
  const { view } = selected;
  return [...selected.uidsOf(ranges)].filter((uid) => {
    const at = view.indexOf(uid);
    return at >= 0 && (view.systemFlagsAt(at) & systemFlags.seen) === 0;
  });
}
