/**
 * The delivery status notification that tells a sender what became of a message: RFC 3464, in a multipart/report
 * (RFC 6522) of text for people, fields for programs, and the original or its header; in the UTF-8 forms of RFC 6533
 * where an address or the header asks for them.
 */
import { formatDate } from '../message/date.ts';
import { formatField } from '../message/header.ts';
import { deliveryStatus } from './delivery-status.ts';
import { notificationText, subjectOf } from './notification-text.ts';
import type { Action, RecipientReport } from './report.ts';

/** What comes back of the original, as the third part. */
export interface Returned {
  readonly part: 'message' | 'header';
  /** The sender asked for the whole message, and it is too large. */
  readonly tooLarge: boolean;
  /** Octets above 127: in its header, and in all that comes back. */
  readonly utf8Header: boolean;
  readonly eightBit: boolean;
  /** The original's Message-ID with its angle brackets, where it has one that can be named. */
  readonly messageId?: string;
}

export interface NotificationOptions {
  /** The host that reports, for Reporting-MTA and the sender's address. */
  readonly hostname: string;
  /** Who is told: the original's reverse-path. */
  readonly to: string;
  /** Local part of the notification's Message-ID; no other message may ever have it. */
  readonly id: string;
  readonly date: Date;
  readonly action: Action;
  /** At least one, all of that action. */
  readonly reports: readonly RecipientReport[];
  /** The original's id here. */
  readonly messageId: string;
  readonly envid?: string;
  /** When the original came. */
  readonly arrivedAt: Date;
  /** undefined: its bytes are gone. */
  readonly returned: Returned | undefined;
}

/** A notification without what comes back of the original, which stands between the two. Line ends are CRLF. */
export interface NotificationFrame {
  readonly before: Buffer;
  readonly after: Buffer;
}

export function frameNotification(options: NotificationOptions): NotificationFrame {
  const { returned } = options;
  // The id makes it unlike any line of the original, and `=_` unlike any encoded one (RFC 2045 section 6.7).
  const boundary = `=_${options.id}`;
  const text = textPart(options);
  const status = statusPart(options);
  const eightBit = returned?.eightBit === true || [text, status].some(isEightBit);
  const parts = [
    header(options, { boundary, eightBit }),
    ...[text, status, ...(returned === undefined ? [] : [returnedHeader(returned)])],
  ];
  return {
    before: Buffer.from(parts.join(`\r\n--${boundary}\r\n`)),
    after: Buffer.from(`\r\n--${boundary}--\r\n`),
  };
}

function header(
  { hostname, to, id, date, action, returned }: NotificationOptions,
  { boundary, eightBit }: { readonly boundary: string; readonly eightBit: boolean },
): string {
  const original = returned?.messageId;
  return [
    // As it is: spaces in a quoted local part count.
    `To: ${to}\r\n`,
    formatField('From', `Mail Delivery <MAILER-DAEMON@${hostname}>`),
    formatField('Subject', subjectOf(action)),
    formatField('Date', formatDate(date.getTime())),
    formatField('Message-ID', `<${id}@${hostname}>`),
    ...(original === undefined
      ? []
      : ['In-Reply-To', 'References'].map((name) => formatField(name, original))),
    // RFC 3834 section 5: nothing answers it by itself.
    formatField('Auto-Submitted', 'auto-replied'),
    formatField('MIME-Version', '1.0'),
    formatField('Content-Type', `multipart/report; report-type=delivery-status; boundary="${boundary}"`),
    ...(eightBit ? [formatField('Content-Transfer-Encoding', '8bit')] : []),
  ].join('');
}

function textPart(options: NotificationOptions): string {
  const { returned } = options;
  const amount = returned === undefined ? 'nothing' : returned.tooLarge ? 'tooLarge' : returned.part;
  const body = notificationText({ ...options, returned: amount });
  return partHeader('text/plain; charset=utf-8', { eightBit: isEightBit(body), language: 'en' }) + body;
}

function statusPart(options: NotificationOptions): string {
  const { type, body } = deliveryStatus(options);
  return (
    partHeader(type, { eightBit: isEightBit(body), description: 'What became of it, for programs' }) + body
  );
}

/** RFC 6522 section 3 and RFC 6533 section 4: a header with UTF-8 in it needs another type than one without. */
function returnedHeader({ part, utf8Header, eightBit }: Returned): string {
  if (part === 'header') {
    const type = utf8Header ? 'message/global-headers' : 'text/rfc822-headers';
    return partHeader(type, { eightBit, description: 'The header of your message' });
  }
  const type = utf8Header ? 'message/global' : 'message/rfc822';
  return partHeader(type, { eightBit, description: 'Your message' });
}

function partHeader(
  type: string,
  options: { readonly eightBit: boolean; readonly description?: string; readonly language?: string },
): string {
  const { eightBit, description, language } = options;
  return [
    `Content-Type: ${type}\r\n`,
    description === undefined ? '' : `Content-Description: ${description}\r\n`,
    language === undefined ? '' : `Content-Language: ${language}\r\n`,
    `Content-Transfer-Encoding: ${eightBit ? '8bit' : '7bit'}\r\n\r\n`,
  ].join('');
}

const isEightBit = (text: string) => /[^\x00-\x7f]/.test(text);
