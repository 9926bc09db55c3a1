/** FLAGS, UID, INTERNALDATE and RFC822.SIZE (RFC 3501 section 7.4.2): what the mailbox's records tell without a read. */
import { formatDateTime } from '../syntax/date-time.ts';
import { formatFlags } from '../syntax/flag-list.ts';
import type { DataItemKind, FetchedMessage, RecordItem } from './data-item.ts';

export const flagsItem = recordItem((message) => `FLAGS ${formatFlags(message.record, message)}`);
export const uidItem = recordItem(({ record }) => `UID ${record.uid}`);
export const internalDateItem = recordItem(
  ({ record }) => `INTERNALDATE ${formatDateTime(record.internalDateSeconds)}`,
);
export const sizeItem = recordItem(({ record }) => `RFC822.SIZE ${record.size}`);

function recordItem(text: (message: FetchedMessage) => string): RecordItem {
  return { from: 'record', text };
}

const rfcs = ['RFC 3501 section 6.4.5'];

export const recordItemKinds: readonly DataItemKind[] = [
  { name: 'FLAGS', rfcs, parse: () => flagsItem },
  { name: 'UID', rfcs, parse: () => uidItem },
  { name: 'INTERNALDATE', rfcs, parse: () => internalDateItem },
  { name: 'RFC822.SIZE', rfcs, parse: () => sizeItem },
];
