/** A commit as DynamoDB takes it: one transaction, or for a single write without a token the write itself, at half the price. */
import type {
  DeleteItemCommandInput,
  PutItemCommandInput,
  TransactWriteItem,
  TransactWriteItemsCommandInput,
} from '@aws-sdk/client-dynamodb';
import type { Condition, Write } from '../../../mail/ports/table.ts';
import { toAttribute, toAttributes, toKey, type Attributes } from './attribute-values.ts';

/** One write, ready to be sent. */
export type PreparedWrite =
  | { readonly kind: 'put'; readonly input: PutItemCommandInput }
  | { readonly kind: 'delete'; readonly input: DeleteItemCommandInput }
  | { readonly kind: 'check'; readonly input: CheckInput };

interface CheckInput {
  readonly TableName: string;
  readonly Key: Attributes;
  readonly ConditionExpression: string;
}

/** Throws for an empty commit, a key that is named twice, and what no table can hold. */
export function prepare(tableName: string, writes: readonly Write[]): readonly PreparedWrite[] {
  if (writes.length === 0) throw new RangeError('a commit has at least one write');
  const named = new Set<string>();
  return writes.map((write) => {
    const { pk, sk } = write.kind === 'put' ? write.item : write.key;
    const name = JSON.stringify([pk, sk]);
    if (named.has(name)) throw new RangeError('two writes of a commit name the same key');
    named.add(name);
    return prepareWrite(tableName, write);
  });
}

function prepareWrite(tableName: string, write: Write): PreparedWrite {
  const common = { TableName: tableName, ...expressionOf(write.condition) };
  switch (write.kind) {
    case 'put':
      return { kind: 'put', input: { ...common, Item: toAttributes(write.item) } };
    case 'delete':
      return { kind: 'delete', input: { ...common, Key: toKey(write.key) } };
    case 'check':
      return {
        kind: 'check',
        input: { ...common, ...expressionOf(write.condition), Key: toKey(write.key) },
      };
    default:
      return write satisfies never;
  }
}

interface Expression {
  readonly ConditionExpression: string;
  readonly ExpressionAttributeNames?: Record<string, string>;
  readonly ExpressionAttributeValues?: Attributes;
}

function expressionOf(condition: Condition): Expression;
function expressionOf(condition: Condition | undefined): Expression | object;
function expressionOf(condition: Condition | undefined): Expression | object {
  switch (condition?.kind) {
    case undefined:
      return {};
    case 'absent':
      return { ConditionExpression: 'attribute_not_exists(pk)' };
    case 'present':
      return { ConditionExpression: 'attribute_exists(pk)' };
    case 'equals':
      return {
        ConditionExpression: '#attribute = :value',
        ExpressionAttributeNames: { '#attribute': condition.attribute },
        ExpressionAttributeValues: { ':value': toAttribute(condition.value, condition.attribute) },
      };
    default:
      return condition satisfies never;
  }
}

export function transactionOf(
  writes: readonly PreparedWrite[],
  token: string | undefined,
): TransactWriteItemsCommandInput {
  return {
    TransactItems: writes.map(itemOf),
    ...(token === undefined ? {} : { ClientRequestToken: token }),
  };
}

function itemOf(write: PreparedWrite): TransactWriteItem {
  switch (write.kind) {
    case 'put':
      return { Put: { ...write.input, TableName: write.input.TableName, Item: write.input.Item } };
    case 'delete':
      return { Delete: { ...write.input, TableName: write.input.TableName, Key: write.input.Key } };
    case 'check':
      return { ConditionCheck: write.input };
    default:
      return write satisfies never;
  }
}
