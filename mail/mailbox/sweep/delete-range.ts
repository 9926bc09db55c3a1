/** Deleting many items, a page at a time: nobody writes them any more, so without conditions. */
import type { Item, Range, Write } from '../../ports/table.ts';
import { compareAndSet, writesAtOnce } from '../compare-and-set.ts';
import type { SweepRun } from './sweep-run.ts';

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

/** In one transaction; at most `writesAtOnce` of them. */
export function deleteItems({ ports }: SweepRun, items: readonly Item[]): Promise<void> {
  const writes = items.map(({ pk, sk }): Write => ({ kind: 'delete', key: { pk, sk } }));
  return compareAndSet(ports, async () => writes);
}
