/** The items of STATUS (RFC 3501 section 6.3.10) that are the protocol's own. */
import type { StatusItem } from './status-item.ts';

const rfcs = ['RFC 3501 section 6.3.10'];

export const baseStatusItems: readonly StatusItem[] = [
  { name: 'MESSAGES', rfcs, value: ({ messages }) => messages },
  { name: 'RECENT', rfcs, needsRecent: true, value: (_, { recent }) => recent },
  { name: 'UIDNEXT', rfcs, value: ({ uidNext }) => uidNext },
  { name: 'UIDVALIDITY', rfcs, value: ({ uidValidity }) => uidValidity },
  { name: 'UNSEEN', rfcs, value: ({ unseen }) => unseen },
];
