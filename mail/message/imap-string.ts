/** IMAP's strings (RFC 9051 sections 4.3 and 9), made of octets that stand as Latin-1 characters. */
import { messageLimits } from './limits.ts';

/**
 * nstring: NIL for undefined, else a quoted string where that can hold the value, else a literal. A NUL can be in
 * neither and is dropped.
 */
export function formatNstring(value: string | undefined): string {
  return value === undefined ? 'NIL' : formatString(value);
}

/** string: quoted, or a literal. Octets above 7F go only into a literal: without UTF8=ACCEPT no quoted string has them. */
export function formatString(value: string): string {
  if (/^[\x20\x21\x23-\x5b\x5d-\x7e]*$/.test(value) && value.length <= messageLimits.maxQuotedBytes)
    return `"${value}"`;
  const clean = value.replaceAll('\0', '');
  if (/[\r\n\x80-\xff]/.test(clean) || clean.length > messageLimits.maxQuotedBytes)
    return `{${clean.length}}\r\n${clean}`;
  return `"${clean.replace(/["\\]/g, '\\$&')}"`;
}

/** A copy that does not keep alive the larger string it was cut from. */
export function flatCopy(binary: string): string {
  return Buffer.from(binary, 'latin1').toString('latin1');
}
