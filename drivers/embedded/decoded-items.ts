/**
 * Items that were decoded a moment ago, by key: what is read for every message (a domain, an account, a mailbox) is
 * decoded once for each change of it. Whether it changed is seen in its bytes, whoever changed it.
 */
import type { Item, Key } from '../../mail/ports/table.ts';
import type { Attributes } from './item-codec.ts';

interface Decoded {
  readonly bytes: Buffer;
  readonly item: Item;
}

const maxItems = 4_000;
/** Of an item's bytes: large ones are blocks of a mailbox, of which a process reads many once. */
const maxItemBytes = 2048;

export class DecodedItems {
  readonly #decode: (bytes: Uint8Array) => Attributes;
  /** The older half, and the newer one: what is used moves into the newer, and the older goes as a whole. */
  #older = new Map<string, Decoded>();
  #newer = new Map<string, Decoded>();

  constructor(decode: (bytes: Uint8Array) => Attributes) {
    this.#decode = decode;
  }

  /** The item with that key and these bytes, which are read before this returns. It is shared: nobody can change it. */
  item({ pk, sk }: Key, bytes: Uint8Array): Item {
    if (bytes.length > maxItemBytes) return this.#decodeItem({ pk, sk }, Buffer.from(bytes));
    const key = `${pk}\0${sk}`;
    const known = this.#newer.get(key) ?? this.#older.get(key);
    const decoded =
      known !== undefined && known.bytes.equals(bytes) ? known : this.#decodeNew({ pk, sk }, bytes);
    if (this.#newer.size >= maxItems / 2) {
      this.#older = this.#newer;
      this.#newer = new Map();
    }
    this.#newer.set(key, decoded);
    return decoded.item;
  }

  /** From a copy: what is decoded lies in the bytes that it came from. */
  #decodeNew(key: Key, bytes: Uint8Array): Decoded {
    const kept = Buffer.from(bytes);
    return { bytes: kept, item: this.#decodeItem(key, kept) };
  }

  #decodeItem({ pk, sk }: Key, bytes: Uint8Array): Item {
    return Object.freeze({ ...this.#decode(bytes), pk, sk });
  }
}
