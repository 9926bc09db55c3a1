/** A cut COPY or MULTIAPPEND whose writer died: what it had added is taken out again. */
import { parseBulkItem } from '../bulk-item.ts';
import { bulkKey } from '../keys.ts';
import { bulkStaleMs } from '../limits.ts';
import type { AccountId } from '../types.ts';
import { done } from './entry-end.ts';
import type { EntryEnd } from './entry-end.ts';
import type { SweepRun } from './sweep-run.ts';

/** One that goes on is left alone; one that ended well has no record any more. */
export async function undoStaleBulk(
  run: SweepRun,
  options: { readonly account: AccountId; readonly token: string },
): Promise<EntryEnd> {
  const { account, token } = options;
  const item = await run.ports.table.get(bulkKey(account, token));
  if (item === undefined) return done;
  const staleAtMs = parseBulkItem(item).atMs + bulkStaleMs;
  if (staleAtMs > run.nowMs) return { kind: 'postponed', dueAtMs: staleAtMs };
  await run.ports.mail.undoBulk(account, token);
  run.add('bulks');
  return done;
}
