/** ALL: every message. */
import { bySystemFlags, plainKey } from '../search-key.ts';

export const allKey = plainKey(
  'ALL',
  bySystemFlags(() => true),
);
