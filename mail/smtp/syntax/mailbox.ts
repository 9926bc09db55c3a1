/**
 * Mailbox = Local-part "@" ( Domain / address-literal ) (RFC 5321 section 4.1.2, RFC 6531 section 3.3): here is found
 * where its parts end and why it is refused; what an address is, `parseAddress` says, as everywhere else.
 */
import {
  canonicalAddress,
  canonicalDomain,
  formatAddress,
  maxDomainOctets,
  maxLocalPartOctets,
  parseAddress,
  type EmailAddress,
} from '../../message/address.ts';
import { isAddressLiteral } from './address-literal.ts';
import { bad, ok, type Parsed } from './parsed.ts';

// Non-ASCII characters are UTF8-non-ascii, but for the C1 controls; lone surrogates cannot come out of the decoder.
const dotString =
  /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~\-\u00a0-\uffff]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~\-\u00a0-\uffff]+)*/;
const quotedString = /^"((?:[\x20\x21\x23-\x5b\x5d-\x7e\u00a0-\uffff]|\\[\x20-\x7e])*)"/;
const subDomain = /^[A-Za-z0-9\u00a0-\uffff](?:[A-Za-z0-9\-\u00a0-\uffff]*[A-Za-z0-9\u00a0-\uffff])?$/;
const maxLabelOctets = 63;

/** Local-part = Dot-string / Quoted-string; the value is without quotes and backslashes. */
export function parseLocalPart(text: string): Parsed<string> {
  const match = text.startsWith('"') ? quotedString.exec(text) : dotString.exec(text);
  if (match === null) return bad('the local part is malformed');
  const value = match[1]?.replace(/\\(.)/g, '$1') ?? match[0];
  if (value === '') return bad('the local part is empty');
  if (Buffer.byteLength(value) > maxLocalPartOctets) return bad('the local part is longer than 64 octets');
  return ok(value, text.slice(match[0].length));
}

/** Domain or address-literal, as written. */
export function parseDomain(text: string): Parsed<string> {
  const value = /^(?:\[[^\]\s]*\]|[^\s<>()[\],;:\\"@]+)/.exec(text)?.[0];
  if (value === undefined) return bad('the domain is missing');
  if (Buffer.byteLength(value) > maxDomainOctets) return bad('the domain is longer than 255 octets');
  const well = value.startsWith('[') ? isAddressLiteral(value) : isDomain(value);
  return well ? ok(value, text.slice(value.length)) : bad('the domain is malformed');
}

/** Domain = sub-domain *("." sub-domain), each label with at most 63 octets, and a name that IDNA can map. */
function isDomain(text: string): boolean {
  const labels = text.split('.');
  if (!labels.every((label) => subDomain.test(label))) return false;
  const canonical = canonicalDomain(text);
  return canonical !== undefined && canonical.split('.').every((label) => label.length <= maxLabelOctets);
}

/** A whole address, without angle brackets. */
export function parseMailbox(text: string): Parsed<EmailAddress> {
  const localPart = parseLocalPart(text);
  if (localPart.kind === 'bad') return localPart;
  if (!localPart.rest.startsWith('@')) return bad('the address has no domain: write user@domain');
  const domain = parseDomain(localPart.rest.slice(1));
  if (domain.kind === 'bad') return domain;
  const address = { localPart: localPart.value, domain: domain.value };
  return readsBack(address) ? ok(address, domain.rest) : bad('the address is malformed');
}

/** Whether the address, as it is written into jobs, keys and trace fields, is read as the same one again. */
function readsBack(address: EmailAddress): boolean {
  const again = parseAddress(formatAddress(address));
  if (again?.localPart !== address.localPart || again.domain !== address.domain) return false;
  const canonical = canonicalAddress(address);
  return canonical !== undefined && parseAddress(canonical) !== undefined;
}
