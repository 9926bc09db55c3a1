/** Messages of any octets, the same for the same seed. */
import { seededRandom } from '../seeded-random.ts';

/** Each begins with it. */
export const header = 'Subject: bytes\r\n\r\n';

/** A message of exactly so many octets: lines of any octet but CR, LF, with many dots at their beginnings. */
export function messageOf(size: number, seed = size): Buffer {
  const bytes = Buffer.alloc(size);
  const random = seededRandom(seed);
  bytes.write(header, 'latin1');
  let at = header.length;
  while (at < size) {
    const length = Math.min(Math.floor(random() * 900), size - at - 2);
    const first = at;
    for (; at < first + length; at++) {
      const octet = Math.floor(random() * 256);
      bytes[at] = octet === 0x0d || octet === 0x0a || (at === first && octet < 128) ? 0x2e : octet;
    }
    // A line that would leave one octet, which is no CRLF, is one longer.
    if (size - at === 3) bytes[at++] = 0x2e;
    bytes.write('\r\n', at, 'latin1');
    at += 2;
  }
  return bytes;
}

/**
 * As `messageOf`, of the octets of a smaller one again and again: making 50 MB of random octets takes longer than
 * sending them.
 */
export function largeMessageOf(size: number, seed = 50): Buffer {
  const part = messageOf(2 ** 20, seed).subarray(header.length);
  const bytes = Buffer.alloc(size, '.');
  bytes.write(header, 'latin1');
  let at = header.length;
  for (; at + part.length + 2 <= size; at += part.length) part.copy(bytes, at);
  bytes.write('\r\n', size - 2, 'latin1');
  return bytes;
}
