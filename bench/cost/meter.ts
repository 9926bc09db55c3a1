/** Counts what clients ask of AWS, by middleware on each of them: the code that is measured stays as it is. */
import {
  DynamoDBClient,
  type TransactWriteItem,
  type TransactWriteItemsCommandInput,
} from '@aws-sdk/client-dynamodb';
import type { AwsClient } from '../../bin/deployment.ts';
import { Mirror, type Attributes } from './mirror.ts';
import { measures, noUsage, type Measure, type MutableUsage, type Usage } from './usage.ts';

const logPrefix = 'c#';

/** Whatever a command is called with, and answers. */
type Input = Readonly<Record<string, unknown>>;

export class Meter {
  /** By service and operation: `DynamoDB GetItem`. */
  readonly calls = new Map<string, number>();
  readonly #usage: MutableUsage = noUsage();
  readonly #mirror: Mirror;
  #log: Attributes[] = [];

  private constructor(mirror: Mirror) {
    this.#mirror = mirror;
  }

  static async of(tableName: string): Promise<Meter> {
    return new Meter(await Mirror.of(new DynamoDBClient(), tableName));
  }

  add(measure: Measure, by: number): void {
    this.#usage[measure] += by;
  }

  /** From now on all that the client is asked counts. */
  meter(client: AwsClient): void {
    // One type of middleware for clients of any kind.
    (client as DynamoDBClient).middlewareStack.add(
      (next, context) => async (args) => {
        const service = (context.clientName ?? '').replace(/(?:v2)?Client$/i, '');
        const operation = (context.commandName ?? '').replace(/Command$/, '');
        const name = `${service} ${operation}`;
        this.calls.set(name, (this.calls.get(name) ?? 0) + 1);
        const input = args.input as unknown as Input;
        if (service !== 'DynamoDB') {
          this.#count(service, operation, input);
          return next(args);
        }
        this.add('tableRequests', 1);
        const result = await next({ ...args, input: { ...args.input, ReturnConsumedCapacity: 'TOTAL' } });
        await this.#countTable(operation, input, result.output as unknown as Input);
        return result;
      },
      { step: 'initialize', name: 'meter', override: true },
    );
  }

  /** What it took from the first call to the last. */
  async during(work: () => Promise<unknown>): Promise<Usage> {
    const before = { ...this.#usage };
    await work();
    return Object.fromEntries(
      measures.map((measure) => [measure, this.#usage[measure] - before[measure]]),
    ) as unknown as Usage;
  }

  /** Items of accounts' logs that were put since it was last asked: what the stream would bring. */
  takeLog(): readonly Attributes[] {
    const log = this.#log;
    this.#log = [];
    return log;
  }

  /** What is in the table without having been counted. */
  know(items: readonly Attributes[]): Promise<void> {
    return this.#mirror.know(items);
  }

  async #countTable(operation: string, input: Input, output: Input): Promise<void> {
    const writes = writesOf(operation, input);
    if (writes === undefined) {
      const consumed = [output['ConsumedCapacity'] ?? []].flat() as { CapacityUnits?: number }[];
      const reported = consumed.reduce((sum, { CapacityUnits = 0 }) => sum + CapacityUnits, 0);
      // DynamoDB Local asks nothing for an empty answer, AWS for the smallest.
      const least = operation === 'BatchGetItem' ? 0 : input['ConsistentRead'] === true ? 1 : 0.5;
      this.add('readUnits', Math.max(reported, least));
      return;
    }
    const written = await this.#mirror.write(writes, { transaction: operation === 'TransactWriteItems' });
    this.add('writeUnits', written.units);
    this.add('tableBytesStored', written.bytesStored);
    this.add('logRecords', written.logRecords);
    this.add('logRecordBytesStored', written.logBytesStored);
    for (const { Put } of writes) {
      const item = Put?.Item;
      if (item?.['sk']?.S?.startsWith(logPrefix) === true) this.#log.push(item);
    }
  }

  #count(service: string, operation: string, input: Input): void {
    switch (service) {
      case 'S3':
        // PUT, COPY, POST and LIST have one price, GET and HEAD another, DELETE none.
        if (/^(?:Put|Copy|Create|Upload|Complete|List)/.test(operation)) this.add('s3Puts', 1);
        else if (!operation.startsWith('Delete') && !operation.startsWith('Abort')) this.add('s3Gets', 1);
        if (operation === 'PutObject') this.add('s3BytesStored', Number(input['ContentLength'] ?? 0));
        return;
      case 'SQS': {
        const url = textOf(input['QueueUrl'] ?? input['QueueName']);
        this.add(
          url.includes('-wake-') ? 'wakeRequests' : url.endsWith('.fifo') ? 'sqsFifoRequests' : 'sqsRequests',
          1,
        );
        return;
      }
      case 'SNS':
        if (operation.startsWith('Publish')) this.add('snsPublishes', 1);
        return;
      case 'SES':
        this.add('sesRecipients', [input['Destinations'] ?? []].flat().length);
        return;
      default:
    }
  }
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** Undefined for what writes nothing. */
function writesOf(operation: string, input: Input): readonly TransactWriteItem[] | undefined {
  switch (operation) {
    case 'TransactWriteItems':
      return (input as unknown as TransactWriteItemsCommandInput).TransactItems ?? [];
    case 'PutItem':
      return [{ Put: input as never }];
    case 'DeleteItem':
      return [{ Delete: input as never }];
    default:
      return undefined;
  }
}
