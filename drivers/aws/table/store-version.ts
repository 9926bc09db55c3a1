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

/** Reads them, and writes them where there are none. Throws `StoreNewer`. */
export async function readStoreVersion(table: Table): Promise<{ readonly epoch: number }> {
  const found = await table.get(storeKey);
  if (found !== undefined) return check(found);
  const item = { ...storeKey, schemaVersion, epoch: 1 };
  // Another program may have been quicker; then its item is there.
  await table.commit([{ kind: 'put', item, condition: { kind: 'absent' } }]);
  const made = await table.get(storeKey);
  if (made === undefined) throw new Error('the schema version could not be written to the table. Try again');
  return check(made);
}

function check({ schemaVersion: version, epoch }: Item): { readonly epoch: number } {
  if (typeof version !== 'number' || typeof epoch !== 'number')
    throw new Error('the item posta/store of the table is damaged: schemaVersion and epoch are no numbers');
  if (version > schemaVersion) throw new StoreNewer(version);
  return { epoch };
}
