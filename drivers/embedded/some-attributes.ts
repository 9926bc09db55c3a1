/**
 * Some attributes out of an item's bytes, the others passed over: of 100,000 indexes only the envelopes are wanted, and
 * to make all the rest of each would take five times as long.
 */
import type { Value } from '../../mail/ports/table.ts';
import type { Attributes } from './item-codec.ts';

/** Octets of what follows the first octet, by the MessagePack types of one length: nil, false, true, float and int. */
const fixedBytes: ReadonlyMap<number, number> = new Map([
  [0xc0, 0],
  [0xc2, 0],
  [0xc3, 0],
  [0xca, 4],
  [0xcb, 8],
  [0xcc, 1],
  [0xcd, 2],
  [0xce, 4],
  [0xcf, 8],
  [0xd0, 1],
  [0xd1, 2],
  [0xd2, 4],
  [0xd3, 8],
]);

/** Octets of the length of a str or bin, by its first octet. */
const lengthBytes: ReadonlyMap<number, number> = new Map([
  [0xd9, 1],
  [0xda, 2],
  [0xdb, 4],
  [0xc4, 1],
  [0xc5, 2],
  [0xc6, 4],
]);

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
    const wanted = names.find((each) => isAt(bytes, name, each));
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
  const wide = lengthBytes.get(first);
  if (wide !== undefined) {
    const start = at + 1 + wide;
    if (start > bytes.length) return undefined;
    return { start, end: start + bytes.readUIntBE(at + 1, wide) };
  }
  const fixed = fixedBytes.get(first);
  return fixed === undefined ? undefined : { start: at, end: at + 1 + fixed };
}

/** What the program asks for by name is named in ASCII. */
function isAt(bytes: Buffer, { start, end }: Place, name: string): boolean {
  if (end - start !== name.length) return false;
  for (let at = 0; at < name.length; at += 1) if (bytes[start + at] !== name.charCodeAt(at)) return false;
  return true;
}
