/** Deleting many items, a page at a time: nobody writes them any more, so without conditions. */
import type { Item, Range } from '../../ports/table.ts';
import { writeAlone, writesAtOnce } from '../compare-and-set.ts';
import { inParallel } from '../in-parallel.ts';
import type { SweepRun } from './sweep-run.ts';

const deletionsAtOnce = 16;

/**
 * Deletes the items of a range, but for those that `keeps`; a page is a step. False: the run is over before the range
 * is. `onDeleted` is told how many went.
 */
export async function deleteRange(
  run: SweepRun,
  range: Range,
  options: {
    readonly keeps?: (item: Item) => boolean;
    readonly onDeleted?: (count: number) => void;
  } = {},
): Promise<boolean> {
  const { keeps = () => false, onDeleted = () => undefined } = options;
  const limit = writesAtOnce(run.ports.table);
  let after: string | undefined;
  for (;;) {
    if (run.over) return false;
    const page = await run.ports.table.query({ ...range, limit, ...(after === undefined ? {} : { after }) });
    const gone = page.items.filter((item) => !keeps(item));
    if (gone.length > 0) {
      if (!run.takeStep()) return false;
      await deleteItems(run, gone);
      onDeleted(gone.length);
    }
    if (page.next === undefined) return true;
    after = page.next;
  }
}

/** Each by itself: in a transaction it would cost twice as much, and what is left the next run finds. */
export function deleteItems({ ports }: SweepRun, items: readonly Item[]): Promise<void> {
  return inParallel(items, deletionsAtOnce, ({ pk, sk }) =>
    writeAlone(ports, { kind: 'delete', key: { pk, sk } }),
  );
}
