/** How the work on one entry of the sweep ended. */
import type { Write } from '../../ports/table.ts';

/**
 * - `done`: these writes are left, and then the entry goes; a run that dies between them does them again.
 * - `postponed`: it moves to the day of that time.
 * - `more`: it stays for the next run, which goes on where this one stopped.
 */
export type EntryEnd =
  | { readonly kind: 'done'; readonly writes: readonly Write[] }
  | { readonly kind: 'postponed'; readonly dueAtMs: number }
  | { readonly kind: 'more' };

/** The entry goes, and nothing with it. */
export const done: EntryEnd = { kind: 'done', writes: [] };
