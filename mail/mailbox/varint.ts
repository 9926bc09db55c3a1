/**
 * Whole numbers in as few octets as they need: seven bits in each, the lowest first, the eighth set where more follow.
 * Negative ones alternate with the others (0, -1, 1, -2 …), so that small ones of either sign are short.
 */
import { DamagedItem } from './types.ts';

const more = 0x80;

/** Numbers, one behind the other; each a safe integer divided by two at most. */
export class VarintWriter {
  readonly #bytes: number[];

  /** Behind these octets. */
  constructor(head: readonly number[] = []) {
    this.#bytes = [...head];
  }

  write(number: number): void {
    let left = number < 0 ? -2 * number - 1 : 2 * number;
    for (; left >= more; left = Math.floor(left / more)) this.#bytes.push((left % more) | more);
    this.#bytes.push(left);
  }

  bytes(): Uint8Array {
    return Uint8Array.from(this.#bytes);
  }
}

export class VarintReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get atEnd(): boolean {
    return this.#at >= this.#bytes.length;
  }

  /** What has not been read. */
  rest(): Uint8Array {
    return this.#bytes.subarray(this.#at);
  }

  /** Throws `DamagedItem` past the end, and where it is no safe integer. */
  read(): number {
    let value = 0;
    for (let factor = 1; ; factor *= more) {
      const byte = this.#bytes[this.#at++];
      if (byte === undefined || factor > Number.MAX_SAFE_INTEGER) throw new DamagedItem('packed number');
      value += (byte & (more - 1)) * factor;
      if (byte < more) break;
    }
    if (!Number.isSafeInteger(value)) throw new DamagedItem('packed number');
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }
}
