/** Which of the messages that a set names a FETCH is restricted to (RFC 4466 section 2.4). */
import type { SelectedMailbox } from '../selected-mailbox.ts';
import type { NumberRange } from '../syntax/sequence-set.ts';
import { batchesOf, recordBatch } from './batches.ts';
import type { FetchRestriction } from './data-item.ts';

/**
 * Those of `ranges` (indexes of `told`) whose messages match all restrictions. It is known before the command changes
 * anything: marking messages as `\Seen` would make them match CHANGEDSINCE.
 */
export async function matching(
  selected: SelectedMailbox,
  {
    ranges,
    restrictions,
  }: { readonly ranges: readonly NumberRange[]; readonly restrictions: readonly FetchRestriction[] },
): Promise<readonly NumberRange[]> {
  if (restrictions.length === 0) return ranges;
  const matched: { readonly from: number; to: number }[] = [];
  for await (const batch of batchesOf(ranges, recordBatch))
    for (const index of batch) {
      const record = selected.recordOf(selected.told.uidAt(index));
      // One that is forgotten is counted as such where all are told.
      if (record !== undefined && !restrictions.every((restriction) => restriction.matches(record))) continue;
      const last = matched.at(-1);
      if (last?.to === index - 1) last.to = index;
      else matched.push({ from: index, to: index });
    }
  return matched;
}
