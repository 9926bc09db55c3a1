/** Bytes that only their seed and size decide: a check needs no copy of what was written. */
import { createHash } from 'node:crypto';

export function seededBytes(seed: string, size: number): Buffer {
  const block = createHash('sha512').update(seed).digest();
  const bytes = Buffer.alloc(size);
  for (let at = 0; at < size; at += block.length) {
    block.writeUInt32BE(at, 0);
    block.copy(bytes, at);
  }
  return bytes;
}
