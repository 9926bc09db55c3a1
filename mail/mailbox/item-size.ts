/** How large an item is, as DynamoDB counts it, nearly: names and values in UTF-8, a few bytes for each value. */
import type { Item, Value } from '../ports/table.ts';

const overhead = 4;

/** In bytes; not below what DynamoDB counts. */
export function itemBytes(item: Item): number {
  return mapBytes(item) + 100;
}

function mapBytes(map: { readonly [name: string]: Value }): number {
  let bytes = overhead;
  for (const [name, value] of Object.entries(map)) bytes += Buffer.byteLength(name) + valueBytes(value);
  return bytes;
}

/** One value, in bytes. */
export function valueBytes(value: Value): number {
  if (typeof value === 'string') return overhead + Buffer.byteLength(value);
  if (typeof value === 'number') return 21 + overhead;
  if (typeof value === 'boolean' || value === null) return 1 + overhead;
  if (value instanceof Uint8Array) return overhead + value.byteLength;
  if (Array.isArray(value))
    return (value as readonly Value[]).reduce((sum: number, each) => sum + valueBytes(each), overhead);
  return mapBytes(value as { readonly [name: string]: Value });
}
