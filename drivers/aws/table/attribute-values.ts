/** Items as DynamoDB has them, and back: every attribute under its own name, readable in the console. */
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { Item, Key, Value } from '../../../mail/ports/table.ts';

/** Attributes as a request has them. */
export type Attributes = Record<string, AttributeValue>;

/** Attributes as an answer or an event has them: an event is JSON, with bytes in base64. */
export interface StoredAttributes {
  readonly [name: string]: StoredValue;
}

/** One value of them: one of its members is there. */
export interface StoredValue {
  readonly S?: string | undefined;
  readonly N?: string | undefined;
  readonly BOOL?: boolean | undefined;
  readonly NULL?: boolean | undefined;
  readonly B?: Uint8Array | string | undefined;
  readonly L?: readonly StoredValue[] | undefined;
  readonly M?: StoredAttributes | undefined;
}

/** What no table can hold: an error of the program. The message names the attribute, never its value. */
export class ValueRefused extends Error {
  constructor(path: string, reason: string) {
    super(`the attribute ${path} cannot be stored: ${reason}`);
    this.name = 'ValueRefused';
  }
}

/** DynamoDB's limits, in bytes. */
const maxPartitionKeyBytes = 2048;
const maxSortKeyBytes = 1024;
/** DynamoDB's limit of lists and maps in one another. */
const maxDepth = 32;
/** DynamoDB's limits of numbers that are not 0: a double reaches further. */
const largestNumber = 9.99e125;
const smallestNumber = 1e-130;

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

/** A copy: what is done to the item afterwards changes nothing. Throws `ValueRefused`, and as `toKey` does. */
export function toAttributes({ pk, sk, ...attributes }: Item): Attributes {
  return { ...toMap(attributes, '', 1), ...toKey({ pk, sk }) };
}

/** One value; `path` names it in `ValueRefused`. */
export function toAttribute(value: Value, path: string): AttributeValue {
  return toValue(value, path, 1);
}

function toValue(value: unknown, path: string, depth: number): AttributeValue {
  if (typeof value === 'string') {
    if (!value.isWellFormed()) throw new ValueRefused(path, 'it has an unpaired surrogate');
    return { S: value };
  }
  if (typeof value === 'number') return { N: toNumber(value, path) };
  if (typeof value === 'boolean') return { BOOL: value };
  if (value === null) return { NULL: true };
  if (value instanceof Uint8Array) return { B: Uint8Array.from(value) };
  if (depth > maxDepth) throw new ValueRefused(path, `it is nested deeper than ${maxDepth}`);
  // Not map: it would skip a hole.
  if (Array.isArray(value))
    return { L: Array.from(value, (each, index) => toValue(each, `${path}[${index}]`, depth + 1)) };
  if (typeof value === 'object' && isPlain(value)) return { M: toMap(value, `${path}.`, depth + 1) };
  throw new ValueRefused(path, `it is of type ${typeof value}`);
}

function toNumber(value: number, path: string): string {
  const size = Math.abs(value);
  if (!Number.isFinite(value) || size > largestNumber || (size < smallestNumber && size > 0))
    throw new ValueRefused(path, `it is ${value}`);
  return String(value);
}

function toMap(map: object, path: string, depth: number): Attributes {
  return Object.fromEntries(
    Object.entries(map).map(([name, value]) => {
      if (name === '') throw new ValueRefused(path, 'a name in it is empty');
      return [name, toValue(value, path + name, depth)];
    }),
  );
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** A stored item as it was put. */
export function toItem(attributes: StoredAttributes): Item {
  return fromMap(attributes) as Item;
}

function fromValue(value: StoredValue): Value {
  if (value.S !== undefined) return value.S;
  if (value.N !== undefined) return Number(value.N);
  if (value.BOOL !== undefined) return value.BOOL;
  if (value.B !== undefined) return fromBytes(value.B);
  if (value.L !== undefined) return value.L.map(fromValue);
  if (value.M !== undefined) return fromMap(value.M);
  if (value.NULL !== undefined) return null;
  throw new TypeError(`an attribute is of a kind that Posta does not write: ${Object.keys(value).join()}`);
}

function fromBytes(bytes: Uint8Array | string): Uint8Array {
  // The SDK may give a Buffer, which compares as another thing.
  return new Uint8Array(typeof bytes === 'string' ? Buffer.from(bytes, 'base64') : bytes);
}

function fromMap(map: StoredAttributes): { [name: string]: Value } {
  return Object.fromEntries(Object.entries(map).map(([name, value]) => [name, fromValue(value)]));
}
