/** Choosing names for LIST and LSUB. */
import { setImmediate as turn } from 'node:timers/promises';
import { matchesPattern, type ListPattern } from '../syntax/list-pattern.ts';
import { levelsAbove, type ListEntry } from './list-entry.ts';

export interface ListRequest {
  /** A name is shown that matches one of them. */
  readonly patterns: readonly ListPattern[];
  /** Which of those that match are shown. */
  readonly selects: (entry: ListEntry) => boolean;
  /** Others that match are shown too where some name below them is selected (RFC 5258 section 3.1, RECURSIVEMATCH). */
  readonly recursive: boolean;
}

/** A name that is shown, and why. */
export interface ListedName extends ListEntry {
  readonly selected: boolean;
  /** Known where the request is recursive. */
  readonly selectedBelow: boolean;
}

/** After so many names other sessions get a turn: a hostile pattern takes its time. */
const namesInATurn = 32;

/** The names that a request shows, in the order of `entries`, each once. */
export async function* listedNames(
  entries: readonly ListEntry[],
  { patterns, selects, recursive }: ListRequest,
): AsyncGenerator<ListedName> {
  const above = new Set(
    recursive ? entries.filter(selects).flatMap(({ name }) => levelsAbove(name)) : undefined,
  );
  for (const [at, entry] of entries.entries()) {
    if (at % namesInATurn === namesInATurn - 1) await turn();
    const selected = selects(entry);
    const selectedBelow = above.has(entry.name);
    if (!selected && !selectedBelow) continue;
    if (patterns.some((pattern) => matchesPattern(pattern, entry.name)))
      yield { ...entry, selected, selectedBelow };
  }
}
