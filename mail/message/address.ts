/** Addresses of mail: `local-part@domain` (RFC 5321 section 4.1.2, RFC 6531 section 3.3) and their canonical form. */
import { domainToASCII } from 'node:url';

/** An address as it was written; compare and look up only `canonicalAddress`. */
export interface EmailAddress {
  /** Without quotes: `john doe` for `"john doe"@example.org`. Not empty; at most 64 octets. */
  readonly localPart: string;
  /** A domain name as written (no trailing dot), or an address literal with its brackets. At most 255 octets. */
  readonly domain: string;
}

/** RFC 5321 section 4.5.3.1.1 and 4.5.3.1.2, in octets. */
export const maxLocalPartOctets = 64;
export const maxDomainOctets = 255;

// RFC 6531 section 3.3 adds all of UTF-8 beyond ASCII; not the control characters among it (RFC 5198 section 2), which
// no one can see, nor halves of characters, which no one can write.
const beyondAscii = '\\u00a0-\\u2027\\u202a-\\uffff';
const atom = `[A-Za-z0-9!#$%&'*+/=?^_\`{|}~\\-${beyondAscii}]+`;
const dotString = new RegExp(`^${atom}(?:\\.${atom})*$`);
const letterOrDigit = `[A-Za-z0-9${beyondAscii}]`;
const subDomain = `${letterOrDigit}(?:[A-Za-z0-9\\-${beyondAscii}]*${letterOrDigit})?`;
const domainName = new RegExp(`^${subDomain}(?:\\.${subDomain})*$`);
const addressLiteral = /^\[[\x21-\x5a\x5e-\x7e]+\]$/;
const quotedLocalPart = /^"((?:[^"\\\x00-\x1f\x7f-\x9f\u2028\u2029]|\\[\x20-\x7e])*)"$/;

/** The address that `text` writes, bare (no display name, no angle brackets), or undefined when it writes none. */
export function parseAddress(text: string): EmailAddress | undefined {
  const at = text.lastIndexOf('@');
  if (at < 1 || !text.isWellFormed()) return undefined;
  const written = text.slice(0, at);
  const domain = text.slice(at + 1);
  const quoted = quotedLocalPart.exec(written);
  const localPart = quoted?.[1]?.replace(/\\(.)/g, '$1') ?? written;
  if (quoted === null && !dotString.test(written)) return undefined;
  if (localPart === '' || Buffer.byteLength(localPart) > maxLocalPartOctets) return undefined;
  if (Buffer.byteLength(domain) > maxDomainOctets) return undefined;
  if (!domainName.test(domain) && !addressLiteral.test(domain)) return undefined;
  return { localPart, domain };
}

/** As it stands in an envelope or a header field: the local part quoted where the grammar asks for it. */
export function formatAddress({ localPart, domain }: EmailAddress): string {
  if (dotString.test(localPart)) return `${localPart}@${domain}`;
  return `"${localPart.replace(/["\\]/g, '\\$&')}"@${domain}`;
}

/** RFC 1035 section 2.3.4: labels of at most 63 octets; the last one is no number, or it would be an IPv4 address. */
const asciiDomain =
  /^(?=.{1,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*(?!\d+$)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** Most domains: nothing beyond ASCII, no A-label, and a last label that cannot be read as a number. */
const plainDomain = /^(?!.*xn--)(?:[a-z0-9-]+\.)*[a-z][a-z0-9-]*$/i;

/** A domain in the form that is looked up: lower case, A-labels (RFC 5890); undefined when it is no domain name. */
export function canonicalDomain(domain: string): string | undefined {
  if (domain.startsWith('[')) return addressLiteral.test(domain) ? domain.toLowerCase() : undefined;
  if (!domainName.test(domain)) return undefined;
  // It reads numbers as WHATWG's URLs have them: `1.2` becomes 1.0.0.2, which is no domain name.
  const ascii = plainDomain.test(domain) ? domain.toLowerCase() : domainToASCII(domain);
  return asciiDomain.test(ascii) ? ascii : undefined;
}

/**
 * An address in the form that is looked up and compared: canonical domain, and the local part in lower case and NFC.
 * RFC 5321 section 2.4 leaves the case of a local part to its host; here it does not matter. undefined as above.
 */
export function canonicalAddress(address: EmailAddress): string | undefined {
  const domain = canonicalDomain(address.domain);
  if (domain === undefined) return undefined;
  return formatAddress({ localPart: address.localPart.normalize('NFC').toLowerCase(), domain });
}

/** The same of an address as text; undefined also where it writes none. */
export function canonicalText(text: string): string | undefined {
  const address = parseAddress(text);
  return address && canonicalAddress(address);
}

/** Whether the address needs SMTPUTF8 (RFC 6531) to be sent: it has octets outside ASCII. */
export function needsUtf8(address: EmailAddress): boolean {
  return /[^\x00-\x7f]/.test(address.localPart + address.domain);
}
