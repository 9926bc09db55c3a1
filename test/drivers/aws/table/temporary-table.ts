/** A table of its own in DynamoDB, for a test. */
import { randomUUID } from 'node:crypto';
import { CreateTableCommand, DeleteTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { tableClient } from '../../../../drivers/aws/table/client.ts';
import { DynamoTable } from '../../../../drivers/aws/table/table.ts';
import { systemClock } from '../../../../drivers/system/clock.ts';
import type { Table } from '../../../../mail/ports/table.ts';
import { withOwnTokens } from './own-tokens.ts';

export interface TemporaryTable extends AsyncDisposable {
  readonly table: Table;
  readonly tableName: string;
}

/** As the stacks make it. Disposed, nothing of it remains. */
export async function temporaryDynamoTable(): Promise<TemporaryTable> {
  const tableName = `table-${randomUUID()}`;
  await createTable(tableName);
  const opened = openTable(tableName);
  return {
    table: withOwnTokens(opened.table, tableName),
    tableName,
    async [Symbol.asyncDispose]() {
      opened.close();
      await deleteTable(tableName);
    },
  };
}

export function openTable(tableName: string): { readonly table: DynamoTable; readonly close: () => void } {
  const client = tableClient();
  const table = new DynamoTable({ client, tableName, clock: systemClock() });
  return { table, close: () => client.destroy() };
}

export async function createTable(tableName: string): Promise<void> {
  await asAdmin((client) =>
    client.send(
      new CreateTableCommand({
        TableName: tableName,
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: ['pk', 'sk'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
        KeySchema: [
          { AttributeName: 'pk', KeyType: 'HASH' },
          { AttributeName: 'sk', KeyType: 'RANGE' },
        ],
        StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_IMAGE' },
      }),
    ),
  );
}

export async function deleteTable(tableName: string): Promise<void> {
  await asAdmin((client) => client.send(new DeleteTableCommand({ TableName: tableName })));
}

async function asAdmin(work: (client: DynamoDBClient) => Promise<unknown>): Promise<void> {
  const client = new DynamoDBClient();
  await work(client);
  client.destroy();
}
