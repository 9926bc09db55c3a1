/** The item that says what a table was written by. */
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { readStoreVersion, StoreNewer } from '../../../../drivers/aws/table/store-version.ts';
import { schemaVersion } from '../../../../drivers/schema-version.ts';
import { StagedTable, temporaryTable } from '../../../mail/mailbox/mail-kit.ts';

const key = { pk: 'posta', sk: 'store' };

async function stagedTable(context: TestContext): Promise<StagedTable> {
  const temporary = await temporaryTable();
  context.after(() => temporary[Symbol.asyncDispose]());
  return new StagedTable(temporary.table);
}

test('an empty table gets the schema version and the first epoch, once', async (context) => {
  const table = await stagedTable(context);
  assert.deepEqual(await readStoreVersion(table), { epoch: 1 });
  assert.deepEqual(await table.get(key), { ...key, schemaVersion, epoch: 1 });
  assert.deepEqual(await readStoreVersion(table), { epoch: 1 });
  assert.equal(table.commits, 1);
});

test('an epoch that was raised stands', async (context) => {
  const table = await stagedTable(context);
  await table.commit([{ kind: 'put', item: { ...key, schemaVersion, epoch: 3 } }]);
  assert.deepEqual(await readStoreVersion(table), { epoch: 3 });
});

test('a table of an older schema is of this one as soon as a program has looked at it', async (context) => {
  const table = await stagedTable(context);
  await table.commit([{ kind: 'put', item: { ...key, schemaVersion: 1, epoch: 3 } }]);
  assert.deepEqual(await readStoreVersion(table), { epoch: 3 });
  assert.deepEqual(await table.get(key), { ...key, schemaVersion, epoch: 3 });
});

test('of programs that start at once one writes, and all read the same', async (context) => {
  const table = await stagedTable(context);
  table.beforeCommit = async (commit) => {
    if (commit === 0) await readStoreVersion(table);
  };
  assert.deepEqual(await readStoreVersion(table), { epoch: 1 });
  assert.deepEqual(await table.get(key), { ...key, schemaVersion, epoch: 1 });
});

test('where the answer to the first write is lost, what was written is found', async (context) => {
  const table = await stagedTable(context);
  table.faultFor = () => 'answerLost';
  assert.deepEqual(await readStoreVersion(table), { epoch: 1 });
});

test('a newer schema is refused, and left as it is', async (context) => {
  const table = await stagedTable(context);
  const item = { ...key, schemaVersion: schemaVersion + 1, epoch: 1 };
  await table.commit([{ kind: 'put', item }]);
  await assert.rejects(readStoreVersion(table), StoreNewer);
  assert.deepEqual(await table.get(key), item);
});

test('an item that makes no sense is a fault', async (context) => {
  const table = await stagedTable(context);
  await table.commit([{ kind: 'put', item: { ...key, schemaVersion: 'one', epoch: 1 } }]);
  await assert.rejects(readStoreVersion(table), /damaged/);
});
