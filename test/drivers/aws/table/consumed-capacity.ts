/**
 * Counts what the calls of a client consume, as the service tells it. DynamoDB Local 3.1 tells it wrongly for a
 * transaction: of writes that cost the same it counts one. So each write of a transaction is made again by itself in a
 * second table, and counted there, twice as AWS does for transactions.
 */
import { DeleteItemCommand, DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import type { TransactWriteItem, TransactWriteItemsCommandInput } from '@aws-sdk/client-dynamodb';
import { createTable, deleteTable } from './temporary-table.ts';

/** The units of a transaction's write for each unit of the write alone. */
const transactionFactor = 2;

interface Consumed {
  readonly CapacityUnits?: number;
}

export interface ConsumedUnits {
  readonly readUnits: number;
  readonly writeUnits: number;
}

export class ConsumedCapacity implements AsyncDisposable {
  #readUnits = 0;
  #writeUnits = 0;
  readonly #mirror = new DynamoDBClient();
  readonly #mirrorName: string;

  private constructor(mirrorName: string) {
    this.#mirrorName = mirrorName;
  }

  /** Asks for it in each call of `client` from now on, which has written nothing so far. */
  static async of(client: DynamoDBClient, tableName: string): Promise<ConsumedCapacity> {
    const mirrorName = `${tableName}-mirror`;
    await createTable(mirrorName);
    const counted = new ConsumedCapacity(mirrorName);
    client.middlewareStack.add(
      (next, context) => async (args) => {
        const input = { ...args.input, ReturnConsumedCapacity: 'TOTAL' };
        const result = await next({ ...args, input });
        const command = context.commandName ?? '';
        if (command === 'TransactWriteItemsCommand')
          await counted.#countTransaction(input as unknown as TransactWriteItemsCommandInput);
        else counted.#count(/^(Put|Delete|Update)/.test(command), result.output);
        return result;
      },
      { step: 'initialize', name: 'consumedCapacity' },
    );
    return counted;
  }

  /** What was consumed since it was last taken. */
  take(): ConsumedUnits {
    const taken = { readUnits: this.#readUnits, writeUnits: this.#writeUnits };
    this.#readUnits = 0;
    this.#writeUnits = 0;
    return taken;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#mirror.destroy();
    await deleteTable(this.#mirrorName);
  }

  #count(writes: boolean, output: object): void {
    const { ConsumedCapacity: consumed = [] } = output as { ConsumedCapacity?: Consumed | Consumed[] };
    for (const { CapacityUnits: units = 0 } of [consumed].flat())
      if (writes) this.#writeUnits += units;
      else this.#readUnits += units;
  }

  async #countTransaction({ TransactItems: writes = [] }: TransactWriteItemsCommandInput): Promise<void> {
    for (const write of writes) this.#writeUnits += transactionFactor * (await this.#unitsAlone(write));
  }

  async #unitsAlone({ Put, Delete }: TransactWriteItem): Promise<number> {
    const given = { TableName: this.#mirrorName, ReturnConsumedCapacity: 'TOTAL' } as const;
    if (Put?.Item !== undefined) {
      const put = await this.#mirror.send(new PutItemCommand({ ...given, Item: Put.Item }));
      return put.ConsumedCapacity?.CapacityUnits ?? 0;
    }
    if (Delete?.Key === undefined) throw new Error('only puts and deletes are counted');
    const gone = await this.#mirror.send(new DeleteItemCommand({ ...given, Key: Delete.Key }));
    return gone.ConsumedCapacity?.CapacityUnits ?? 0;
  }
}
