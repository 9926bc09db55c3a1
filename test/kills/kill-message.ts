/** Messages that are known again by their id, whatever the server prepends, and whose every octet is checked. */
import { createHash, randomBytes } from 'node:crypto';

export interface KillMessage {
  readonly id: string;
  readonly bytes: Buffer;
  readonly digest: string;
}

const field = 'X-Kill-Test: ';

/** A message of up to 27 KB that is not like any other. */
export function newMessage(random: () => number): KillMessage {
  const id = randomBytes(9).toString('hex');
  const filler = randomBytes(1 + Math.floor(random() ** 3 * 20_000))
    .toString('base64')
    .replace(/(.{76})/g, '$1\r\n');
  const bytes = Buffer.from(`${field}${id}\r\nSubject: kill test\r\n\r\n.${filler}\r\n`);
  return { id, bytes, digest: digestOf(bytes) };
}

/** Which message it is that came back, and the digest of what was sent of it; undefined for one that nobody sent. */
export function recognize(bytes: Buffer): { readonly id: string; readonly digest: string } | undefined {
  const at = bytes.indexOf(field);
  if (at < 0) return undefined;
  const id = bytes.subarray(at + field.length, bytes.indexOf('\r\n', at)).toString();
  return { id, digest: digestOf(bytes.subarray(at)) };
}

function digestOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
