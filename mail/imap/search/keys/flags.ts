/** Keys that ask for system flags: ANSWERED, UNANSWERED and so on. */
import { systemFlags } from '../../../mailbox/flags.ts';
import { byRecord, plainKey, type SearchKey } from '../search-key.ts';

export const flagKeys: readonly SearchKey[] = (
  ['answered', 'deleted', 'draft', 'flagged', 'seen'] as const
).flatMap((flag) => {
  const bit = systemFlags[flag];
  return [
    plainKey(
      flag.toUpperCase(),
      byRecord(({ record }) => (record.system & bit) !== 0),
    ),
    plainKey(
      `UN${flag.toUpperCase()}`,
      byRecord(({ record }) => (record.system & bit) === 0),
    ),
  ];
});
