/** Items as DynamoDB has them, and back: every attribute under its own name, readable in the console. */
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { Item, Key, Value } from '../../../mail/ports/table.ts';

export type Attributes = Record<string, AttributeValue>;

/** DynamoDB's limits, in bytes. */
const maxPartitionKeyBytes = 2048;
const maxSortKeyBytes = 1024;

/** Throws `RangeError` for a key that no table can hold. */
export function toKey({ pk, sk }: Key): Attributes {
  if (pk === '' || sk === '') throw new RangeError('pk and sk must not be empty');
  if (!pk.isWellFormed() || !sk.isWellFormed()) throw new RangeError('pk or sk has an unpaired surrogate');
  if (Buffer.byteLength(pk) > maxPartitionKeyBytes || Buffer.byteLength(sk) > maxSortKeyBytes)
    throw new RangeError(
      `the key ${JSON.stringify(pk.slice(0, 80))} ${JSON.stringify(sk.slice(0, 80))} is too long: ` +
        `at most ${maxPartitionKeyBytes} bytes in pk and ${maxSortKeyBytes} in sk`,
    );
  return { pk: { S: pk }, sk: { S: sk } };
}

/** A copy: what is done to the item afterwards changes nothing. Throws for what no table can hold. */
export function toAttributes({ pk, sk, ...attributes }: Item): Attributes {
  return { ...toMap(attributes), ...toKey({ pk, sk }) };
}

export function toItem(attributes: Attributes): Item {
  return fromMap(attributes) as Item;
}

export function toAttribute(value: Value): AttributeValue {
  if (value === null) return { NULL: true };
  if (typeof value === 'string') {
    if (!value.isWellFormed()) throw new TypeError('an attribute has an unpaired surrogate');
    return { S: value };
  }
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new TypeError(`an attribute is ${value}`);
    return { N: String(value) };
  }
  if (typeof value === 'boolean') return { BOOL: value };
  if (typeof value === 'object') return toCompound(value);
  throw new TypeError(`an attribute is of type ${typeof value}`);
}

function toCompound(value: Exclude<Value, string | number | boolean | null>): AttributeValue {
  if (value instanceof Uint8Array) return { B: Uint8Array.from(value) };
  if (Array.isArray(value)) return { L: (value as readonly Value[]).map(toAttribute) };
  if (Object.getPrototypeOf(value) !== Object.prototype)
    throw new TypeError('an attribute is an object of a class');
  return { M: toMap(value as { readonly [name: string]: Value }) };
}

function toMap(map: { readonly [name: string]: Value }): Attributes {
  return Object.fromEntries(Object.entries(map).map(([name, value]) => [name, toAttribute(value)]));
}

function fromAttribute(value: AttributeValue): Value {
  if (value.S !== undefined) return value.S;
  if (value.N !== undefined) return Number(value.N);
  if (value.BOOL !== undefined) return value.BOOL;
  // The SDK may give a Buffer, which is compared as another thing.
  if (value.B !== undefined) return new Uint8Array(value.B);
  if (value.L !== undefined) return value.L.map(fromAttribute);
  if (value.M !== undefined) return fromMap(value.M);
  if (value.NULL !== undefined) return null;
  throw new TypeError(`an attribute is of a kind that Posta does not write: ${Object.keys(value).join()}`);
}

function fromMap(map: Attributes): { [name: string]: Value } {
  return Object.fromEntries(Object.entries(map).map(([name, value]) => [name, fromAttribute(value)]));
}
