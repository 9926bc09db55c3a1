/**
 * The suppression list: addresses of other servers that get no more mail from here, since they bounced for good or their
 * owners complained. Who goes on writing to them loses the right to write to anybody.
 */
import type { Clock } from '../ports/clock.ts';
import { queryAll, type Item, type Table } from '../ports/table.ts';
import { optionalStringOf, stringOf } from '../mailbox/attributes.ts';

/** `admin`: put there by hand. */
export type SuppressionReason = 'bounce' | 'complaint' | 'admin';

export interface Suppressed {
  /** Canonical. */
  readonly address: string;
  readonly reason: SuppressionReason;
  /** ISO 8601. */
  readonly at: string;
  /** The message that it came of. */
  readonly messageId?: string;
  /** The other server's words. */
  readonly detail?: string;
}

const partition = 'suppression';

const keyOf = (address: string) => ({ pk: partition, sk: address });

/** One that is there stays as it is: the first reason counts. */
export async function suppress(
  { table, clock }: { readonly table: Table; readonly clock: Clock },
  entry: Omit<Suppressed, 'at'>,
): Promise<'added' | 'there'> {
  const { address, reason, messageId, detail } = entry;
  const item = {
    ...keyOf(address),
    reason,
    at: new Date(clock.now()).toISOString(),
    ...(messageId === undefined ? {} : { messageId }),
    ...(detail === undefined ? {} : { detail }),
  };
  const outcome = await table.commit([{ kind: 'put', item, condition: { kind: 'absent' } }]);
  if (outcome.kind === 'committed') return 'added';
  if (outcome.kind === 'conditionFailed') return 'there';
  throw new Error(`${address} could not be put on the suppression list: ${outcome.kind}. Try again`);
}

export async function unsuppress(table: Table, address: string): Promise<'removed' | 'missing'> {
  const key = keyOf(address);
  const outcome = await table.commit([{ kind: 'delete', key, condition: { kind: 'present' } }]);
  if (outcome.kind === 'committed') return 'removed';
  if (outcome.kind === 'conditionFailed') return 'missing';
  throw new Error(`${address} could not be taken off the suppression list: ${outcome.kind}. Try again`);
}

/** Those of the addresses (canonical) that are on the list. */
export async function findSuppressed(
  table: Table,
  addresses: readonly string[],
): Promise<ReadonlyMap<string, Suppressed>> {
  const items = await table.getMany(addresses.map(keyOf));
  return new Map(items.flatMap((item) => (item === undefined ? [] : [[item.sk, parse(item)]])));
}

/** In the order of the addresses. */
export async function listSuppressed(
  table: Table,
  { after, limit }: { readonly after?: string | undefined; readonly limit: number },
): Promise<readonly Suppressed[]> {
  const listed: Suppressed[] = [];
  for await (const item of queryAll(table, {
    pk: partition,
    limit,
    ...(after === undefined ? {} : { after }),
  })) {
    listed.push(parse(item));
    if (listed.length === limit) break;
  }
  return listed;
}

function parse(item: Item): Suppressed {
  const messageId = optionalStringOf(item, 'messageId');
  const detail = optionalStringOf(item, 'detail');
  return {
    address: item.sk,
    reason: stringOf(item, 'reason') as SuppressionReason,
    at: stringOf(item, 'at'),
    ...(messageId === undefined ? {} : { messageId }),
    ...(detail === undefined ? {} : { detail }),
  };
}
