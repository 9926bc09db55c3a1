/**
 * Some attributes out of an item's bytes, the others passed over: of 100,000 indexes only the envelopes are wanted, and
 * to make all the rest of each would take five times as long.
 */
import type { Value } from '../../mail/ports/table.ts';
import type { Attributes } from './item-codec.ts';

/** A MessagePack value: the first octet of a str's or bin's content, and where the value ends. */
interface Place {
  readonly start: number;
  readonly end: number;
}

/**
 * The attributes of those names that the item has and that are strings; undefined where another of its attributes is
 * nested, or one that is wanted is no string: then the item is decoded as a whole.
 */
export function someStrings(bytes: Buffer, names: readonly string[]): Attributes | undefined {
  const map = bytes[0] ?? 0;
  const isMap16 = map === 0xde && bytes.length >= 3;
  if (!isMap16 && map >>> 4 !== 0x8) return undefined;
  const found: Record<string, Value> = {};
  let at = isMap16 ? 3 : 1;
  for (let left = isMap16 ? bytes.readUInt16BE(1) : map & 0x0f; left > 0; left -= 1) {
    const name = placeAt(bytes, at);
    if (name === undefined || !isString(bytes[at])) return undefined;
    const value = placeAt(bytes, name.end);
    if (value === undefined) return undefined;
    const wanted = nameAt(bytes, name, names);
    if (wanted !== undefined) {
      if (!isString(bytes[name.end])) return undefined;
      found[wanted] = bytes.toString('utf8', value.start, value.end);
    }
    at = value.end;
  }
  return found;
}

function isString(first = 0): boolean {
  return first >>> 5 === 0b101 || (first >= 0xd9 && first <= 0xdb);
}

/** undefined for what is nested or beyond the end. */
function placeAt(bytes: Buffer, at: number): Place | undefined {
  const first = bytes[at] ?? 0xc1;
  const place = placeOf(bytes, at, first);
  return place === undefined || place.end > bytes.length ? undefined : place;
}

function placeOf(bytes: Buffer, at: number, first: number): Place | undefined {
  if (first >>> 5 === 0b101) return { start: at + 1, end: at + 1 + (first & 0x1f) };
  // From -32 to 127 the octet is the number.
  if (first < 0x80 || first >= 0xe0) return { start: at, end: at + 1 };
  const wide = lengthBytes(first);
  if (wide > 0) {
    const start = at + 1 + wide;
    return start > bytes.length ? undefined : { start, end: start + bytes.readUIntBE(at + 1, wide) };
  }
  const fixed = fixedBytes(first);
  return fixed === undefined ? undefined : { start: at, end: at + 1 + fixed };
}

/** Octets of the length of a str or bin, by its first octet; 0 for other types. */
function lengthBytes(first: number): number {
  if (first === 0xd9 || first === 0xc4) return 1;
  if (first === 0xda || first === 0xc5) return 2;
  return first === 0xdb || first === 0xc6 ? 4 : 0;
}

/** Octets that follow the first one of nil, false, true, a float or an int; undefined for other types. */
function fixedBytes(first: number): number | undefined {
  if (first === 0xc0 || first === 0xc2 || first === 0xc3) return 0;
  if (first === 0xca) return 4;
  if (first === 0xcb) return 8;
  return first >= 0xcc && first <= 0xd3 ? 1 << (first & 3) : undefined;
}

function nameAt(bytes: Buffer, place: Place, names: readonly string[]): string | undefined {
  for (const name of names) if (isAt(bytes, place, name)) return name;
  return undefined;
}

/** What the program asks for by name is named in ASCII. */
function isAt(bytes: Buffer, { start, end }: Place, name: string): boolean {
  if (end - start !== name.length) return false;
  for (let at = 0; at < name.length; at += 1) if (bytes[start + at] !== name.charCodeAt(at)) return false;
  return true;
}
