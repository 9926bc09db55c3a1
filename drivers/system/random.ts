/** Random bytes for ids, asked of the system by the page: each call costs as much for 4 KB as for 16 bytes. */
import { randomBytes } from 'node:crypto';

const poolBytes = 4096;

/** Bytes that are given once each. */
export function pooledRandom(): (size: number) => Uint8Array {
  let pool = Buffer.alloc(0);
  let used = 0;
  return (size) => {
    if (size > poolBytes / 4) return randomBytes(size);
    if (used + size > pool.length) {
      pool = randomBytes(poolBytes);
      used = 0;
    }
    used += size;
    return pool.subarray(used - size, used);
  };
}
