/** The message data items of RFC 3501 section 6.4.5. */
import type { DataItemKind } from './data-item.ts';

export const baseDataItems: readonly DataItemKind[] = [];
