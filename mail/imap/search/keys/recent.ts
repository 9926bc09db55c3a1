/** RECENT, OLD (not recent), and NEW (recent and not seen). */
import { systemFlags } from '../../../mailbox/flags.ts';
import { byRecord, plainKey, type SearchKey } from '../search-key.ts';

export const recentKeys: readonly SearchKey[] = [
  plainKey(
    'RECENT',
    byRecord(({ recent }) => recent),
  ),
  plainKey(
    'OLD',
    byRecord(({ recent }) => !recent),
  ),
  plainKey(
    'NEW',
    byRecord(({ recent, record }) => recent && (record.system & systemFlags.seen) === 0),
  ),
];
