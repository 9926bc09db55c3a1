/** What an upload stores: the prefix and what was written after it, from memory or from the scratch file. */
import type { ScratchFile } from './scratch-file.ts';

export interface Content {
  readonly size: number;
  /** The bytes of a part, in a buffer of their own, so that a request may be repeated with them. */
  bytes(part: { readonly start: number; readonly end: number }): Promise<Buffer>;
}

export function contentInMemory(parts: readonly Uint8Array[]): Content {
  const whole = Buffer.concat(parts);
  return { size: whole.length, bytes: async ({ start, end }) => whole.subarray(start, end) };
}

export function contentInFile(prefix: Uint8Array, file: ScratchFile): Content {
  return {
    size: prefix.length + file.size,
    async bytes({ start, end }) {
      const bytes = Buffer.allocUnsafeSlow(end - start);
      const before = prefix.subarray(start, end);
      bytes.set(before);
      await file.read(bytes.subarray(before.length), start + before.length - prefix.length);
      return bytes;
    },
  };
}
