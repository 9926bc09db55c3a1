/** Finds a message's header in its bytes as they come. */
import { parseFields, type HeaderFields } from './header.ts';
import { messageLimits } from './limits.ts';

const cr = 0x0d;
const lf = 0x0a;

/** The header of a message, read to its empty line. */
export interface ScannedHeader extends HeaderFields {
  /** Octets, the empty line included; without one, all there is. */
  readonly headerBytes: number;
}

/** Collects octets up to a limit, in one array that grows. */
export class BoundedBytes {
  readonly #maxBytes: number;
  #bytes: Uint8Array = new Uint8Array(0);
  #length = 0;
  #dropped = false;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Whether there was more than it could take. */
  get dropped(): boolean {
    return this.#dropped;
  }

  /** What was collected, valid until the next `add`. */
  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  /** Begins anew, in the same array. */
  clear(): void {
    this.#length = 0;
    this.#dropped = false;
  }

  /** Copies octets `start` to `end` of `chunk`. */
  add(chunk: Uint8Array, start: number, end: number): void {
    const taken = Math.min(end - start, this.#maxBytes - this.#length);
    if (taken < end - start) this.#dropped = true;
    if (taken <= 0) return;
    const needed = this.#length + taken;
    if (needed > this.#bytes.length) this.#grow(needed);
    this.#bytes.set(chunk.subarray(start, start + taken), this.#length);
    this.#length = needed;
  }

  #grow(needed: number): void {
    const grown = Buffer.allocUnsafe(
      Math.min(this.#maxBytes, Math.max(1024, needed, this.#bytes.length * 2)),
    );
    grown.set(this.bytes);
    this.#bytes = grown;
  }
}

export interface HeaderScannerLimits {
  readonly maxBytes: number;
  readonly maxFields: number;
}

/**
 * Takes a message's first bytes until its header is whole; for who has to look at the fields before the message is
 * stored. Memory is bounded by the limits, which are those of a stored message unless others are given.
 */
export class HeaderScanner {
  readonly #collected: BoundedBytes;
  readonly #maxFields: number;
  #headerBytes = 0;
  /** What the line so far holds: nothing, only a CR, or more. */
  #line: 'empty' | 'cr' | 'text' = 'empty';
  #ended = false;

  constructor(limits?: HeaderScannerLimits) {
    this.#collected = new BoundedBytes(limits?.maxBytes ?? messageLimits.maxHeaderBytes);
    this.#maxFields = limits?.maxFields ?? messageLimits.maxHeaderFields;
  }

  /** Whether the empty line has come. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Octets so far of the header, its empty line included. */
  get headerBytes(): number {
    return this.#headerBytes;
  }

  /** The header's octets so far; undefined where there were more than the limit. */
  get bytes(): Uint8Array | undefined {
    return this.#collected.dropped ? undefined : this.#collected.bytes;
  }

  /** Reads on; after the header's end it does nothing. Says whether the header has ended. */
  write(chunk: Uint8Array): boolean {
    if (this.#ended) return true;
    let at = 0;
    while (at < chunk.length && !this.#ended) at = this.#step(chunk, at);
    this.#collected.add(chunk, 0, at);
    this.#headerBytes += at;
    return this.#ended;
  }

  #step(chunk: Uint8Array, at: number): number {
    if (this.#line === 'text') {
      const lineEnd = chunk.indexOf(lf, at);
      if (lineEnd < 0) return chunk.length;
      this.#line = 'empty';
      return lineEnd + 1;
    }
    const byte = chunk[at];
    if (byte === lf) this.#ended = true;
    else this.#line = byte === cr && this.#line === 'empty' ? 'cr' : 'text';
    return at + 1;
  }

  /** The header; without an empty line, all that was written. */
  finish(): ScannedHeader {
    const { bytes, dropped } = this.#collected;
    const found = parseFields(bytes, { goesOn: dropped, maxFields: this.#maxFields });
    return { ...found, headerBytes: this.#headerBytes };
  }
}

/** The header of a message that is at hand. */
export function scanHeader(bytes: Uint8Array): ScannedHeader {
  const scanner = new HeaderScanner();
  scanner.write(bytes);
  return scanner.finish();
}
