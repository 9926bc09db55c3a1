/** The search keys of RFC 3501 section 6.4.4. */
import type { SearchKey } from './search-key.ts';

export const baseSearchKeys: readonly SearchKey[] = [];
