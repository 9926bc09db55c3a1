/**
 * `m#<uid>`: a message's index under its uid. What is too large for an item lies in a side object in Blobs, written
 * before the commit, beside the message's blob; copies of the message point to the same one.
 */
import type { Blobs } from '../ports/blobs.ts';
import type { Item, Value } from '../ports/table.ts';
import {
  bytesOf,
  isoOf,
  mapOf,
  numberOf,
  optionalStringOf,
  stringOf,
  stringsOf,
  timeOf,
} from './attributes.ts';
import { itemBytes } from './item-size.ts';
import { indexKey } from './keys.ts';
import { maxIndexItemBytes, maxSideObjectsAtOnce } from './limits.ts';
import type { MessageIndex } from './message-index.ts';
import type { LastSeen } from './message-item.ts';
import { packStructure, unpackBodyStructure, unpackParts } from './part-structure.ts';
import { shortEnvelope, wholeEnvelope } from './short-envelope.ts';
import { DamagedItem, parseMessageId, sound } from './types.ts';
import type { MailboxId, MessageId, Uid } from './types.ts';

/** The attributes of an index, the same under every uid that shows the message. */
export type IndexBody = { readonly [attribute: string]: Value };

/** The key of the side object of a message's index: it goes when the message's blob goes. */
export function sideObjectKey(blobKey: string): string {
  return `${blobKey}.index`;
}

/** Makes the body of a message's index, and where it is too large for an item its side object, durable. */
export async function prepareIndex(blobs: Blobs, index: MessageIndex): Promise<IndexBody> {
  const whole = { ...headOf(index), ...restOf(index) };
  // Unpacked, so that what many indexes take in memory is bounded.
  const bytes = itemBytes({ pk: '', sk: '', ...whole }) + index.bodyStructure.length;
  if (bytes <= maxIndexItemBytes) return whole;
  const sideKey = sideObjectKey(index.blobKey);
  const upload = blobs.begin();
  try {
    await upload.write(packSideObject(restOf(index)));
    await upload.finish({ key: sideKey });
  } finally {
    await upload.abort();
  }
  return { ...headOf(index), sideKey };
}

function headOf(index: MessageIndex) {
  const { messageId, threadId, blobKey, size, internalDateSeconds } = index;
  const head = { threadId, blobKey, size, internalDate: isoOf(internalDateSeconds * 1000) };
  return idInKey(blobKey) === messageId ? head : { messageId, ...head };
}

/** The message id that a blob's key ends with, as most do. */
function idInKey(blobKey: string): string {
  const name = blobKey.slice(blobKey.lastIndexOf('/') + 1);
  return name.endsWith('.eml') ? name.slice(0, -'.eml'.length) : '';
}

function restOf(index: MessageIndex) {
  const { preview, headers } = index;
  const envelope = shortEnvelope(index.envelope);
  const rest = { envelope, preview, structure: packStructure(index) };
  return headers === undefined ? rest : { ...rest, headers };
}

function bodyStructureOf(rest: { readonly [name: string]: Value }): string {
  if (rest['structure'] !== undefined) return unpackBodyStructure(bytesOf(rest, 'structure'));
  return stringOf(rest, 'bodyStructure');
}

function partsOf(rest: { readonly [name: string]: Value }): readonly number[] {
  if (rest['structure'] !== undefined) return unpackParts(bytesOf(rest, 'structure'));
  return unpackOlderParts(rest['parts']);
}

function unpackOlderParts(packed: Value | undefined): readonly number[] {
  if (packed instanceof Uint8Array) return unpackOldestParts(packed);
  if (typeof packed !== 'string') throw new DamagedItem('table of parts');
  if (packed === '') return [];
  const parts = packed.split(' ').map(Number);
  if (!parts.every(Number.isInteger)) throw new DamagedItem('table of parts');
  return parts;
}

function unpackOldestParts(bytes: Uint8Array): readonly number[] {
  if (bytes.byteLength % 4 !== 0) throw new DamagedItem('table of parts');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: bytes.byteLength / 4 }, (_, at) => view.getInt32(at * 4));
}

export function indexItem(
  mailbox: MailboxId,
  options: { readonly uid: Uid; readonly body: IndexBody },
): Item {
  return { ...options.body, ...indexKey(mailbox, options.uid) };
}

/** What an item says under any uid: its body without its key and without what was last seen. */
export function indexBodyOf(item: Item): IndexBody {
  const { pk: _pk, sk: _sk, last: _last, ...body } = item;
  return body;
}

/** INTERNALDATE, in seconds since 1970. */
export function internalDateSecondsOf(item: Item | IndexBody): number {
  return secondsOf(item, 'internalDate');
}

/** Older items have the seconds themselves. */
function secondsOf(from: { readonly [name: string]: Value }, name: string): number {
  const before = `${name}Seconds`;
  return from[before] === undefined ? Math.floor(timeOf(from, name) / 1000) : numberOf(from, before);
}

/** The message that an index is of. */
export function messageIdOf(item: Item | IndexBody): MessageId {
  const id = optionalStringOf(item, 'messageId') ?? idInKey(stringOf(item, 'blobKey'));
  return sound(parseMessageId(id), 'message id');
}

/** The item with what Feed saw last of the message, where its own item is full. */
export function withLastSeen(item: Item, last: LastSeen): Item {
  const { system, keywords, saveDateSeconds } = last;
  return { ...item, last: { system, keywords, saveDate: isoOf(saveDateSeconds * 1000) } };
}

/** What `withLastSeen` wrote, or undefined. */
export function lastSeenOf(item: Item): LastSeen | undefined {
  if (item['last'] === undefined) return undefined;
  const map = mapOf(item['last'], 'last seen');
  return {
    system: numberOf(map, 'system'),
    keywords: stringsOf(map, 'keywords'),
    saveDateSeconds: secondsOf(map, 'saveDate'),
  };
}

/** Whether most of the index is in an object of its own. */
export function hasSideObject(item: Item): boolean {
  return item['sideKey'] !== undefined;
}

/**
 * The whole index, its side object included; `BlobMissing` where that is gone. Its structure is unpacked when it is asked
 * for, and may turn out to be damaged then (`DamagedItem`): most who read an index never look at it.
 */
export async function readIndex(blobs: Blobs, item: Item): Promise<MessageIndex> {
  const sideKey = optionalStringOf(item, 'sideKey');
  return sideKey === undefined ? indexOf(item, item) : indexOf(item, await readSideObject(blobs, sideKey));
}

/** The index in an item that has no side object. */
export function readOwnIndex(item: Item): MessageIndex {
  return indexOf(item, item);
}

function indexOf(item: Item, rest: { readonly [name: string]: Value }): MessageIndex {
  let bodyStructure: string | undefined;
  let parts: readonly number[] | undefined;
  const short = stringOf(rest, 'envelope');
  let envelope: string | undefined;
  return {
    messageId: messageIdOf(item),
    threadId: stringOf(item, 'threadId'),
    blobKey: stringOf(item, 'blobKey'),
    size: numberOf(item, 'size'),
    internalDateSeconds: internalDateSecondsOf(item),
    preview: stringOf(rest, 'preview'),
    get envelope() {
      return (envelope ??= wholeEnvelope(short));
    },
    get bodyStructure() {
      return (bodyStructure ??= bodyStructureOf(rest));
    },
    get parts() {
      return (parts ??= partsOf(rest));
    },
    ...(rest['headers'] === undefined ? {} : { headers: bytesOf(rest, 'headers') }),
  };
}

/** The attributes that `readEnvelope` looks at. */
export const envelopeAttributes: readonly string[] = ['sideKey', 'envelope'];

/** Only the envelope of what `readIndex` gives, from an item that has these attributes at least. */
export function readEnvelope(blobs: Blobs, item: Item): string | Promise<string> {
  const sideKey = optionalStringOf(item, 'sideKey');
  if (sideKey === undefined) return wholeEnvelope(stringOf(item, 'envelope'));
  return readSideObject(blobs, sideKey).then((rest) => wholeEnvelope(stringOf(rest, 'envelope')));
}

/** As many of the first as may be read together: few whose index lies in an object of its own. */
export function heldAtOnce(items: readonly (Item | undefined)[]): readonly (Item | undefined)[] {
  let large = 0;
  const tooMuch = items.findIndex((item) => {
    if (item !== undefined && hasSideObject(item)) large++;
    return large > maxSideObjectsAtOnce;
  });
  return tooMuch < 0 ? items : items.slice(0, tooMuch);
}

/** JSON, bytes in base64. */
function packSideObject(rest: IndexBody) {
  const isBytes = (value: Value) => value instanceof Uint8Array;
  const texts = Object.entries(rest).filter(([, value]) => !isBytes(value));
  const bytes = Object.entries(rest)
    .filter(([, value]) => isBytes(value))
    .map(([name]) => [name, Buffer.from(bytesOf(rest, name)).toString('base64')]);
  return Buffer.from(JSON.stringify({ ...Object.fromEntries(texts), bytes: Object.fromEntries(bytes) }));
}

async function readSideObject(blobs: Blobs, key: string): Promise<{ readonly [name: string]: Value }> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of blobs.read(key)) chunks.push(chunk);
  const { bytes, ...texts } = mapOf(parseJson(Buffer.concat(chunks).toString()), 'side object');
  const packed = Object.keys(mapOf(bytes, 'bytes of a side object')).map((name) => [
    name,
    Buffer.from(stringOf(mapOf(bytes, name), name), 'base64'),
  ]);
  return { ...texts, ...(Object.fromEntries(packed) as { readonly [name: string]: Uint8Array }) };
}

function parseJson(text: string): Value {
  try {
    return JSON.parse(text) as Value;
  } catch {
    throw new DamagedItem('side object');
  }
}
