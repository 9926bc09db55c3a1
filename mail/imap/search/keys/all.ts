/** ALL: every message. */
import { byRecord, plainKey } from '../search-key.ts';

export const allKey = plainKey(
  'ALL',
  byRecord(() => true),
);
