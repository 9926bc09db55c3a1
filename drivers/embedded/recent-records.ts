/** Records that count for some minutes only, and then go without a scan: their keys begin with the window of time. */
import type { Clock } from '../../mail/ports/clock.ts';
import type { Records } from './environment.ts';

/** Expired records are taken out this often, in the transaction of whoever adds one. */
const sweepEveryMs = 1000;

/** Values by name, each found for `windowMs` after it was added. */
export class RecentRecords {
  readonly #records: Records;
  readonly #clock: Clock;
  readonly #windowMs: number;
  #sweptAt = 0;
  #addedSinceSweep = 0;

  constructor(options: { readonly records: Records; readonly clock: Clock; readonly windowMs: number }) {
    this.#records = options.records;
    this.#clock = options.clock;
    this.#windowMs = options.windowMs;
  }

  /** What was added under `name` within the last `windowMs`. Within a transaction. */
  find(name: string): Buffer | undefined {
    const now = this.#clock.now();
    const window = this.#windowOf(now);
    for (const where of [window, window - 1]) {
      const found = this.#records.get(keyOf(where, name));
      if (!found) continue;
      const bytes = Buffer.from(found);
      if (now - bytes.readDoubleBE() <= this.#windowMs) return bytes.subarray(8);
    }
    return undefined;
  }

  /** Adds `value` from now on. Within a transaction. */
  add(name: string, value: Uint8Array): void {
    const now = this.#clock.now();
    const at = Buffer.alloc(8);
    at.writeDoubleBE(now);
    void this.#records.put(keyOf(this.#windowOf(now), name), Buffer.concat([at, value]));
    this.#addedSinceSweep++;
    if (Math.abs(now - this.#sweptAt) >= sweepEveryMs) this.#sweep(now);
  }

  /** Takes out twice what came, so that it catches up whatever the rate, and a transaction stays short. */
  #sweep(now: number): void {
    const end = keyOf(this.#windowOf(now) - 1, '');
    const limit = 100 + 2 * this.#addedSinceSweep;
    for (const key of [...this.#records.getKeys({ start: Buffer.alloc(1), end, limit })])
      void this.#records.remove(key);
    this.#sweptAt = now;
    this.#addedSinceSweep = 0;
  }

  #windowOf(now: number): number {
    return Math.floor(now / this.#windowMs);
  }
}

/** Windows first: what has expired stands at the beginning. */
function keyOf(window: number, name: string): Buffer {
  const key = Buffer.alloc(4 + Buffer.byteLength(name));
  key.writeUInt32BE(window);
  key.write(name, 4);
  return key;
}
