/** Mailbox names in modified UTF-7 (RFC 3501 section 5.1.3), and INBOX in any case. */
import { isInbox } from '../../mailbox/folder-name.ts';
import type { Scanner } from './scanner.ts';

/** mailbox: the name it writes, in Unicode; `INBOX` in any case is INBOX. */
export function mailbox(args: Scanner): string | undefined {
  const name = decodedMailboxName(args, args.astring('a mailbox name'));
  return name !== undefined && isInbox(name) ? 'INBOX' : name;
}

/** What was read as a name or a pattern, in Unicode; fails where it is not in modified UTF-7. */
export function decodedMailboxName(args: Scanner, written: string | undefined): string | undefined {
  if (written === undefined) return undefined;
  if (/[\x80-\xff]/.test(written))
    return args.refuse('8-bit characters in a mailbox name: use modified UTF-7');
  return decodeMailboxName(written) ?? args.fail('a mailbox name in modified UTF-7');
}

/** The name as an astring in a response: quoted, whatever it holds. */
export function formatMailbox(name: string): string {
  return `"${encodeMailboxName(name).replace(/["\\]/g, '\\$&')}"`;
}

/**
 * Undefined where `written` is none: with octets outside printable ASCII, a shift that does not end or is not base64, or
 * one that shifts what must stand for itself. So each name has one way to be written.
 */
export function decodeMailboxName(written: string): string | undefined {
  const name = written.replace(/&([^&-]*)-/g, (_, shifted: string) =>
    shifted === '' ? '&' : decodeShifted(shifted),
  );
  return name.isWellFormed() && encodeMailboxName(name) === written ? name : undefined;
}

export function encodeMailboxName(name: string): string {
  return name.replaceAll('&', '&-').replace(/[^\x20-\x7e]+/g, (text) => `&${encodeShifted(text)}-`);
}

/** UTF-16BE in base64, with `,` for `/` and without padding. */
function encodeShifted(text: string): string {
  const octets = Buffer.from(text, 'utf16le').swap16();
  return octets.toString('base64').replaceAll('/', ',').replaceAll('=', '');
}

/** What is no such base64 gives something else when it is encoded again. */
function decodeShifted(shifted: string): string {
  const octets = Buffer.from(shifted.replaceAll(',', '/'), 'base64');
  return octets
    .subarray(0, octets.length - (octets.length % 2))
    .swap16()
    .toString('utf16le');
}
