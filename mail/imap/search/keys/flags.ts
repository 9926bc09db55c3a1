/** Keys that ask for system flags: ANSWERED, UNANSWERED and so on. */
import { systemFlags } from '../../../mailbox/flags.ts';
import { bySystemFlags, plainKey, type SearchKey } from '../search-key.ts';

export const flagKeys: readonly SearchKey[] = (
  ['answered', 'deleted', 'draft', 'flagged', 'seen'] as const
).flatMap((flag) => {
  const bit = systemFlags[flag];
  return [
    plainKey(
      flag.toUpperCase(),
      bySystemFlags((system) => (system & bit) !== 0),
    ),
    plainKey(
      `UN${flag.toUpperCase()}`,
      bySystemFlags((system) => (system & bit) === 0),
    ),
  ];
});
