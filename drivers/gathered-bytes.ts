/**
 * Bytes gathered from many writes. However small the writes, and however large the buffers that they are views of,
 * it holds little more than the bytes themselves.
 */

/** Shorter writes are copied into blocks. */
const smallBytes = 4 * 1024;
const blockBytes = 16 * 1024;

export class GatheredBytes {
  #parts: Uint8Array[] = [];
  #length = 0;
  /** Being filled; its filled part is the last of `#parts` when `#filling`. */
  #block = Buffer.alloc(0);
  #used = 0;
  #filling = false;

  get length(): number {
    return this.#length;
  }

  add(bytes: Uint8Array): void {
    this.#length += bytes.length;
    if (bytes.length < smallBytes) this.#copy(bytes);
    else {
      // A view of a much larger buffer would keep all of that alive.
      const sparse = bytes.buffer.byteLength > 2 * bytes.length;
      this.#parts.push(sparse ? Uint8Array.from(bytes) : bytes);
      this.#filling = false;
    }
  }

  /** Takes out all of it, in order. */
  take(): readonly Uint8Array[] {
    const parts = this.#parts;
    this.#parts = [];
    this.#length = 0;
    this.#filling = false;
    return parts;
  }

  #copy(bytes: Uint8Array): void {
    if (this.#used + bytes.length > this.#block.length) {
      this.#block = Buffer.allocUnsafeSlow(blockBytes);
      this.#used = 0;
      this.#filling = false;
    }
    const last = this.#filling ? this.#parts.pop() : undefined;
    this.#block.set(bytes, this.#used);
    const start = this.#used - (last?.length ?? 0);
    this.#used += bytes.length;
    this.#parts.push(this.#block.subarray(start, this.#used));
    this.#filling = true;
  }
}
