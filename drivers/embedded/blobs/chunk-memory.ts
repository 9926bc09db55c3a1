/**
 * Memory for chunks that are read and soon let go: cut from larger pieces, for an array of its own costs the collector
 * of garbage more than it takes to read it.
 */

/** Kept as long as any chunk that was cut from it. */
const pieceBytes = 256 * 1024;
/** Of larger chunks there are few for their bytes, and each would keep too much of others'. */
const maxCutBytes = 16 * 1024;

export class ChunkMemory {
  #piece = Buffer.alloc(0);

  /** Not cleared. */
  take(bytes: number): Buffer {
    if (bytes > maxCutBytes) return Buffer.allocUnsafeSlow(bytes);
    if (bytes > this.#piece.length) this.#piece = Buffer.allocUnsafeSlow(pieceBytes);
    const chunk = this.#piece.subarray(0, bytes);
    this.#piece = this.#piece.subarray(bytes);
    return chunk;
  }
}
