/** Reading an item's attributes: as what they must be, or the fault `DamagedItem`. */
import type { Item, Value } from '../ports/table.ts';
import { DamagedItem } from './types.ts';

type Attributes = Item | { readonly [name: string]: Value };

export function stringOf(from: Attributes, name: string): string {
  const value = from[name];
  if (typeof value !== 'string') throw new DamagedItem(`string ${name}`);
  return value;
}

export function optionalStringOf(from: Attributes, name: string): string | undefined {
  return from[name] === undefined ? undefined : stringOf(from, name);
}

export function numberOf(from: Attributes, name: string): number {
  const value = from[name];
  if (typeof value !== 'number') throw new DamagedItem(`number ${name}`);
  return value;
}

export function optionalNumberOf(from: Attributes, name: string): number | undefined {
  return from[name] === undefined ? undefined : numberOf(from, name);
}

export function bytesOf(from: Attributes, name: string): Uint8Array {
  const value = from[name];
  if (!(value instanceof Uint8Array)) throw new DamagedItem(`bytes ${name}`);
  return value;
}

export function listOf(from: Attributes, name: string): readonly Value[] {
  const value = from[name];
  if (!Array.isArray(value)) throw new DamagedItem(`list ${name}`);
  return value as readonly Value[];
}

export function stringsOf(from: Attributes, name: string): readonly string[] {
  return listOf(from, name).map((value) => {
    if (typeof value !== 'string') throw new DamagedItem(`list of strings ${name}`);
    return value;
  });
}

/** A time as items have it: ISO 8601 in UTC. In milliseconds since 1970. */
export function isoOf(ms: number): string {
  return new Date(ms).toISOString();
}

/** The time that `isoOf` wrote, or the number of milliseconds that stood under the name `before` in older items. */
export function timeOf(from: Attributes, name: string, before?: string): number {
  if (before !== undefined && from[before] !== undefined) return numberOf(from, before);
  const ms = Date.parse(stringOf(from, name));
  if (Number.isNaN(ms)) throw new DamagedItem(`time ${name}`);
  return ms;
}

export function optionalTimeOf(from: Attributes, name: string, before: string): number | undefined {
  return from[name] === undefined && from[before] === undefined ? undefined : timeOf(from, name, before);
}

/** A map within an item. */
export function mapOf(value: Value | undefined, name: string): { readonly [name: string]: Value } {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || value instanceof Uint8Array)
    throw new DamagedItem(`map ${name}`);
  return value as { readonly [name: string]: Value };
}
