/**
 * The part of a notification for programs: message/delivery-status (RFC 3464 section 2), or
 * message/global-delivery-status (RFC 6533 section 4.1) where an address has characters outside ASCII.
 */
import { formatDate } from '../message/date.ts';
import { formatField } from '../message/header.ts';
import { encodeUnitext } from '../smtp/syntax/unitext.ts';
import type { RecipientReport } from './report.ts';

export interface StatusOptions {
  /** The host that reports. */
  readonly hostname: string;
  readonly envid?: string;
  /** When the message came. */
  readonly arrivedAt: Date;
  /** At least one. */
  readonly reports: readonly RecipientReport[];
}

export interface StatusPart {
  readonly type: 'message/delivery-status' | 'message/global-delivery-status';
  /** A group of fields for the message and one for each recipient, an empty line between them. */
  readonly body: string;
}

/** Of the other server's reply. */
const maxReplyCharacters = 1000;

/** Section 2.1; the fields stand in the order of the RFC's grammar. */
export function deliveryStatus(options: StatusOptions): StatusPart {
  const global = options.reports.some(
    ({ recipient, orcpt }) => !isAscii(recipient) || !isAscii(orcpt?.address ?? ''),
  );
  const groups = [
    messageFields(options),
    ...options.reports.map((report) => recipientFields(report, { global })),
  ];
  return {
    type: global ? 'message/global-delivery-status' : 'message/delivery-status',
    body: groups.map((fields) => fields.join('')).join('\r\n'),
  };
}

/** Section 2.2. */
function messageFields({ hostname, envid, arrivedAt }: StatusOptions): readonly string[] {
  // RFC 3461 section 6.3 (b): a name without a domain is nothing that the DNS knows.
  const nameType = hostname.includes('.') ? 'dns' : 'x-local-hostname';
  return [
    ...(envid === undefined ? [] : [field('Original-Envelope-Id', envid)]),
    field('Reporting-MTA', `${nameType}; ${hostname}`),
    field('Arrival-Date', formatDate(arrivedAt.getTime())),
  ];
}

/** Section 2.3. */
function recipientFields(
  { orcpt, recipient, action, status, remote, reply, lastAttemptAt, willRetryUntil }: RecipientReport,
  { global }: { readonly global: boolean },
): readonly string[] {
  return [
    ...(orcpt === undefined ? [] : [field('Original-Recipient', originalAddress(orcpt, { global }))]),
    field('Final-Recipient', `${isAscii(recipient) ? 'rfc822' : 'utf-8'}; ${recipient}`),
    field('Action', action),
    field('Status', status),
    ...(remote === undefined ? [] : [field('Remote-MTA', `dns; ${hostOf(remote)}`)]),
    ...(reply === undefined ? [] : [formatField('Diagnostic-Code', `smtp; ${asciiOf(reply)}`)]),
    ...(lastAttemptAt === undefined ? [] : [field('Last-Attempt-Date', formatDate(lastAttemptAt.getTime()))]),
    ...(willRetryUntil === undefined
      ? []
      : [field('Will-Retry-Until', formatDate(willRetryUntil.getTime()))]),
  ];
}

/** Not folded: there are readers that take addresses by the line, and none of these is near the limit of 998. */
function field(name: string, value: string): string {
  return `${name}: ${value}\r\n`;
}

/** RFC 6533 section 3: only a global part has UTF-8 in it; elsewhere it is embedded in ASCII. */
function originalAddress(
  { addressType, address }: NonNullable<RecipientReport['orcpt']>,
  { global }: { readonly global: boolean },
): string {
  const embedded = !global && addressType.toLowerCase() === 'utf-8';
  return `${addressType}; ${embedded ? encodeUnitext(address, { ascii: true }) : address}`;
}

/** `mx.example.org` of `mx.example.org [192.0.2.1]`, the address literal where there is no name. */
function hostOf(remote: string): string {
  return asciiOf(/^[^\s[]+|\[[^\]]*\]/.exec(remote)?.[0] ?? remote);
}

function asciiOf(text: string): string {
  return text.slice(0, maxReplyCharacters).replace(/[^\x20-\x7e]/g, '?');
}

const isAscii = (text: string) => !/[^\x00-\x7f]/.test(text);
