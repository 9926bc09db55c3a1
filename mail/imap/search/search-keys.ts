/** The search keys of RFC 3501 section 6.4.4. Sequence sets and parentheses are read in program.ts. */
import { allKey } from './keys/all.ts';
import { envelopeKeys } from './keys/envelope.ts';
import { flagKeys } from './keys/flags.ts';
import { headerKey } from './keys/header.ts';
import { internalDateKeys } from './keys/internal-date.ts';
import { keywordKeys } from './keys/keyword.ts';
import { notKey } from './keys/not.ts';
import { uidKey } from './keys/numbers.ts';
import { orKey } from './keys/or.ts';
import { recentKeys } from './keys/recent.ts';
import { sentDateKeys } from './keys/sent-date.ts';
import { sizeKeys } from './keys/size.ts';
import { textKeys } from './keys/text.ts';
import type { SearchKey } from './search-key.ts';

export const baseSearchKeys: readonly SearchKey[] = [
  allKey,
  ...flagKeys,
  ...recentKeys,
  ...keywordKeys,
  ...internalDateKeys,
  ...sentDateKeys,
  ...sizeKeys,
  uidKey,
  ...envelopeKeys,
  headerKey,
  ...textKeys,
  notKey,
  orKey,
];
