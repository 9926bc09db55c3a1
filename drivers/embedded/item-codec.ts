/**
 * Attributes of an item as bytes and back, exactly as they were put. MessagePack, by lmdb's own encoder, with names
 * in each item: structures shared between items would tie the processes together.
 */
import type { Value } from '../../mail/ports/table.ts';
import type { RootDatabase } from 'lmdb';

/** Attributes by name. */
export type Attributes = Readonly<Record<string, Value>>;

/** To bytes and back. */
export interface ItemCodec {
  /** A copy: what is done to the value afterwards changes nothing. Throws `ValueRefused`. */
  encode(attributes: Attributes): Buffer;
  decode(bytes: Uint8Array): Attributes;
}

/** A value that a table cannot hold: an error of the program. The message names the attribute, never its value. */
export class ValueRefused extends Error {
  constructor(path: string, reason: string) {
    super(`the attribute ${path} cannot be stored: ${reason}`);
    this.name = 'ValueRefused';
  }
}

/** DynamoDB's limit. */
const maxDepth = 32;

interface MessagePack {
  encode(value: unknown): Buffer;
  decode(bytes: Uint8Array): unknown;
}

/** lmdb exports its encoder only on an opened sub-database. */
export function itemCodec(root: Pick<RootDatabase, 'openDB'>): ItemCodec {
  const options = { name: 'codec', encoding: 'msgpack', useRecords: false } as const;
  const { encoder } = root.openDB(options) as unknown as { readonly encoder: MessagePack };
  return {
    encode: (attributes) => {
      check(attributes, '', 0);
      return encoder.encode(attributes);
    },
    // From a plain array: from a Buffer it would make Buffers of what was put as a Uint8Array.
    decode: (bytes) =>
      encoder.decode(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length)) as Attributes,
  };
}

function check(value: unknown, path: string, depth: number): void {
  if (depth > maxDepth) throw new ValueRefused(path, `it is nested deeper than ${maxDepth}`);
  if (value === null || typeof value === 'boolean' || value instanceof Uint8Array) return;
  if (typeof value === 'string') {
    if (!value.isWellFormed()) throw new ValueRefused(path, 'it has an unpaired surrogate');
  } else if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new ValueRefused(path, `it is ${value}`);
  } else if (Array.isArray(value)) {
    // Not forEach: it would skip a hole.
    for (let index = 0; index < value.length; index++) check(value[index], `${path}[${index}]`, depth + 1);
  } else if (typeof value === 'object' && isPlain(value)) {
    for (const [name, member] of Object.entries(value)) {
      if (name === '__proto__') throw new ValueRefused(path, 'a member has the name __proto__');
      check(member, path === '' ? name : `${path}.${name}`, depth + 1);
    }
  } else throw new ValueRefused(path, `it is of type ${typeof value}`);
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
