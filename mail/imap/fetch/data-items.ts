/** The message data items of RFC 3501 section 6.4.5, and its macros. */
import { bodySectionKinds } from './body-section.ts';
import type { DataItem, DataItemKind } from './data-item.ts';
import { flagsItem, internalDateItem, recordItemKinds, sizeItem } from './record-items.ts';
import { rfc822Kinds } from './rfc822.ts';
import { bodyItem, envelopeItem, structureItemKinds } from './structure-items.ts';

export const baseDataItems: readonly DataItemKind[] = [
  ...recordItemKinds,
  ...structureItemKinds,
  ...bodySectionKinds,
  ...rfc822Kinds,
];

const fast = [flagsItem, internalDateItem, sizeItem];
const all = [...fast, envelopeItem];

/** What stands for several items; only by itself, never in a list. */
export const macros: ReadonlyMap<string, readonly DataItem[]> = new Map([
  ['FAST', fast],
  ['ALL', all],
  ['FULL', [...all, bodyItem]],
]);
