/**
 * unitext (RFC 6533 section 3): an address of the type `utf-8` in ORCPT. What an esmtp-value or an ASCII field cannot
 * carry is written `\x{HEXPOINT}`.
 */

// QUCHAR; the C1 controls aside, which stand in no address.
const quchar = '[\\x21-\\x2a\\x2c-\\x3c\\x3e-\\x5b\\x5d-\\x7e\\u00a0-\\u{10ffff}]';
const unitext = new RegExp(`^(?:${quchar}|\\\\x\\{[0-9A-Fa-f]{2,6}\\})+$`, 'u');

/** The address that `encoded` writes; undefined where it is no unitext, or what it writes holds a control character. */
export function decodeUnitext(encoded: string): string | undefined {
  if (!unitext.test(encoded)) return undefined;
  let sound = true;
  const address = encoded.replace(/\\x\{([0-9A-Fa-f]+)\}/g, (_, hexPoint: string) => {
    const point = Number.parseInt(hexPoint, 16);
    sound &&= isEmbeddable(point);
    return sound ? String.fromCodePoint(point) : '';
  });
  return sound ? address : undefined;
}

/** SP, `+`, `=`, `\` and what is outside ASCII; not halves of characters, nor controls. */
function isEmbeddable(point: number): boolean {
  const special = point === 0x20 || point === 0x2b || point === 0x3d || point === 0x5c;
  return special || (point >= 0xa0 && point <= 0x10ffff && !(point >= 0xd800 && point <= 0xdfff));
}

/** The shortest unitext for `address`: utf-8-addr-unitext, or where only ASCII may be sent utf-8-addr-xtext. */
export function encodeUnitext(address: string, { ascii }: { readonly ascii: boolean }): string {
  const escaped = ascii ? /[\x00-\x20+=\\\x7f]|[^\x00-\x7f]/gu : /[\x00-\x20+=\\\x7f]/g;
  return address.replace(escaped, (character) => {
    const hexPoint = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(2, '0');
    return `\\x{${hexPoint}}`;
  });
}
