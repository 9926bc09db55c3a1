/** address-literal (RFC 5321 section 4.1.3): `[192.0.2.1]`, `[IPv6:2001:db8::1]`, `[tag:anything]`. */

/** Whether `text`, brackets included, is an address-literal. */
export function isAddressLiteral(text: string): boolean {
  if (!text.startsWith('[') || !text.endsWith(']')) return false;
  const inner = text.slice(1, -1);
  const tag = /^([A-Za-z0-9-]*[A-Za-z0-9]):/.exec(inner);
  if (tag === null) return isIpv4(inner);
  const content = inner.slice(tag[0].length);
  if (tag[1]?.toLowerCase() === 'ipv6') return isIpv6(content);
  return /^[\x21-\x5a\x5e-\x7e]+$/.test(content);
}

/** IPv4-address-literal: four numbers 0 to 255, at most three digits each. */
export function isIpv4(text: string): boolean {
  const parts = text.split('.');
  return parts.length === 4 && parts.every((part) => /^[0-9]{1,3}$/.test(part) && Number(part) <= 255);
}

/** IPv6-addr: full, compressed (`::` stands for one group or more, as clients really write it), with or without IPv4. */
export function isIpv6(text: string): boolean {
  const halves = text.split('::');
  if (halves.length > 2) return false;
  const counts = halves.map((half, index) => groups(half, index === halves.length - 1));
  let sum = 0;
  for (const count of counts) {
    if (count === undefined) return false;
    sum += count;
  }
  return halves.length === 2 ? sum <= 7 : sum === 8;
}

/** How many 16-bit groups `text` writes; IPv4 counts two and may only stand last. undefined where it is malformed. */
function groups(text: string, last: boolean): number | undefined {
  if (text === '') return 0;
  const parts = text.split(':');
  let count = 0;
  for (const [index, part] of parts.entries()) {
    if (last && index === parts.length - 1 && part.includes('.')) {
      if (!isIpv4(part)) return undefined;
      count += 2;
    } else {
      if (!/^[0-9A-Fa-f]{1,4}$/.test(part)) return undefined;
      count += 1;
    }
  }
  return count;
}
