/** Mailbox names in modified UTF-7 (RFC 3501 section 5.1.3), and INBOX in any case. */
import type { Scanner } from './scanner.ts';

/** mailbox: the name it writes, in Unicode; `INBOX` in any case is INBOX. */
export function mailbox(args: Scanner): string | undefined {
  const written = args.astring('a mailbox name');
  if (written === undefined) return undefined;
  return decodeMailboxName(written) ?? args.fail('a mailbox name in modified UTF-7');
}

/** The name as an astring in a response: quoted, whatever it holds. */
export function formatMailbox(name: string): string {
  return `"${encodeMailboxName(name).replace(/["\\]/g, '\\$&')}"`;
}

/**
 * Undefined where `written` is none: with octets outside ASCII, a shift that does not end or is not base64, or one that
 * shifts what must stand for itself. So each name has one way to be written.
 */
export function decodeMailboxName(written: string): string | undefined {
  if (/[^\x20-\x7e]/.test(written)) return undefined;
  const name = written.replace(/&([^-]*)-/g, (_, shifted: string) =>
    shifted === '' ? '&' : decodeShifted(shifted),
  );
  if (/^inbox$/i.test(name)) return 'INBOX';
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

function decodeShifted(shifted: string): string {
  const octets = Buffer.from(shifted.replaceAll(',', '/'), 'base64');
  return octets
    .subarray(0, octets.length - (octets.length % 2))
    .swap16()
    .toString('utf16le');
}
