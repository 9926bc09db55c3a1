/**
 * What writes cost, as DynamoDB Local tells it. It tells it wrongly for a transaction: of writes that cost the same it
 * counts one. So each write is made again by itself in a second table, and counted there; in a transaction AWS counts
 * twice as much. The mirror has to see every write, for a write costs what the larger of the two items does, old or new.
 */
import {
  BatchWriteItemCommand,
  DeleteItemCommand,
  PutItemCommand,
  type AttributeValue,
  type DynamoDBClient,
  type TransactWriteItem,
} from '@aws-sdk/client-dynamodb';
import { createTable } from './aws-resources.ts';

export type Attributes = Record<string, AttributeValue>;

/** The units of a transaction's write for each unit of the write alone. */
const transactionFactor = 2;
const unitBytes = 1024;
/** DynamoDB adds so much to each item when it bills what is stored. */
const storedItemBytes = 100;
/** Records of accounts' logs: the sweep deletes them. */
const logPrefix = 'c#';

export interface Written {
  readonly units: number;
  /** More, or less, than before: items as DynamoDB counts them; records of accounts' logs apart. */
  readonly bytesStored: number;
  readonly logRecords: number;
  readonly logBytesStored: number;
}

export class Mirror {
  readonly #client: DynamoDBClient;
  readonly #tableName: string;
  readonly #bytes = new Map<string, number>();

  private constructor(client: DynamoDBClient, tableName: string) {
    this.#client = client;
    this.#tableName = tableName;
  }

  /** `client` is its own, and not metered. */
  static async of(client: DynamoDBClient, tableName: string): Promise<Mirror> {
    const mirrorName = `${tableName}-mirror`;
    await createTable(client, mirrorName);
    return new Mirror(client, mirrorName);
  }

  /** The writes of one call, in a transaction or alone. */
  async write(
    writes: readonly TransactWriteItem[],
    { transaction }: { readonly transaction: boolean },
  ): Promise<Written> {
    const written = await Promise.all(writes.map((write) => this.#alone(write)));
    const units = written.reduce((sum, each) => sum + each.units, 0);
    const ofLog = written.filter(({ isLog }) => isLog);
    const logBytesStored = ofLog.reduce((sum, each) => sum + each.bytesStored, 0);
    return {
      units: transaction ? transactionFactor * units : units,
      bytesStored: written.reduce((sum, each) => sum + each.bytesStored, 0) - logBytesStored,
      logRecords: ofLog.filter(({ bytesStored }) => bytesStored > 0).length,
      logBytesStored,
    };
  }

  /** What was there before anything was counted. At most 25. */
  async know(items: readonly Attributes[]): Promise<void> {
    const RequestItems = { [this.#tableName]: items.map((Item) => ({ PutRequest: { Item } })) };
    await this.#client.send(new BatchWriteItemCommand({ RequestItems }));
    for (const item of items) this.#bytes.set(nameOf(item), storedBytesOf(item));
  }

  async #alone({ Put, Delete, ConditionCheck }: TransactWriteItem): Promise<WrittenAlone> {
    const given = { TableName: this.#tableName, ReturnConsumedCapacity: 'TOTAL' } as const;
    if (Put?.Item !== undefined) {
      const put = await this.#client.send(new PutItemCommand({ ...given, Item: Put.Item }));
      return { units: put.ConsumedCapacity?.CapacityUnits ?? 0, ...this.#now(Put.Item, Put.Item) };
    }
    if (Delete?.Key !== undefined) {
      const gone = await this.#client.send(new DeleteItemCommand({ ...given, Key: Delete.Key }));
      return { units: gone.ConsumedCapacity?.CapacityUnits ?? 0, ...this.#now(Delete.Key) };
    }
    const checked = this.#bytes.get(nameOf(ConditionCheck?.Key ?? {})) ?? 0;
    return { units: Math.max(1, Math.ceil(checked / unitBytes)), bytesStored: 0, isLog: false };
  }

  #now(key: Attributes, item?: Attributes): Omit<WrittenAlone, 'units'> {
    const name = nameOf(key);
    const before = this.#bytes.get(name) ?? 0;
    const bytes = item === undefined ? 0 : storedBytesOf(item);
    this.#bytes.set(name, bytes);
    return { bytesStored: bytes - before, isLog: key['sk']?.S?.startsWith(logPrefix) === true };
  }
}

interface WrittenAlone {
  readonly units: number;
  readonly bytesStored: number;
  readonly isLog: boolean;
}

function storedBytesOf(item: Attributes): number {
  return bytesOf(item) + storedItemBytes;
}

function nameOf({ pk, sk }: Attributes): string {
  return `${pk?.S ?? ''}\u0000${sk?.S ?? ''}`;
}

/** As AWS counts an item: names and values, and a little for lists and maps. */
export function bytesOf(item: Attributes): number {
  return Object.entries(item).reduce(
    (sum, [name, value]) => sum + Buffer.byteLength(name) + valueBytes(value),
    0,
  );
}

function valueBytes(value: AttributeValue): number {
  if (value.S !== undefined) return Buffer.byteLength(value.S);
  if (value.N !== undefined) return 1 + Math.ceil(value.N.replaceAll(/[-.]/g, '').length / 2);
  if (value.B !== undefined) return value.B.length;
  if (value.L !== undefined) return 3 + value.L.reduce((sum, each) => sum + 1 + valueBytes(each), 0);
  if (value.M !== undefined) return 3 + Object.keys(value.M).length + bytesOf(value.M);
  return 1;
}
