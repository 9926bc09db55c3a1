/** IMAP's ENVELOPE (RFC 9051 section 7.5.2), from any header. Octets stand as Latin-1 characters. */
import { parseAddressList, type ListedAddress } from './address-list.ts';
import { firstValue, unfold, type HeaderField } from './header.ts';
import { formatNstring, formatString } from './imap-string.ts';
import { messageLimits } from './limits.ts';

/** The ENVELOPE of a message without any field. */
export const emptyEnvelope = '(NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)';

/**
 * The envelope structure, parentheses included. Where a field that may stand once is there twice, the first counts;
 * To, Cc and Bcc count together. Encoded words are left as they are, as the RFC has it.
 */
export function formatEnvelope(fields: readonly HeaderField[]): string {
  const text = (key: string) =>
    formatNstring(firstValue(fields, key)?.slice(0, messageLimits.maxEnvelopeFieldBytes));
  const from = addresses(fields, 'from', 'first');
  // "absent or present but empty": then the server puts From in their place.
  const orFrom = (list: string) => (list === 'NIL' ? from : list);
  return `(${[
    text('date'),
    text('subject'),
    from,
    orFrom(addresses(fields, 'sender', 'first')),
    orFrom(addresses(fields, 'reply-to', 'first')),
    addresses(fields, 'to', 'all'),
    addresses(fields, 'cc', 'all'),
    addresses(fields, 'bcc', 'all'),
    text('in-reply-to'),
    text('message-id'),
  ].join(' ')})`;
}

function addresses(fields: readonly HeaderField[], key: string, which: 'first' | 'all'): string {
  const found = fields.filter((field) => field.key === key);
  const value = (which === 'first' ? found.slice(0, 1) : found)
    .map((field) => unfold(field.value))
    .join(', ')
    .slice(0, messageLimits.maxEnvelopeFieldBytes);
  const list = parseAddressList(value);
  return list.length === 0 ? 'NIL' : `(${list.map(formatListed).join('')})`;
}

/** `(name adl mailbox host)`; a NIL host means a group, so a mailbox without a host has an empty one. */
function formatListed(address: ListedAddress): string {
  if (address.kind === 'groupEnd') return '(NIL NIL NIL NIL)';
  if (address.kind === 'groupStart') return `(NIL NIL ${formatString(address.name)} NIL)`;
  const { name, adl, mailbox, host } = address;
  return `(${formatNstring(name)} ${formatNstring(adl)} ${formatString(mailbox)} ${formatString(host)})`;
}
