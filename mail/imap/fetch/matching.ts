/** Which of the messages that a set names a FETCH is restricted to (RFC 4466 section 2.4). */
import { setImmediate as turn } from 'node:timers/promises';
import type { SelectedMailbox } from '../selected-mailbox.ts';
import type { NumberRange } from '../syntax/sequence-set.ts';
import type { FetchRestriction } from './data-item.ts';

/** Messages looked at before other sessions have their turn. */
const messagesInATurn = 4096;

/**
 * Those of `ranges` (indexes of `told`) whose messages match all restrictions. It is known before the command changes
 * anything: marking messages as `\Seen` would make them match CHANGEDSINCE.
 */
export async function matching(
  selected: SelectedMailbox,
  {
    ranges,
    restrictions,
  }: {
    readonly ranges: readonly NumberRange[];
    readonly restrictions: readonly FetchRestriction[];
  },
): Promise<readonly NumberRange[]> {
  if (restrictions.length === 0) return ranges;
  const matched: { readonly from: number; to: number }[] = [];
  for (const { from, to } of ranges)
    for (let index = from; index <= to; index++) {
      if (index % messagesInATurn === 0) await turn();
      const record = selected.recordOf(selected.told.uidAt(index));
      // One that cannot be told of any more is left to be missed where all are.
      if (record !== undefined && !restrictions.every((restriction) => restriction.matches(record))) continue;
      const last = matched.at(-1);
      if (last?.to === index - 1) last.to = index;
      else matched.push({ from: index, to: index });
    }
  return matched;
}
