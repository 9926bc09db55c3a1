/** Text that came over the network, for people and logs. */

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

/** Read as UTF-8 (RFC 6531 section 3.7.4.2 lets replies be it); what would steer a terminal or a page becomes `?`. */
export function printable(octets: Uint8Array): string {
  return utf8
    .decode(octets)
    .replace(/[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069\ufeff]/g, '?');
}
