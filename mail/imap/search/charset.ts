/** CHARSET of SEARCH: what the strings of a command are written in (RFC 3501 section 6.4.4). */
import { TextDecoder } from 'node:util';

/** Octets (as Latin-1 characters) as text; undefined where they are not of the charset. */
export type SearchCharset = (octets: string) => string | undefined;

/** US-ASCII, and all that WHATWG's Encoding Standard names; undefined where the charset is not known. */
export function searchCharset(name: string): SearchCharset | undefined {
  if (/^us-ascii$/i.test(name)) return (octets) => (/[\x80-\xff]/.test(octets) ? undefined : octets);
  try {
    const decoder = new TextDecoder(name, { fatal: true, ignoreBOM: true });
    return (octets) => decoded(decoder, octets);
  } catch {
    return undefined;
  }
}

function decoded(decoder: TextDecoder, octets: string): string | undefined {
  try {
    return decoder.decode(Buffer.from(octets, 'latin1'));
  } catch {
    return undefined;
  }
}
