/** What a delivery consumes, as DynamoDB Local counts it. */
import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { tableClient } from '../../../../drivers/aws/table/client.ts';
import { DynamoTable } from '../../../../drivers/aws/table/table.ts';
import { systemClock } from '../../../../drivers/system/clock.ts';
import { mailboxBlobKey } from '../../../../mail/delivery/blob-key.ts';
import { indexMessage } from '../../../../mail/delivery/index-message.ts';
import { createMailStore } from '../../../../mail/mailbox/create-mail-store.ts';
import { initialMailboxWrites } from '../../../../mail/mailbox/initial-mailboxes.ts';
import { newId, parseAccountId, parseMessageId, sound } from '../../../../mail/mailbox/types.ts';
import { MemoryBlobs, RecordingWake, silentLog } from '../../../mail/mailbox/mail-kit.ts';
import { ConsumedCapacity } from './consumed-capacity.ts';
import { createTable, deleteTable } from './temporary-table.ts';
import { typicalMessage } from './typical-messages.ts';

const wanted = { averageWriteUnits: 12, mostWriteUnits: 14 };
/** The uids of a block: it grows with each, and what it costs with it. */
const deliveries = 64;

const newIdText = () => newId(randomBytes);

test(`a message of 50 KB costs ${wanted.averageWriteUnits} write units on average, ${wanted.mostWriteUnits} at worst`, async (context) => {
  const tableName = `cost-${randomUUID()}`;
  await createTable(tableName);
  context.after(() => deleteTable(tableName));
  const client = tableClient();
  context.after(() => client.destroy());
  await using consumed = await ConsumedCapacity.of(client, tableName);
  const table = new DynamoTable({ client, tableName, clock: systemClock() });
  const blobs = new MemoryBlobs();
  const ports = { table, blobs, wake: new RecordingWake(), clock: systemClock(), log: silentLog };
  const store = createMailStore({ ...ports, epoch: 1, random: randomBytes });
  const account = sound(parseAccountId(newIdText()), 'account id');
  await table.commit(
    initialMailboxWrites(account, {
      random: randomBytes,
      nowMs: Date.now(),
      epoch: 1,
      quotaBytes: 10_000_000_000,
    }),
  );
  const writeUnits: number[] = [];
  const readUnits: number[] = [];
  for (let number = 0; number < deliveries; number++) {
    const messageId = sound(parseMessageId(newIdText()), 'message id');
    const receivedAt = new Date();
    const blobKey = mailboxBlobKey({
      address: 'paco@example.test',
      accountId: account,
      receivedAt,
      messageId,
    });
    const message = typicalMessage(number);
    async function* bytes() {
      yield message;
    }
    const index = await indexMessage(bytes(), { messageId, blobKey, receivedAt });
    consumed.take();
    const [outcome] = await store.account(account).deliver([{ index }]);
    assert.equal(outcome?.kind, 'delivered');
    const taken = consumed.take();
    writeUnits.push(taken.writeUnits);
    readUnits.push(taken.readUnits);
  }
  const average = writeUnits.reduce((sum, units) => sum + units, 0) / deliveries;
  context.diagnostic(`write units: ${average} on average, ${Math.max(...writeUnits)} at worst`);
  context.diagnostic(
    `read units: ${readUnits.reduce((sum, units) => sum + units, 0) / deliveries} on average`,
  );
  context.diagnostic(writeUnits.join(' '));
  assert.ok(average <= wanted.averageWriteUnits, `${average} on average`);
  assert.ok(Math.max(...writeUnits) <= wanted.mostWriteUnits, `${Math.max(...writeUnits)} at worst`);
});
