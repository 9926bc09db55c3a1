/** Trace fields (RFC 5321 section 4.4): written at each hop, and read to find loops. */
import { formatAddress, needsUtf8, type EmailAddress } from './address.ts';
import { formatDate, type MailDate } from './date.ts';
import { formatField, unfold, type HeaderField } from './header.ts';

/** What a Received field says of the hop. */
export interface ReceivedHop {
  /** What the client called itself; it is not verified, and what no domain can hold is replaced. */
  readonly helo: string;
  /** The client's IP address. */
  readonly remoteAddress: string;
  /** This host. */
  readonly by: string;
  /** EHLO rather than HELO. */
  readonly extended: boolean;
  readonly authenticated: boolean;
  /** The transaction had SMTPUTF8 (RFC 6531 section 3.7.3). */
  readonly smtpUtf8: boolean;
  readonly tls?: { readonly version: string; /** IANA's name. */ readonly cipher: string };
  /** This host's id of the message. */
  readonly id: string;
  /** All recipients of the envelope: only a single one is named, or copies would tell of each other (section 7.6). */
  readonly recipients: readonly EmailAddress[];
  readonly date: MailDate | number;
}

/** The Received field, folded, with its CRLF. */
export function formatReceived(hop: ReceivedHop): string {
  const { helo, remoteAddress, by, tls, id, date } = hop;
  const clauses = [
    `from ${domainFor(helo)} (${addressLiteral(remoteAddress)})`,
    `by ${domainFor(by)}`,
    `with ${protocolOf(hop)}${tls === undefined ? '' : ` (${atomFor(tls.version)})`}`,
    `id ${atomFor(id)}`,
    ...forClause(hop),
    // RFC 8314 section 4.3 registers the clause.
    ...(tls === undefined ? [] : [`tls ${atomFor(tls.cipher)}`]),
  ];
  return formatField('Received', `${clauses.join(' ')}; ${formatDate(date)}`);
}

/** The protocol's registered name (RFC 3848, RFC 6531 section 4.3). */
function protocolOf({ extended, authenticated, smtpUtf8, tls }: ReceivedHop): string {
  if (!extended) return 'SMTP';
  const base = smtpUtf8 ? 'UTF8SMTP' : 'ESMTP';
  return `${base}${tls === undefined ? '' : 'S'}${authenticated ? 'A' : ''}`;
}

function forClause({ recipients, smtpUtf8 }: ReceivedHop): readonly string[] {
  const [only, ...others] = recipients;
  if (only === undefined || others.length > 0 || (needsUtf8(only) && !smtpUtf8)) return [];
  return [`for <${formatAddress(only)}>`];
}

/** RFC 5321 section 4.1.3; an IPv4 address within IPv6 is what the client really has. */
function addressLiteral(ip: string): string {
  const mapped = /^::ffff:([\d.]+)$/i.exec(ip)?.[1];
  if (mapped !== undefined) return `[${mapped}]`;
  const clean = ip.replace(/%.*$/, '').replace(/[^0-9A-Fa-f:.]/g, '');
  return clean.includes(':') ? `[IPv6:${clean}]` : `[${clean}]`;
}

/** A domain or address literal as it is; anything else so that it can do no harm in the field. */
function domainFor(text: string): string {
  const clean = text.slice(0, 255).replace(/[^A-Za-z0-9._:[\]-]/g, '-');
  return clean === '' ? 'unknown' : clean;
}

const atomFor = (text: string) => text.slice(0, 255).replace(/[^A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]/g, '-');

/** The reverse-path as final delivery keeps it, `<>` for null. */
export function formatReturnPath(reversePath: EmailAddress | null): string {
  return formatField('Return-Path', `<${reversePath === null ? '' : formatAddress(reversePath)}>`);
}

/** How many hosts a message has passed (RFC 5321 section 6.3 counts Received fields to find a loop). */
export function countReceived(fields: readonly HeaderField[]): number {
  return fields.reduce((count, { key }) => (key === 'received' ? count + 1 : count), 0);
}

/** The values of the Delivered-To fields, the latest first, at most `max`; octets as Latin-1 characters. */
export function deliveredTo(fields: readonly HeaderField[], max: number): readonly string[] {
  return fields
    .filter(({ key }) => key === 'delivered-to')
    .slice(0, max)
    .map(({ value }) => unfold(value));
}
