/** Bytes that have come and were not taken yet: a queue of octets over one growing array. */

const nothing = Buffer.alloc(0);

/**
 * Appending copies each octet a bounded number of times however the bytes are split, and not at all while the queue
 * is empty: then the pushed array itself becomes the queue. What is handed out is a view that never changes later,
 * but it keeps its whole array alive: copy what is to be kept for long.
 */
export class ChunkBuffer {
  #store: Buffer = nothing;
  #start = 0;
  #end = 0;
  /** Whether the store was allocated here, so that the room after `#end` may be written to. */
  #owned = false;

  /** Octets that wait. */
  get length(): number {
    return this.#end - this.#start;
  }

  /** Appends; the array is this buffer's to keep. */
  push(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    if (this.length === 0) {
      this.#store = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      this.#start = 0;
      this.#end = bytes.length;
      this.#owned = false;
      return;
    }
    if (!this.#owned || this.#store.length - this.#end < bytes.length) this.#grow(bytes.length);
    this.#store.set(bytes, this.#end);
    this.#end += bytes.length;
  }

  /** All that waits, without taking it. */
  peek(): Buffer {
    return this.#store.subarray(this.#start, this.#end);
  }

  /** Takes the first `octets`, or what there is. */
  take(octets: number): Buffer {
    const taken = this.#store.subarray(this.#start, Math.min(this.#end, this.#start + octets));
    this.skip(octets);
    return taken;
  }

  /** Drops the first `octets`, or what there is. */
  skip(octets: number): void {
    this.#start = Math.min(this.#end, this.#start + octets);
    if (this.#start === this.#end) this.clear();
  }

  clear(): void {
    this.#store = nothing;
    this.#start = this.#end = 0;
    this.#owned = false;
  }

  // A new array rather than moving bytes within the old one: views of it may be out.
  #grow(more: number): void {
    const grown = Buffer.allocUnsafeSlow(Math.max(256, 2 * this.length, this.length + more));
    grown.set(this.peek(), 0);
    this.#end = this.length;
    this.#start = 0;
    this.#store = grown;
    this.#owned = true;
  }
}
