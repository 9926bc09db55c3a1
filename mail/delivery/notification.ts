/**
 * The delivery status notification that tells a sender what became of a message: RFC 3464, in a multipart/report
 * (RFC 6522) of text for people, fields for programs and the original's header; in the UTF-8 forms of RFC 6533 where
 * an address or the header asks for them.
 */
import MimeNode from 'nodemailer/lib/mime-node';
import { formatField } from '../message/header.ts';
import { explainFailure, type Failure } from './failure.ts';

export interface NotificationOptions {
  /** The host that reports, for Reporting-MTA and the sender's address. */
  readonly hostname: string;
  /** Who is told: the original's reverse-path. */
  readonly to: string;
  /** Local part of the notification's Message-ID. */
  readonly id: string;
  readonly date: Date;
  readonly failures: readonly Failure[];
  /** When the original came. */
  readonly arrivedAt: Date;
  /** The original's header, byte for byte, at most `maxReturnedHeaderBytes` of it. */
  readonly originalHeader: Uint8Array;
}

/** How much of the original's header goes back to its sender. */
export const maxReturnedHeaderBytes = 64 * 1024;

const ascii = (text: string) => !/[^\x00-\x7f]/.test(text);

/** The whole notification, ready to be stored: CRLF line ends, a Message-ID made from `id`. */
export async function composeNotification(options: NotificationOptions): Promise<Uint8Array> {
  const { hostname, to, id, date, failures, originalHeader } = options;
  const header = Buffer.from(originalHeader);
  const global = !header.every((byte) => byte < 0x80) || !failures.every(({ recipient }) => ascii(recipient));
  const report = new MimeNode('multipart/report; report-type=delivery-status', {
    baseBoundary: id,
    hostname,
    newline: 'win',
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  report.setHeader([
    { key: 'From', value: { name: 'Mail Delivery', address: `MAILER-DAEMON@${hostname}` } },
    { key: 'Subject', value: 'Not delivered: your message could not reach a recipient' },
    { key: 'Date', value: date },
    { key: 'Message-ID', value: `<${id}@${hostname}>` },
    { key: 'Auto-Submitted', value: 'auto-replied' },
    ...referenceTo(header),
  ]);
  report
    .createChild('text/plain; charset=utf-8')
    .setHeader('Content-Language', 'en')
    .setContent(forPeople(failures));
  report
    .createChild(global ? 'message/global-delivery-status' : 'message/delivery-status')
    .setRaw(`${statusHeader(global)}\r\n${forPrograms(options, global)}`);
  report
    .createChild(global ? 'message/global-headers' : 'text/rfc822-headers')
    .setRaw(
      Buffer.concat([
        Buffer.from(
          `Content-Type: ${global ? 'message/global-headers' : 'text/rfc822-headers'}\r\n` +
            `Content-Description: The header of your message\r\n` +
            `Content-Transfer-Encoding: ${global ? '8bit' : '7bit'}\r\n\r\n`,
        ),
        Buffer.from(header.toString('latin1').replace(/\r?\n/g, '\r\n'), 'latin1'),
      ]),
    );
  // Not the composer's: it changes a quoted local part.
  return Buffer.concat([Buffer.from(formatField('To', to)), await report.build()]);
}

function statusHeader(global: boolean): string {
  return (
    `Content-Type: ${global ? 'message/global-delivery-status' : 'message/delivery-status'}\r\n` +
    `Content-Description: What became of it, for programs\r\n` +
    `Content-Transfer-Encoding: ${global ? '8bit' : '7bit'}\r\n`
  );
}

function forPeople(failures: readonly Failure[]): string {
  const each = failures.map((failure) => {
    const { status, text } = explainFailure(failure);
    return `  ${failure.recipient}\n  ${text} (${status})\n`;
  });
  return [
    `Your message was accepted here, but it could not be delivered to:\n`,
    ...each,
    `This message is about the addresses above only; the others, if there were any, are not affected.`,
    `The header of your message is attached.\n`,
  ].join('\n');
}

/** RFC 3464 sections 2.2 and 2.3: a group of fields for the message, and one for each recipient. */
function forPrograms({ hostname, arrivedAt, date, failures }: NotificationOptions, global: boolean): string {
  const message = [`Reporting-MTA: dns; ${hostname}`, `Arrival-Date: ${rfc5322Date(arrivedAt)}`];
  const recipients = failures.map((failure) => [
    `Final-Recipient: ${global ? 'utf-8' : 'rfc822'}; ${failure.recipient}`,
    'Action: failed',
    `Status: ${explainFailure(failure).status}`,
    `Last-Attempt-Date: ${rfc5322Date(date)}`,
  ]);
  return [message, ...recipients].map((group) => `${group.join('\r\n')}\r\n`).join('\r\n');
}

const rfc5322Date = (date: Date) => date.toUTCString().replace('GMT', '+0000');

/** In-Reply-To and References, where the original has a Message-ID that can stand in them. */
function referenceTo(header: Buffer): { key: string; value: string }[] {
  const found = /^message-id:[ \t]*(?:\r?\n[ \t]+)?(<[\x21-\x3b\x3d\x3f-\x7e]{1,250}>)/im.exec(
    header.toString('latin1'),
  );
  const id = found?.[1];
  return id === undefined ? [] : ['In-Reply-To', 'References'].map((key) => ({ key, value: id }));
}
