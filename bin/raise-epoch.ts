/** After a backup was put back: what was counted since it was made may be known to mail clients, and is never given again. */
import { AnotherServerRuns, lockServer } from '../drivers/embedded/server-lock.ts';
import { CommandFailure } from './failure.ts';
import type { OneMachine } from './one-machine.ts';

const storeKey = { pk: 'posta', sk: 'store' } as const;

/**
 * Raises the store's epoch; whoever opens it afterwards jumps with every uid and rev. Throws `CommandFailure` while a
 * server runs, which would go on in the old one.
 */
export async function raiseEpoch({ store, dataDir }: Pick<OneMachine, 'store' | 'dataDir'>): Promise<number> {
  await using alone = new AsyncDisposableStack();
  try {
    alone.use(await lockServer(store.environment));
  } catch (fault) {
    if (!(fault instanceof AnotherServerRuns)) throw fault;
    throw new CommandFailure(`posta serve (process ${fault.pid}) runs on ${dataDir}. Stop it first`);
  }
  const item = await store.table.get(storeKey);
  const epoch = item?.['epoch'];
  if (item === undefined || typeof epoch !== 'number')
    throw new CommandFailure(`${dataDir} has no epoch: its table is damaged. Put another backup back`);
  const condition = { kind: 'equals', attribute: 'epoch', value: epoch } as const;
  const put = { kind: 'put', item: { ...item, epoch: epoch + 1 }, condition } as const;
  const outcome = await store.table.commit([put]);
  if (outcome.kind !== 'committed')
    throw new CommandFailure(`the epoch of ${dataDir} could not be raised. Try again`);
  return epoch + 1;
}
