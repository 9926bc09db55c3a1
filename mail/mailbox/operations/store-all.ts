/** STORE whole, in as many parts as it needs. */
import type { AccountWriter } from '../account-writer.ts';
import { partsByBlocks } from '../changes/parts.ts';
import { storeFlagsChange } from '../changes/store-flags.ts';
import type { StoreRequest } from '../changes/store-flags.ts';
import type { StoreOutcome } from '../outcome.ts';

/** Where a later part is refused, what the parts before did stays and is told. */
export async function storeAll(writer: AccountWriter, request: StoreRequest): Promise<StoreOutcome> {
  const parts = partsByBlocks(writer, request.uids);
  const changes = (parts.length === 0 ? [[]] : parts).map((uids) => storeFlagsChange({ ...request, uids }));
  const results = await Promise.all(changes.map((change) => writer.submit(change)));
  const refusal = results.find(({ kind }) => kind !== 'stored');
  const done = results.flatMap((result) => (result.kind === 'stored' ? [result] : []));
  if (refusal !== undefined && !done.some(({ changed }) => changed.length > 0)) return refusal;
  return {
    kind: 'stored',
    modified: done.flatMap(({ modified }) => modified),
    missing: done.flatMap(({ missing }) => missing),
    changed: done.flatMap(({ changed }) => changed),
  };
}
