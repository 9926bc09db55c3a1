/** The schema version of a deployment's table, and its epoch. */
import type { Item, Table } from '../../../mail/ports/table.ts';
import { schemaVersion } from '../../schema-version.ts';

const storeKey = { pk: 'posta', sk: 'store' } as const;

/** The table was written by a newer program. */
export class StoreNewer extends Error {
  constructor(found: number) {
    super(
      `the table is of schema version ${found}, and this program understands ${schemaVersion}. Deploy the newer version again`,
    );
    this.name = 'StoreNewer';
  }
}

/** Reads them, and writes them where there are none, or an older version is. Throws `StoreNewer`. */
export async function readStoreVersion(table: Table): Promise<{ readonly epoch: number }> {
  const found = await table.get(storeKey);
  if (found !== undefined) return raised(table, found);
  const item = { ...storeKey, schemaVersion, epoch: 1 };
  // Another program may have been quicker; then its item is there.
  await table.commit([{ kind: 'put', item, condition: { kind: 'absent' } }]);
  const made = await table.get(storeKey);
  if (made === undefined) throw new Error('the schema version could not be written to the table. Try again');
  return check(made);
}

/** From now on programs of before refuse the table: they would not understand what is written here. */
async function raised(table: Table, found: Item): Promise<{ readonly epoch: number }> {
  const store = check(found);
  const before = found['schemaVersion'];
  if (before === schemaVersion || typeof before !== 'number') return store;
  const condition = { kind: 'equals', attribute: 'schemaVersion', value: before } as const;
  await table.commit([{ kind: 'put', item: { ...found, schemaVersion }, condition }]);
  return store;
}

function check({ schemaVersion: version, epoch }: Item): { readonly epoch: number } {
  if (typeof version !== 'number' || typeof epoch !== 'number')
    throw new Error('the item posta/store of the table is damaged: schemaVersion and epoch are no numbers');
  if (version > schemaVersion) throw new StoreNewer(version);
  return { epoch };
}
