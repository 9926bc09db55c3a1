/**
 * Records of the Feed that failed again and again, put aside so that they hold up no others. The record itself is in the
 * log, which is not cut past it; the sweep tries it again in each of its runs.
 */
import type { Item, Table } from '../../ports/table.ts';
import { isoOf, stringOf } from '../attributes.ts';
import { compareAndSet } from '../compare-and-set.ts';
import type { CompareAndSetPorts } from '../compare-and-set.ts';
import { accountPartition, asideKey, asidePartition, logPrefix, parseLogSortKey } from '../keys.ts';
import { handleCommit } from './handle-commit.ts';
import type { FeedPorts } from './handle-commit.ts';
import type { AccountId, Rev } from '../types.ts';

/** Notes the record, durably. */
export async function putAside(ports: CompareAndSetPorts, record: Item): Promise<void> {
  const item = {
    ...asideKey(record),
    pkOfRecord: record.pk,
    skOfRecord: record.sk,
    at: isoOf(ports.clock.now()),
  };
  await compareAndSet(ports, async () => [{ kind: 'put', item }]);
}

/** The first rev of the account that was put aside, or undefined. */
export async function firstAside(table: Table, account: AccountId): Promise<Rev | undefined> {
  const prefix = asideKey({ pk: accountPartition(account), sk: logPrefix }).sk;
  const { items } = await table.query({ pk: asidePartition, prefix, limit: 1 });
  const [first] = items;
  return first === undefined ? undefined : parseLogSortKey(stringOf(first, 'skOfRecord'));
}

/** Tries one record that was put aside again; when it goes well, or its account is purged, it is no longer aside. */
export async function retryAside(ports: FeedPorts, aside: Item): Promise<void> {
  const record = await ports.table.get({
    pk: stringOf(aside, 'pkOfRecord'),
    sk: stringOf(aside, 'skOfRecord'),
  });
  if (record !== undefined) await handleCommit(ports, record);
  const { pk, sk } = aside;
  await compareAndSet(ports, async () => [{ kind: 'delete', key: { pk, sk } }]);
}
