/** xtext (RFC 3461 section 4): how parameters carry octets that an esmtp-value may not. */

const xtext = /^(?:[\x21-\x2a\x2c-\x3c\x3e-\x7e]|\+[0-9A-F]{2})*$/;

/** The text that `encoded` writes, its octets read as UTF-8; undefined where it is no xtext. */
export function decodeXtext(encoded: string): string | undefined {
  if (!xtext.test(encoded)) return undefined;
  const octets = encoded.replace(/\+([0-9A-F]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.from(octets, 'latin1'));
  } catch {
    return undefined;
  }
}

/** The shortest xtext for `text`. */
export function encodeXtext(text: string): string {
  let encoded = '';
  for (const octet of Buffer.from(text)) {
    const plain = octet > 0x20 && octet < 0x7f && octet !== 0x2b && octet !== 0x3d;
    encoded += plain ? String.fromCharCode(octet) : `+${octet.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return encoded;
}
