/** Going through the blobs under a prefix, some pages a run, and again from the start when the end is reached. */
import type { BlobInfo } from '../../ports/blobs.ts';
import type { Item } from '../../ports/table.ts';
import { optionalStringOf } from '../attributes.ts';
import { compareAndSet } from '../compare-and-set.ts';
import { sweepCursorKey } from '../keys.ts';
import type { SweepRun } from './sweep-run.ts';

/** What is done under one prefix. */
export interface BlobRule {
  /** Ends with `/`. */
  readonly prefix: string;
  /** The keys of those that are to be deleted. */
  condemned(run: SweepRun, blobs: readonly BlobInfo[]): Promise<readonly string[]>;
  readonly count: 'orphanBlobs' | 'incomingBlobs' | 'outboundBlobs';
}

const blobsInAPage = 500;

/** Looks at about `maxBlobs` from where the run before stopped; a page is a step. */
export async function sweepBlobs(
  run: SweepRun,
  rule: BlobRule,
  options: { readonly maxBlobs: number },
): Promise<void> {
  const { blobs, table } = run.ports;
  const key = sweepCursorKey(rule.prefix);
  const cursor = await table.get(key);
  const start = cursor === undefined ? undefined : optionalStringOf(cursor, 'after');
  let after = start;
  for (let looked = 0; looked < options.maxBlobs && run.takeStep();) {
    const page = await blobs.list({
      prefix: rule.prefix,
      limit: blobsInAPage,
      ...(after === undefined ? {} : { after }),
    });
    const keys = await rule.condemned(run, page.blobs);
    if (keys.length > 0) await blobs.delete(keys);
    run.add(rule.count, keys.length);
    after = page.next;
    looked += page.blobs.length;
    if (after === undefined) break;
  }
  if (after === start) return;
  const item: Item = { ...key, ...(after === undefined ? {} : { after }) };
  await compareAndSet(run.ports, async () => [{ kind: 'put', item }]);
}
