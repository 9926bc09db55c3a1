/** The lines of a SASL exchange: base64 (RFC 4648 section 4), alone on a line. */

/** The most octets of such a line, its CRLF included (RFC 4954 section 4, RFC 5034 section 4). */
export const maxSaslLineOctets = 12_288;

/**
 * The octets that `line` (without its end) writes, or undefined where it is not base64 to the letter: another
 * character, space, missing padding, or padding bits that are not zero (RFC 4648 section 3). An empty line is empty;
 * `=` (the empty initial response) and `*` (cancel) are the protocol's, and no base64.
 */
export function decodeBase64Line(line: Uint8Array | string): Buffer | undefined {
  const text = typeof line === 'string' ? line : Buffer.from(line).toString('latin1');
  // Node's decoder skips what it does not know; only base64 to the letter comes back the same.
  const octets = Buffer.from(text, 'base64');
  return octets.toString('base64') === text ? octets : undefined;
}

/** A challenge or response as it stands on its line. */
export function encodeBase64Line(octets: Uint8Array): string {
  return Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength).toString('base64');
}
