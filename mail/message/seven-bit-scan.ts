/**
 * What has to change in a message for a server without 8BITMIME (RFC 6152 section 3), found while its bytes go by:
 * which bodies are encoded, which labels replaced; or why it cannot be sent there at all. `toSevenBit` does it.
 */
import { contentFields } from './content-type.ts';
import { MimeScanner, type Entity, type MimeVisitor } from './mime-scan.ts';
import { planChanges, type EntityChange, type EntityFacts, type NotConvertible } from './seven-bit-plan.ts';

/** RFC 5321 section 4.5.3.1.6: octets of a line, without its CRLF. */
const maxLineOctets = 998;

export type SevenBitScan =
  /** Nothing is to be done: it can be sent as it is. */
  | { readonly kind: 'sevenBit' }
  | SevenBitPlan
  | { readonly kind: 'impossible'; readonly because: NotConvertible };

/** For `toSevenBit`. */
export interface SevenBitPlan {
  readonly kind: 'convertible';
  /** Whether there are octets above 127; otherwise only lines of more than 998 octets. */
  readonly eightBit: boolean;
  /** Offsets of the parts (part-table.ts). */
  readonly parts: readonly number[];
  /** By the index of the entity. */
  readonly changes: ReadonlyMap<number, EntityChange>;
}

/** Takes a message's bytes in any division. Never fails; memory is bounded as `MimeScanner`'s is. */
export class SevenBitScanner {
  readonly #reader = new EntityReader();
  readonly #mime = new MimeScanner(this.#reader);
  /** Octets above 127, wherever they are. */
  #eightBit = 0;

  /** The next octets; nothing of `chunk` is kept. */
  write(chunk: Uint8Array): void {
    this.#eightBit += countEightBit(chunk);
    this.#mime.write(chunk);
  }

  /** The message is whole. Call it once. */
  finish(): SevenBitScan {
    const parts = this.#mime.finish();
    const { entities } = this.#reader;
    const dirty = this.#eightBit > 0 || entities.some(({ longLines }) => longLines);
    if (!dirty) return { kind: 'sevenBit' };
    const seen = entities.reduce((sum, { inHeader, inBody }) => sum + inHeader + inBody, 0);
    if (seen !== this.#eightBit) return { kind: 'impossible', because: 'header' };
    const found = planChanges(entities, parts);
    if (typeof found === 'string') return { kind: 'impossible', because: found };
    const encodes = [...found.values()].some(({ body }) => body !== undefined);
    if (!encodes) return { kind: 'sevenBit' };
    return { kind: 'convertible', eightBit: this.#eightBit > 0, parts, changes: found };
  }
}

/** Scans a message that is read for it. Rejects when it cannot be read. */
export async function scanSevenBit(bytes: AsyncIterable<Uint8Array>): Promise<SevenBitScan> {
  const scanner = new SevenBitScanner();
  for await (const chunk of bytes) scanner.write(chunk);
  return scanner.finish();
}

class EntityReader implements MimeVisitor {
  readonly entities: EntityFacts[] = [];
  /** The entity whose octets came last, octets of its line so far, and the last of them. */
  #last = -1;
  #column = 0;
  #lastOctet: number | undefined;

  entity({ parent, contentType, header }: Entity): boolean {
    this.#last = -1;
    this.entities.push({
      parent,
      type: contentType.type,
      subtype: contentType.subtype,
      encoding: contentFields(header.fields).encoding,
      cut: header.cut,
      mimeVersion: header.fields.some(({ key }) => key === 'mime-version'),
      inHeader: countEightBit(header.bytes),
      inBody: 0,
      longLines: false,
    });
    return true;
  }

  bodyBytes(index: number, bytes: Uint8Array): void {
    const facts = this.entities[index];
    if (facts === undefined) return;
    if (index !== this.#last) this.#column = 0;
    this.#last = index;
    facts.inBody += countEightBit(bytes);
    facts.longLines ||= this.#hasLongLine(bytes);
    this.#lastOctet = bytes.at(-1);
  }

  #hasLongLine(bytes: Uint8Array): boolean {
    for (let at = 0; at < bytes.length;) {
      const lineEnd = bytes.indexOf(lf, at);
      const end = lineEnd < 0 ? bytes.length : lineEnd;
      this.#column += end - at;
      const last = end > 0 ? bytes[end - 1] : this.#lastOctet;
      // It may be the CR of the line end.
      if (this.#column > maxLineOctets + (last === cr ? 1 : 0)) return true;
      if (lineEnd < 0) return false;
      this.#column = 0;
      at = lineEnd + 1;
    }
    return false;
  }
}

const cr = 0x0d;
const lf = 0x0a;

function countEightBit(bytes: Uint8Array): number {
  let count = 0;
  for (let at = 0; at < bytes.length; at += 1) count += (bytes[at] ?? 0) >> 7;
  return count;
}
