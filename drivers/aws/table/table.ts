/** The Table on DynamoDB: one table with the keys `pk` and `sk`, each commit one transaction. */
import {
  BatchGetItemCommand,
  DeleteItemCommand,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  TransactWriteItemsCommand,
  type DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import type { Clock } from '../../../mail/ports/clock.ts';
import type {
  CommitOptions,
  CommitOutcome,
  Item,
  Key,
  Page,
  Range,
  Table,
  Write,
} from '../../../mail/ports/table.ts';
import { pauseMs, repeatedly } from '../failures.ts';
import { toItem, toKey, type Attributes } from './attribute-values.ts';
import { outcomeOf } from './commit-outcome.ts';
import { keyConditionOf } from './key-condition.ts';
import { TableFault } from './table-fault.ts';
import { prepare, transactionOf, type PreparedWrite } from './transaction.ts';

export interface DynamoTableOptions {
  /** Of `tableClient`: one that repeats writes by itself would blur their outcomes. */
  readonly client: DynamoDBClient;
  readonly tableName: string;
  readonly clock: Clock;
}

/** DynamoDB takes 4 MB in a transaction; what it counts besides the items is not told. */
const maxTransactionBytes = 3.5 * 2 ** 20;
const keysAtOnce = 100;
const batchesAtOnce = 4;
const maxTokenLength = 36;
/** So many times nothing of a batch may be answered, one after the other. */
const maxVainRounds = 8;

/** A batch of which DynamoDB answers nothing: it is throttled, though it does not say so. */
class BatchNotRead extends Error {
  readonly $retryable = { throttling: true };
  constructor(keys: number) {
    super(`${keys} keys of a batch were left unprocessed ${maxVainRounds} times`);
    this.name = 'BatchNotRead';
  }
}

/**
 * A key, value or token that no table can hold rejects, as does what `TableFault` tells. Reads are made again where that
 * may help; a commit is sent once, and its outcome says what is known of it.
 */
export class DynamoTable implements Table {
  readonly limits = { maxWrites: 100, maxBytes: maxTransactionBytes };
  readonly #client: DynamoDBClient;
  readonly #tableName: string;
  readonly #clock: Clock;

  constructor({ client, tableName, clock }: DynamoTableOptions) {
    this.#client = client;
    this.#tableName = tableName;
    this.#clock = clock;
  }

  async get(
    key: Key,
    { consistent = true }: { readonly consistent?: boolean } = {},
  ): Promise<Item | undefined> {
    const input = { TableName: this.#tableName, Key: toKey(key), ConsistentRead: consistent };
    const { Item: found } = await this.#read(() => this.#client.send(new GetItemCommand(input)));
    return found && toItem(found);
  }

  async getMany(
    keys: readonly Key[],
    { consistent = true }: { readonly consistent?: boolean } = {},
  ): Promise<readonly (Item | undefined)[]> {
    // DynamoDB refuses a key that is asked for twice.
    const asked = [...new Map(keys.map((key) => [nameOf(key), key])).values()];
    const found = new Map<string, Item>();
    for (let at = 0; at < asked.length; at += keysAtOnce * batchesAtOnce) {
      const batches = Array.from({ length: batchesAtOnce }, (_, batch) =>
        asked.slice(at + batch * keysAtOnce, at + (batch + 1) * keysAtOnce),
      );
      await Promise.all(batches.map((batch) => this.#getBatch(batch, { consistent, found })));
    }
    return keys.map((key) => found.get(nameOf(key)));
  }

  async query(range: Range): Promise<Page> {
    const { limit, reverse = false, consistent = true } = range;
    if (limit !== undefined && limit < 1) throw new RangeError(`a page has at least one item, not ${limit}`);
    const condition = keyConditionOf(range);
    if (condition === undefined) return { items: [] };
    const input = {
      TableName: this.#tableName,
      KeyConditionExpression: condition.expression,
      ExpressionAttributeValues: condition.values,
      ScanIndexForward: !reverse,
      ConsistentRead: consistent,
      ...(limit === undefined ? {} : { Limit: limit }),
      ...(condition.startKey === undefined ? {} : { ExclusiveStartKey: condition.startKey }),
    };
    const { Items = [], LastEvaluatedKey: last } = await this.#read(() =>
      this.#client.send(new QueryCommand(input)),
    );
    const items = Items.map(toItem).filter(({ sk }) => sk !== condition.dropped);
    return last?.['sk']?.S === undefined ? { items } : { items, next: last['sk'].S };
  }

  /** All of it is durable when it is told: `until` makes no difference. */
  async commit(writes: readonly Write[], { token }: CommitOptions = {}): Promise<CommitOutcome> {
    if (token !== undefined && (token.length === 0 || token.length > maxTokenLength))
      throw new RangeError(`a commit's token has 1 to ${maxTokenLength} characters, not ${token.length}`);
    const prepared = prepare(this.#tableName, writes);
    try {
      await this.#send(prepared, token);
      return { kind: 'committed' };
    } catch (fault) {
      const outcome = outcomeOf(fault);
      if (outcome === undefined) throw new TableFault(this.#tableName, fault);
      return outcome;
    }
  }

  /** A read may be made again and again. */
  async #read<Answer>(call: () => Promise<Answer>): Promise<Answer> {
    try {
      return await repeatedly({ clock: this.#clock }, call);
    } catch (fault) {
      throw new TableFault(this.#tableName, fault);
    }
  }

  async #send(writes: readonly PreparedWrite[], token: string | undefined): Promise<void> {
    const [only] = writes;
    // Without a token nobody relies on a repeat, and one write is whole in itself. With one, only a transaction answers
    // "committed" to a repeat whose condition no longer holds because of the first.
    if (writes.length === 1 && token === undefined && only !== undefined) {
      if (only.kind === 'put') return void (await this.#client.send(new PutItemCommand(only.input)));
      if (only.kind === 'delete') return void (await this.#client.send(new DeleteItemCommand(only.input)));
    }
    await this.#client.send(new TransactWriteItemsCommand(transactionOf(writes, token)));
  }

  /** An answer has at most 16 MB: what is left out is asked for again, after a pause where nothing was got. */
  async #getBatch(
    keys: readonly Key[],
    { consistent, found }: { readonly consistent: boolean; readonly found: Map<string, Item> },
  ): Promise<void> {
    let left: Attributes[] = keys.map(toKey);
    let vainRounds = 0;
    while (left.length > 0) {
      const RequestItems = { [this.#tableName]: { Keys: left, ConsistentRead: consistent } };
      const { Responses = {}, UnprocessedKeys = {} } = await this.#read(() =>
        this.#client.send(new BatchGetItemCommand({ RequestItems })),
      );
      const items = (Responses[this.#tableName] ?? []).map(toItem);
      for (const item of items) found.set(nameOf(item), item);
      const unprocessed = UnprocessedKeys[this.#tableName]?.Keys ?? [];
      vainRounds = unprocessed.length < left.length ? 0 : vainRounds + 1;
      left = unprocessed;
      if (vainRounds > maxVainRounds) throw new TableFault(this.#tableName, new BatchNotRead(left.length));
      if (vainRounds > 0) await this.#clock.sleep(pauseMs(vainRounds));
    }
  }
}

function nameOf({ pk, sk }: Key): string {
  return JSON.stringify([pk, sk]);
}
